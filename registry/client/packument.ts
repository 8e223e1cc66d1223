import valid from "semver/functions/valid.js";
import { parseManifest } from "../manifest.ts";
import { sha512Of } from "../protocol/digest.ts";
import { indexedPackage } from "../protocol/index-line.ts";
import { parseTypes, readEffects } from "../protocol/types-document.ts";
import { readSignatures } from "../trust/registry-key.ts";
import { type ExtractedVersion, type RemoteVersion, withState } from "./remote-version.ts";

/**
 * The versions of a packument that are packages of unipkg. Tolerant of what registries leave out (times, tags,
 * signatures); strict in what a lie could hide in. Throws a sentence when the document is no packument of this name.
 *
 * @param refused gets what is wrong with a version that is left out
 */
export function readPackument(
  text: string,
  name: string,
  registry: string,
  refused: (version: string, reason: string) => void,
): readonly RemoteVersion[] {
  if (nesting(text) > 64) throw new Error("it is nested too deep");
  const document = record(JSON.parse(text), "it");
  if (document["name"] !== name) throw new Error(`it is about ${String(document["name"])}`);
  const times = isRecord(document["time"]) ? document["time"] : {};
  const versions: RemoteVersion[] = [];
  for (const [version, value] of Object.entries(record(document["versions"] ?? {}, "versions"))) {
    // A package of npm's own world is none of ours.
    if (!isRecord(value) || !Object.hasOwn(value, "unipkg")) continue;
    try {
      const published = Object.hasOwn(times, version) ? String(times[version]).slice(0, 40) : "";
      versions.push(readVersion(value, name, version, registry, published));
    } catch (error) {
      refused(version, (error as Error).message);
    }
  }
  return versions;
}

function readVersion(
  value: Readonly<Record<string, unknown>>,
  name: string,
  version: string,
  registry: string,
  published: string,
): RemoteVersion {
  if (valid(version) !== version) throw new Error("its number is no version");
  const manifest = parseManifest(JSON.stringify(indexedPackage(value)), "package.json");
  if (!manifest.ok) throw new Error(manifest.problems[0]!.message);
  if (manifest.value.name !== name || manifest.value.version !== version) {
    throw new Error(`its manifest is of ${manifest.value.name}@${manifest.value.version}`);
  }
  const dist = record(value["dist"], "dist");
  const archive = sha512Of(dist["integrity"]);
  if (archive === null) throw new Error("it has no SHA-512 of its archive");
  const { tarball } = dist;
  if (typeof tarball !== "string" || !URL.canParse(tarball, registry)) {
    throw new Error("it has no address of its archive");
  }
  const { deprecated } = value;
  const extracted = isRecord(value["unipkgRelease"]) ? readExtracted(value["unipkgRelease"]) : null;
  const yanked = isRecord(value["unipkgRelease"]) && value["unipkgRelease"]["yanked"] === true;
  return {
    ...{ registry, name, version, archive, published, released: null, extracted },
    manifest: withState(manifest.value, {
      yanked,
      deprecated: typeof deprecated === "string" && deprecated !== "" ? deprecated : null,
    }),
    archiveUrl: new URL(tarball, registry).href,
    signatures: readSignatures(dist["signatures"]),
    ...{ derived: false, offered: null },
  };
}

/** What a publisher with unipkg put beside the manifest, and ours leave the types out of; null without types. */
function readExtracted(value: Readonly<Record<string, unknown>>): ExtractedVersion | null {
  const integrity = sha512Of(value["integrity"]);
  if (value["format"] !== 1 || integrity === null) return null;
  const { signature, provided, uses } = value;
  if (signature === undefined || provided === undefined || uses === undefined) return null;
  return {
    integrity,
    effects: readEffects(value["effects"]),
    types: parseTypes(JSON.stringify({ signature, provided, uses })),
  };
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function record(value: unknown, what: string): Readonly<Record<string, unknown>> {
  if (!isRecord(value)) throw new Error(`${what} is not an object`);
  return value;
}

function nesting(text: string): number {
  let depth = 0;
  let most = 0;
  let inString = false;
  for (let at = 0; at < text.length; at++) {
    const code = text.charCodeAt(at);
    if (inString) {
      if (code === 0x5c) at++;
      else if (code === 0x22) inString = false;
    } else if (code === 0x22) inString = true;
    else if (code === 0x7b || code === 0x5b) most = Math.max(most, ++depth);
    else if (code === 0x7d || code === 0x5d) depth--;
  }
  return most;
}
