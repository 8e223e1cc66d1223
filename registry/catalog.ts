import { readFileSync } from "node:fs";
import { dirname, join, resolve } from "node:path";
import type { Requirement } from "../model/manifest.ts";
import { failed, ok, type Problem, type Result } from "../model/problem.ts";
import type { Release, Universe } from "../model/release.ts";
import type { Wanted } from "./client/closure.ts";
import type { Registries } from "./client/registries.ts";
import type { RemoteVersion } from "./client/remote-version.ts";
import { extractCached, type FindIdentified, type IdentifiedSource } from "./extraction-cache.ts";
import { newestIn } from "./newest.ts";
import { type FolderSource, readInside } from "./package-folder.ts";
import { type Entry, filesOf, PackageMap, sourceOf } from "./package-map.ts";
import { scanPackages } from "./package-scan.ts";

/** The packages at hand, with their files. */
export interface Catalog extends Universe {
  /** Text of a package's file, null when there is no such package or file. Read when asked for. */
  read(name: string, version: string, file: string): string | null;
  /** Where a package's files are (a target's C runtime is compiled there); null when it is not here. */
  folder(name: string, version: string): string | null;
  /** Paths of a package's files, sorted; empty when it is not here. */
  files(name: string, version: string): readonly string[];
  /** Where a package is from: what its registry said of it; null for one that ships with unipkg or is in a folder. */
  origin(name: string, version: string): RemoteVersion | null;
  /** Brings the files of packages here that are only known by an index so far, and checks them against it. */
  obtain(packages: readonly PackageId[]): Promise<Result<null>>;
  /** Brings the packages here that sources with these requirements are compiled against. */
  obtainFor(requires: readonly Requirement[]): Promise<Result<null>>;
  /** Names that were looked for, but whose scope has no registry. */
  readonly unmapped: readonly string[];
}

/** One version of a package. */
export interface PackageId {
  readonly name: string;
  readonly version: string;
}

export interface CatalogOptions {
  /** Index of the packages that ship with unipkg (registry/build-catalog). */
  readonly bundled: string;
  /** Folders with further packages, absolute: an author's own libraries. */
  readonly folders: readonly string[];
  /** Where what was extracted from those is kept; null for nowhere. */
  readonly cache: string | null;
  /** What is wanted of registries; absent when none is configured. */
  readonly remote?: { readonly wanted: Wanted; readonly registries: Registries };
}

/** `dist/catalog.json`. */
export interface CatalogIndex {
  readonly format: 1;
  /** The folder that package folders are in, relative to the index. */
  readonly root: string;
  /** Sorted by name, then newest first. */
  readonly packages: readonly { readonly folder: string; readonly release: Release }[];
}

/**
 * Opens the bundled catalog and the packages of further folders, whose types are extracted now unless
 * they were before, and what is wanted of registries. One name and version with two contents is UP203.
 */
export async function openCatalog(options: CatalogOptions): Promise<Result<Catalog>> {
  const bundled = readIndex(options.bundled);
  if (!bundled.ok) return bundled;
  const packages = new PackageMap();
  for (const entry of bundled.value) packages.add(entry);
  const scanned = options.folders.map((folder) => scanPackages(folder));
  const problems = scanned.flatMap((result) => (result.ok ? [] : result.problems));
  const found = scanned.flatMap((result) => (result.ok ? result.value : []));
  const sources: FolderSource[] = [];
  for (const opened of found) {
    // An app is a root, never a part.
    if (opened.manifest.kind === "app") continue;
    const integrity = opened.integrity();
    if (!integrity.ok) problems.push(...integrity.problems);
    else sources.push({ ...opened, integrity: integrity.value });
  }
  const fresh: FreshSource[] = [...withoutDuplicates(sources, packages, problems)];
  if (problems.length > 0) return failed(...problems);
  let unmapped: readonly string[] = [];
  if (options.remote !== undefined) {
    const { addRemotePackages } = await import("./remote-packages.ts");
    const added = await addRemotePackages(options.remote, packages, fresh);
    if (!added.ok) return added;
    fresh.push(...added.value.sources);
    unmapped = added.value.unmapped;
  }
  const find = findAmong(fresh, packages);
  const catalog = catalogOf(packages, unmapped, options);
  if (options.remote !== undefined) {
    const brought = await catalog.obtainFor(fresh.flatMap(({ manifest }) => manifest.requires));
    if (!brought.ok) return brought;
  }
  for (const source of fresh) {
    const extracted = await extractCached(source, find, options.cache);
    if (!extracted.ok) problems.push(...extracted.problems.map((each) => ofPackage(each, source)));
    else {
      const { manifest, integrity, folder, remote } = source;
      const release = { manifest, integrity, ...extracted.value };
      packages.add({ folder, release, ...(remote === undefined ? {} : { remote }) });
    }
  }
  return problems.length > 0 ? failed(...problems) : ok(catalogOf(packages, unmapped, options));
}

