import type { Release } from "../../model/release.ts";
import { scanArchive } from "../archive/scan.ts";
import { parseManifest } from "../manifest.ts";
import { indexedPackage } from "../protocol/index-line.ts";
import { parseTypes } from "../protocol/types-document.ts";
import type { Visitor } from "./access.ts";
import { mayRead } from "./access.ts";
import { type FindKnown, type KnownPackage, sourcesOf } from "./inspect.ts";
import type { PackageState, VersionState } from "./package-state.ts";
import type { Registry } from "./registry.ts";

/** What packages are looked up in. */
export type KnownParts = Pick<Registry, "bundled" | "storage" | "views">;

/**
 * What a publisher's package may be compiled against: what ships with unipkg, and the registry's packages that the
 * publisher may read, those of upstreams among them. Names that ship with unipkg are its own.
 */
export function knownTo(visitor: Visitor, registry: Registry): FindKnown {
  const { storage, policy } = registry;
  return knownAs(registry, async (name) => {
    await registry.upstreams.bring(name, visitor, policy.anonymous);
    const state = storage.state.packages.get(name);
    const isKnown = state !== undefined && mayRead(storage.state, visitor, state, policy.anonymous);
    return isKnown ? state : null;
  });
}

/**
 * What ships with unipkg, and the packages that a function chooses.
 *
 * @param choose a package of this name; null when it is to be unknown
 */
export function knownAs(
  parts: KnownParts,
  choose: (name: string) => Promise<PackageState | null> | PackageState | null,
): FindKnown {
  const remembered = new Map<string, Promise<readonly KnownPackage[]>>();
  const find = async (name: string): Promise<readonly KnownPackage[]> => {
    const shipped = parts.bundled.releases(name);
    if (shipped.length > 0) return shipped.map((release) => ofBundled(release, parts));
    const state = await choose(name);
    const versions = [...(state?.versions.values() ?? [])].filter((each) => !each.unpublished);
    return Promise.all(versions.map((each) => ofVersion(each, name, parts)));
  };
  return (name) => {
    const known = remembered.get(name) ?? find(name);
    remembered.set(name, known);
    return known;
  };
}

/** A release as the registry stored it. */
export async function storedRelease(
  version: Pick<VersionState, "document" | "types" | "yanked">,
  registry: Pick<KnownParts, "storage" | "views">,
): Promise<Release> {
  const { line } = await registry.views.document(version);
  const manifest = parseManifest(JSON.stringify(line.package), "package.json");
  if (!manifest.ok) throw new Error(`a stored manifest is damaged: ${version.document}`);
  const none = { signature: null, provided: {}, uses: {} };
  const text = version.types === null ? null : await registry.storage.getBlob(version.types);
  const types = text === null ? none : parseTypes(text.toString("utf8"));
  return {
    manifest: { ...manifest.value, yanked: version.yanked },
    integrity: line.integrity,
    ...types,
    effects: line.effects,
  };
}

async function ofVersion(
  version: VersionState,
  name: string,
  registry: KnownParts,
): Promise<KnownPackage> {
  const release = await storedRelease(version, registry);
  return {
    release,
    source: async () => {
      const archive = await registry.storage.getBlob(version.archive);
      const scanned = archive === null ? null : scanArchive(archive, `${name}@${version.version}`);
      if (scanned?.ok !== true)
        throw new Error(`the archive of ${name}@${version.version} is lost`);
      const { line } = await registry.views.document(version);
      return {
        package: line.package,
        integrity: release.integrity,
        sources: sourcesOf(scanned.value.files),
      };
    },
  };
}

function ofBundled(release: Release, { bundled }: KnownParts): KnownPackage {
  const { name, version } = release.manifest;
  return {
    release,
    source: async () => {
      const paths = bundled.files(name, version).filter((path) => path.endsWith(".ts"));
      const packageJson = JSON.parse(bundled.read(name, version, "package.json") ?? "{}");
      return {
        package: indexedPackage(packageJson),
        integrity: release.integrity,
        sources: Object.fromEntries(
          paths.map((path) => [path, bundled.read(name, version, path) ?? ""]),
        ),
      };
    },
  };
}
