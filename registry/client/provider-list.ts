import { isPackageName, scopeOf } from "../protocol/package-name.ts";

/**
 * Who provides an interface, for registries that cannot tell: a package of npm's in each scope whose `package.json`
 * says it. It is not linked into anything, and what it says is believed for a look at the named packages only.
 */
export function providerListName(scope: string): string {
  return `@${scope}/unipkg-providers`;
}

/** Interface -> names of packages, sorted. */
export type ProviderList = ReadonlyMap<string, readonly string[]>;

/** A version of a list. */
export interface ListVersion {
  readonly version: string;
  readonly list: ProviderList;
}

/**
 * Reads the newest list of a packument. Throws a sentence when it is none; names of other scopes are left out, so that a
 * scope speaks for itself alone.
 */
export function readProviderList(text: string, scope: string): ListVersion {
  const document = record(JSON.parse(text), "it");
  const version = record(document["dist-tags"], "dist-tags")["latest"];
  const versions = record(document["versions"], "versions");
  if (typeof version !== "string" || !Object.hasOwn(versions, version)) {
    throw new Error("it has no latest version");
  }
  const block = record(record(versions[version], version)["unipkgProviders"], "unipkgProviders");
  if (block["format"] !== 1) throw new Error("it is of an unknown format");
  const list = new Map<string, readonly string[]>();
  for (const [of, names] of Object.entries(record(block["providers"], "providers"))) {
    if (!Array.isArray(names)) throw new Error(`what it has for ${of} is no list`);
    const own = names.filter(
      (name): name is string =>
        typeof name === "string" && isPackageName(name) && scopeOf(name) === scope,
    );
    list.set(of, own);
  }
  return { version, list };
}

function record(value: unknown, what: string): Readonly<Record<string, unknown>> {
  if (typeof value !== "object" || value === null || Array.isArray(value)) {
    throw new Error(`${what} is not an object`);
  }
  return value as Readonly<Record<string, unknown>>;
}
