import type { EffectUse } from "../../model/effect.ts";
import type { Manifest } from "../../model/manifest.ts";
import { parseManifest } from "../manifest.ts";
import { type RegistrySignature, readSignatures } from "../trust/registry-key.ts";
import { sha512Of } from "./digest.ts";
import { readEffects } from "./types-document.ts";

/**
 * What the sparse index has of one version, on a line of JSON (docs/registry.md, "The sparse index"): enough to
 * solve with, but for the types, which are in a document of their own.
 */
export interface IndexLine {
  /** As the archive's own `package.json` says it. */
  readonly manifest: Manifest;
  /** `sha512-…` over the package's files (registry/integrity). */
  readonly integrity: string;
  /** `sha512-…` over the bytes of the archive. */
  readonly archive: string;
  /** Bytes of the archive. */
  readonly size: number;
  /** `sha512-…` of the types document; null when the package has no module. */
  readonly types: string | null;
  readonly effects: readonly EffectUse[];
  /** When the registry took it, ISO 8601. */
  readonly published: string;
  /** When its upstream says that it was published there; null for a package of the registry's own. */
  readonly released: string | null;
  readonly yanked: boolean;
  readonly deprecated: string | null;
  /** When the registry offers it, ISO 8601: before, only those take it who ask for this version. Null for always. */
  readonly offered: string | null;
  /** Of the registry; what they are worth is not known yet. */
  readonly signatures: readonly RegistrySignature[];
}

/** The part of a `package.json` that is in the index: what unipkg reads of it. */
export type IndexedPackage = Readonly<Record<string, unknown>>;

export function indexedPackage(packageJson: Readonly<Record<string, unknown>>): IndexedPackage {
  const kept = ["name", "version", "description", "license", "unipkg"];
  return Object.fromEntries(
    kept.filter((key) => packageJson[key] !== undefined).map((key) => [key, packageJson[key]]),
  );
}

/** What never changes of a version; `package` is what `indexedPackage` kept. */
export interface StoredLine {
  readonly package: IndexedPackage;
  readonly integrity: string;
  readonly archive: string;
  readonly size: number;
  readonly types: string | null;
  readonly effects: readonly EffectUse[];
  readonly published: string;
}

export function formatIndexLine(
  line: StoredLine,
  state: Pick<IndexLine, "released" | "yanked" | "deprecated" | "offered" | "signatures">,
): string {
  return JSON.stringify({
    ...line,
    ...(state.released === null ? {} : { released: state.released }),
    ...(state.yanked ? { yanked: true } : {}),
    ...(state.deprecated === null ? {} : { deprecated: state.deprecated }),
    ...(state.offered === null ? {} : { offered: state.offered }),
    ...(state.signatures.length === 0 ? {} : { signatures: state.signatures }),
  });
}

/** Reads one line of a stranger's index; throws a sentence when anything in it is not as it should be. */
export function parseIndexLine(text: string, name: string): IndexLine {
  const line = parsed(text) as Partial<Record<keyof StoredLine | keyof IndexLine, unknown>>;
  if (typeof line !== "object" || line === null) throw new Error("a line is not an object");
  const manifest = parseManifest(JSON.stringify(line.package ?? null), "package.json");
  if (!manifest.ok) throw new Error(manifest.problems[0]!.message);
  if (manifest.value.name !== name) {
    throw new Error(`it is about ${manifest.value.name}, and ${name} was asked for`);
  }
  const { version } = manifest.value;
  const sri = (value: unknown, what: string) => {
    const found = sha512Of(value);
    if (found === null) throw new Error(`${version} has no SHA-512 of its ${what}`);
    return found;
  };
  return {
    manifest: manifest.value,
    integrity: sri(line.integrity, "content"),
    archive: sri(line.archive, "archive"),
    size: Number.isSafeInteger(line.size) ? (line.size as number) : 0,
    types: line.types === null ? null : sri(line.types, "types"),
    effects: readEffects(line.effects),
    published: typeof line.published === "string" ? line.published.slice(0, 40) : "",
    released: typeof line.released === "string" ? line.released.slice(0, 40) : null,
    yanked: line.yanked === true,
    deprecated: typeof line.deprecated === "string" ? line.deprecated : null,
    offered: typeof line.offered === "string" ? line.offered.slice(0, 40) : null,
    signatures: readSignatures(line.signatures),
  };
}

/** The engine's own words differ from version to version. */
function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    throw new Error("a line is no JSON");
  }
}
