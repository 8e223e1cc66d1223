import valid from "semver/functions/valid.js";
import { sha512Of } from "../../protocol/digest.ts";
import { isObject, objectIn } from "../exchange.ts";

/** What is kept of an upstream's document of a package: a blob of JSON. */
export interface ProxiedDocument {
  readonly format: 1;
  readonly name: string;
  readonly tags: Readonly<Record<string, string>>;
  readonly versions: Readonly<Record<string, ProxiedVersion>>;
}

export interface ProxiedVersion {
  /** As the upstream has it, without `dist`. */
  readonly manifest: Readonly<Record<string, unknown>>;
  /** `sha512-…` over the archive's bytes: of the first document that had this version, and never another. */
  readonly archive: string;
  /** SHA-1, hexadecimal, if the upstream has one: for old clients of npm. */
  readonly shasum: string | null;
  /** Where the upstream has the archive. */
  readonly url: string;
  /** ISO 8601, as the upstream says; null when it does not. */
  readonly released: string | null;
  /** The upstream does not have it any more. */
  readonly gone: boolean;
}

export interface ReadDocument {
  readonly document: ProxiedDocument;
  /** Versions whose bytes are others than before: those from before are kept. */
  readonly changed: readonly string[];
  /** Whether versions were left out that are too young. */
  readonly held: boolean;
}

/** What a document is read against. */
export interface DocumentOptions {
  readonly name: string;
  /** Address of the upstream. */
  readonly url: string;
  /** What was kept of it before; null the first time. */
  readonly before: ProxiedDocument | null;
  /** Milliseconds since 1970: younger versions are left out; null when there is no such limit. */
  readonly notAfter: number | null;
}

/**
 * Reads an upstream's document of a package, npm's full form, and goes on from what is known: a version never gets other
 * bytes, and one that is not there any more stays, as withdrawn. Versions without a SHA-512 are left out. Throws a
 * sentence when it is no such document.
 *
 * @param body null when the upstream has no such package any more
 */
export function readUpstreamDocument(body: Buffer | null, options: DocumentOptions): ReadDocument {
  const { name, before } = options;
  const document = body === null ? { name, versions: {} } : objectIn({ body });
  if (document === null)
    throw new Error("it is no JSON object, is nested too deep, or has the key __proto__");
  if (document["name"] !== name)
    throw new Error(`it is about ${String(document["name"]).slice(0, 80)}`);
  const times = isObject(document["time"]) ? document["time"] : {};
  const versions = new Map<string, ProxiedVersion>();
  const changed: string[] = [];
  let held = false;
  for (const [version, value] of Object.entries(objectOf(document["versions"]))) {
    const read = readVersion(value, name, version, timeOf(times, version), options.url);
    if (read === null) continue;
    const known = knownVersion(before, version);
    if (known !== null && known.archive !== read.archive) {
      changed.push(version);
      versions.set(version, known);
    } else if (known === null && isTooYoung(read, options.notAfter)) held = true;
    else versions.set(version, read);
  }
  for (const [version, known] of Object.entries(before?.versions ?? {})) {
    if (!versions.has(version)) versions.set(version, { ...known, gone: true });
  }
  const tags = Object.entries(objectOf(document["dist-tags"])).flatMap(([tag, version]) =>
    typeof version === "string" && versions.has(version) ? [[tag, version]] : [],
  );
  return {
    document: {
      ...{ format: 1, name },
      tags: Object.fromEntries(tags),
      versions: Object.fromEntries(versions),
    },
    ...{ changed, held },
  };
}

/** A version of a document; null when it has none of this number. */
export function knownVersion(
  document: ProxiedDocument | null,
  version: string,
): ProxiedVersion | null {
  const versions = document?.versions ?? {};
  return Object.hasOwn(versions, version) ? versions[version]! : null;
}

/** What an upstream says later of a version: that it was withdrawn or is deprecated. */
export function standing(
  document: ProxiedDocument,
  version: string,
): { readonly yanked: boolean; readonly deprecated: string | null } {
  const proxied = knownVersion(document, version);
  const { deprecated, unipkgRelease } = proxied?.manifest ?? {};
  const isWithdrawn = (unipkgRelease as { readonly yanked?: unknown } | undefined)?.yanked === true;
  return {
    yanked: isWithdrawn || proxied?.gone !== false,
    deprecated:
      typeof deprecated === "string" && deprecated !== "" ? deprecated.slice(0, 1000) : null,
  };
}

function readVersion(
  value: unknown,
  name: string,
  version: string,
  released: string | null,
  upstream: string,
): ProxiedVersion | null {
  if (!isObject(value) || version.length > 256 || valid(version) !== version) return null;
  const { dist, ...manifest } = value;
  if (!isObject(dist) || manifest["name"] !== name || manifest["version"] !== version) return null;
  const archive = sha512Of(dist["integrity"]);
  const { tarball, shasum } = dist;
  if (archive === null || typeof tarball !== "string" || !URL.canParse(tarball, upstream))
    return null;
  return {
    ...{ manifest, archive, released, gone: false },
    shasum: typeof shasum === "string" && /^[0-9a-f]{40}$/.test(shasum) ? shasum : null,
    url: new URL(tarball, upstream).href,
  };
}

/** One whose age the upstream does not tell is too young for ever. */
function isTooYoung({ released }: ProxiedVersion, notAfter: number | null): boolean {
  return notAfter !== null && !(released !== null && Date.parse(released) <= notAfter);
}

function timeOf(times: Readonly<Record<string, unknown>>, version: string): string | null {
  const text = Object.hasOwn(times, version) ? times[version] : null;
  const time = typeof text === "string" ? Date.parse(text) : Number.NaN;
  return Number.isNaN(time) ? null : new Date(time).toISOString();
}

function objectOf(value: unknown): Readonly<Record<string, unknown>> {
  return isObject(value) ? value : {};
}