/** A package in a folder whose types are not known yet; one from a registry that knows none, perhaps. */
export interface FreshSource extends FolderSource {
  readonly remote?: RemoteVersion;
}

function catalogOf(
  packages: PackageMap,
  unmapped: readonly string[],
  { remote, cache }: CatalogOptions,
): Catalog {
  const names = packages.names();
  const releases = new Map(
    names.map((name) => [name, packages.of(name).map((each) => each.release)]),
  );
  const providers = new Map<string, Release[]>();
  for (const release of [...releases.values()].flat()) {
    for (const { interface: of } of release.manifest.provides) {
      const known = providers.get(of);
      if (known === undefined) providers.set(of, [release]);
      else known.push(release);
    }
  }
  const catalog: Catalog = {
    releases: (name) => releases.get(name) ?? [],
    providers: (interfaceName) => providers.get(interfaceName) ?? [],
    names: () => names,
    folder: (name, version) => packages.get(name, version)?.folder ?? null,
    read: (name, version, file) => {
      const entry = packages.get(name, version);
      return entry === undefined ? null : readInside(entry.folder, file);
    },
    files: (name, version) => {
      const entry = packages.get(name, version);
      return entry === undefined ? [] : filesOf(entry);
    },
    origin: (name, version) => packages.get(name, version)?.remote ?? null,
    obtain: async (ids) => {
      if (remote === undefined) return ok(null);
      const { obtainPackages } = await import("./remote-packages.ts");
      return obtainPackages(ids, packages, catalog, remote.registries, cache);
    },
    obtainFor: async (requires) => {
      if (remote === undefined) return ok(null);
      const { obtainRequired } = await import("./remote-packages.ts");
      return obtainRequired(requires, packages, remote.registries);
    },
    unmapped,
  };
  return catalog;
}

/** Finds what a package of the catalog, or an application, is compiled against: the newest version in the range. */
export function findInCatalog(catalog: Catalog): FindIdentified {
  return (name, range) => {
    const release = newestIn(
      catalog.releases(name).map((each) => ({ manifest: each.manifest, release: each })),
      range,
    )?.release;
    if (release === undefined) return null;
    const { manifest, integrity } = release;
    return { manifest, integrity, read: (file) => catalog.read(name, manifest.version, file) };
  };
}

function readIndex(file: string): Result<readonly Entry[]> {
  try {
    const index = JSON.parse(readFileSync(file, "utf8")) as CatalogIndex;
    if (index.format !== 1) throw new Error("it has a format that this unipkg does not know");
    const root = resolve(dirname(file), index.root);
    return ok(
      index.packages.map(({ folder, release }) => ({ folder: join(root, folder), release })),
    );
  } catch (error) {
    return failed({
      code: "UP705",
      message: `the bundled catalog ${file} cannot be read: ${(error as Error).message}`,
      hint: "install unipkg anew, or run `npm run build` in its source folder",
    });
  }
}

/** Equal content under one name and version is one package, wherever it is; another content is a mistake. */
function withoutDuplicates<T extends FolderSource>(
  sources: readonly T[],
  known: PackageMap,
  problems: Problem[],
): readonly T[] {
  const fresh = new Map<string, T>();
  for (const source of sources) {
    const { name, version } = source.manifest;
    const id = `${name}@${version}`;
    const bundled = known.get(name, version);
    const other = fresh.get(id);
    const integrity = other?.integrity ?? bundled?.release.integrity;
    if (integrity === undefined) fresh.set(id, source);
    else if (integrity !== source.integrity) {
      problems.push({
        code: "UP203",
        message: `${id} is in two folders, with different content`,
        details: [other?.folder ?? `${bundled?.folder} (bundled)`, source.folder],
        hint: `give one of them another version, or another name`,
      });
    }
  }
  return [...fresh.values()];
}

function findAmong(fresh: readonly IdentifiedSource[], packages: PackageMap): FindIdentified {
  return (name, range) => {
    const own = fresh.filter(({ manifest }) => manifest.name === name);
    const known = packages.of(name).map(sourceOf);
    return newestIn([...own, ...known], range) ?? null;
  };
}

/** The problem with the package's name at its place, so that it is not taken for one of the application. */
export function ofPackage(problem: Problem, { manifest }: IdentifiedSource): Problem {
  if (problem.place === undefined || "package" in problem.place) return problem;
  const { name, version } = manifest;
  return { ...problem, place: { ...problem.place, package: name, version } };
}
