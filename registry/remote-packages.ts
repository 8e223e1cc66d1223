import { accepts } from "../model/accepts.ts";
import type { Requirement } from "../model/manifest.ts";
import { failed, ok, type Problem, type Result } from "../model/problem.ts";
import type { Release, Universe } from "../model/release.ts";
import { type Catalog, type FreshSource, findInCatalog, type PackageId } from "./catalog.ts";
import { reach, type Wanted } from "./client/closure.ts";
import type { Registries } from "./client/registries.ts";
import { extractCached } from "./extraction-cache.ts";
import { newestIn } from "./newest.ts";
import { type Entry, PackageMap, sourceOf } from "./package-map.ts";

/** What was added of registries, beside entries of the map. */
export interface AddedPackages {
  /** Packages of registries that know nothing of types: they were fetched, and have to be read first. */
  readonly sources: readonly FreshSource[];
  readonly unmapped: readonly string[];
}

/** Adds every package of registries that a solve can come to, without their files. */
export async function addRemotePackages(
  { wanted, registries }: { readonly wanted: Wanted; readonly registries: Registries },
  packages: PackageMap,
  fresh: readonly FreshSource[],
): Promise<Result<AddedPackages>> {
  const local = universeOf(packages, fresh);
  const reached = await reach(wanted, local, registries.config, registries);
  if (!reached.ok) return reached;
  const results = await Promise.all(
    reached.value.versions.map(async (version): Promise<Result<Entry | FreshSource>> => {
      if (version.extracted === null) {
        const opened = await registries.obtain(version);
        if (!opened.ok) return opened;
        const integrity = opened.value.integrity();
        if (!integrity.ok) return integrity;
        const { manifest } = version;
        return ok({ ...opened.value, manifest, integrity: integrity.value, remote: version });
      }
      const { integrity, effects } = version.extracted;
      const called = `${version.name}@${version.version}`;
      const types = await registries.at(version.registry).types(version.extracted, called);
      if (!types.ok) return types;
      const release: Release = { manifest: version.manifest, integrity, effects, ...types.value };
      return ok({ folder: registries.folderOf(version), release, remote: version });
    }),
  );
  const problems: Problem[] = [];
  const sources: FreshSource[] = [];
  for (const result of results) {
    if (!result.ok) problems.push(...result.problems);
    else if ("release" in result.value) packages.add(result.value);
    else sources.push(result.value);
  }
  return problems.length > 0
    ? failed(...problems)
    : ok({ sources, unmapped: reached.value.unmapped });
}

/**
 * Brings the files of packages here. A registry that takes a publisher's word for types and effects is not believed:
 * they are read from the files, and must be what the solver was told (UP803).
 */
export async function obtainPackages(
  ids: readonly PackageId[],
  packages: PackageMap,
  catalog: Catalog,
  registries: Registries,
  cache: string | null,
): Promise<Result<null>> {
  const entries = ids.flatMap(({ name, version }) => {
    const entry = packages.get(name, version);
    return entry?.remote === undefined ? [] : [entry];
  });
  const verified = await registries.verify(entries.flatMap(({ remote }) => remote ?? []));
  if (!verified.ok) return verified;
  const brought = await obtainAll(entries, registries);
  if (!brought.ok) return brought;
  for (const entry of entries) {
    const { remote, release } = entry;
    if (remote?.derived !== false || remote.extracted === null) continue;
    const needed = await obtainRequired(release.manifest.requires, packages, registries);
    if (!needed.ok) return needed;
    const extracted = await extractCached(sourceOf(entry), findInCatalog(catalog), cache);
    if (!extracted.ok) return extracted;
    const lies = liesOf(release, { ...release, ...extracted.value });
    if (lies.length > 0) {
      const { name, version } = release.manifest;
      return failed({
        code: "UP803",
        message: `${name}@${version} is not what ${remote.registry} says of it`,
        details: lies,
        hint: "whoever published it told other types or effects than its sources have: do not use it",
      });
    }
  }
  return ok(null);
}

/** Brings what sources with these requirements are compiled against: of each the newest in the range, and so on. */
export async function obtainRequired(
  requires: readonly Requirement[],
  packages: PackageMap,
  registries: Registries,
): Promise<Result<null>> {
  const chosen = new Set<Entry>();
  const queue = [...requires];
  for (let next = queue.shift(); next !== undefined; next = queue.shift()) {
    const candidates = packages
      .of(next.of)
      .map((entry) => ({ manifest: entry.release.manifest, entry }));
    const entry = newestIn(candidates, next.range)?.entry;
    if (entry === undefined || chosen.has(entry)) continue;
    chosen.add(entry);
    queue.push(...entry.release.manifest.requires);
  }
  return obtainAll([...chosen], registries);
}

async function obtainAll(entries: readonly Entry[], registries: Registries): Promise<Result<null>> {
  const results = await Promise.all(
    entries.flatMap(({ remote }) => (remote === undefined ? [] : [registries.obtain(remote)])),
  );
  const problems = results.flatMap((result) => (result.ok ? [] : result.problems));
  return problems.length > 0 ? failed(...problems) : ok(null);
}

/** What a package does, or does not, other than it was said. */
function liesOf(said: Release, is: Release): string[] {
  const effects = said.effects.map(({ effect }) => effect);
  const hidden = is.effects.filter(({ effect }) => !effects.includes(effect));
  const differences = Object.entries(said.provided).flatMap(([name, signature]) =>
    accepts(signature, is.provided[name] ?? { exports: {} }).map(
      (each) => `${name}: ${each.item}: ${each.message}`,
    ),
  );
  const own = accepts(said.signature ?? { exports: {} }, is.signature ?? { exports: {} });
  return [
    ...hidden.map(
      (use) => `the effect ${use.effect} is not told, at ${use.place.file}:${use.place.line}`,
    ),
    ...differences,
    ...own.map((each) => `${each.item}: ${each.message}`),
  ];
}

/** The local packages, with those that are not extracted yet by their manifests alone. */
function universeOf(packages: PackageMap, fresh: readonly FreshSource[]): Universe {
  const all = new PackageMap();
  for (const name of packages.names()) for (const entry of packages.of(name)) all.add(entry);
  for (const { folder, manifest, integrity } of fresh) {
    const release = { manifest, integrity, signature: null, provided: {}, uses: {}, effects: [] };
    all.add({ folder, release });
  }
  const releases = all.names().flatMap((name) => all.of(name).map((each) => each.release));
  return {
    releases: (name) => all.of(name).map((each) => each.release),
    providers: (of) =>
      releases.filter(({ manifest }) => manifest.provides.some((each) => each.interface === of)),
    names: () => all.names(),
  };
}
