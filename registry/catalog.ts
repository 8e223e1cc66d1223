import { readFileSync } from "node:fs";
import { dirname, join, resolve } from "node:path";
import rcompare from "semver/functions/rcompare.js";
import satisfies from "semver/functions/satisfies.js";
import { failed, ok, type Problem, type Result } from "../model/problem.ts";
import type { Release, Universe } from "../model/release.ts";
import { extractCached, type FindIdentified, type IdentifiedSource } from "./extraction-cache.ts";
import { type FolderSource, listFiles, readInside } from "./package-folder.ts";
import { scanPackages } from "./package-scan.ts";

/** The packages at hand, with their files. */
export interface Catalog extends Universe {
  /** Text of a package's file, null when there is no such package or file. Read when asked for. */
  read(name: string, version: string, file: string): string | null;
  /** Where a package's files are (a target's C runtime is compiled there); null when it is not here. */
  folder(name: string, version: string): string | null;
  /** Paths of a package's files, sorted; empty when it is not here. */
  files(name: string, version: string): readonly string[];
}

export interface CatalogOptions {
  /** Index of the packages that ship with unipkg (registry/build-catalog). */
  readonly bundled: string;
  /** Folders with further packages, absolute: an author's own libraries. */
  readonly folders: readonly string[];
  /** Where what was extracted from those is kept; null for nowhere. */
  readonly cache: string | null;
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
 * they were before. One name and version with two contents is UP203.
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
  const fresh = withoutDuplicates(sources, packages, problems);
  if (problems.length > 0) return failed(...problems);
  const find = findAmong(fresh, packages);
  for (const source of fresh) {
    const extracted = await extractCached(source, find, options.cache);
    if (!extracted.ok) problems.push(...extracted.problems.map((each) => ofPackage(each, source)));
    else {
      const { manifest, integrity, folder } = source;
      packages.add({ folder, release: { manifest, integrity, ...extracted.value } });
    }
  }
  return problems.length > 0 ? failed(...problems) : ok(packages.catalog());
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

interface Entry {
  /** Absolute. */
  readonly folder: string;
  readonly release: Release;
}

/** Packages by name, each newest first. */
class PackageMap {
  readonly #byName = new Map<string, Entry[]>();

  add(entry: Entry): void {
    const { name } = entry.release.manifest;
    this.#byName.set(name, [...this.of(name), entry].sort(newestFirst));
  }

  of(name: string): readonly Entry[] {
    return this.#byName.get(name) ?? [];
  }

  get(name: string, version: string): Entry | undefined {
    return this.of(name).find(({ release }) => release.manifest.version === version);
  }

  catalog(): Catalog {
    const names = [...this.#byName.keys()].sort();
    const releases = new Map(
      names.map((name) => [name, this.of(name).map((each) => each.release)]),
    );
    const providers = new Map<string, Release[]>();
    for (const release of [...releases.values()].flat()) {
      for (const { interface: of } of release.manifest.provides) {
        const known = providers.get(of);
        if (known === undefined) providers.set(of, [release]);
        else known.push(release);
      }
    }
    return {
      releases: (name) => releases.get(name) ?? [],
      providers: (interfaceName) => providers.get(interfaceName) ?? [],
      names: () => names,
      folder: (name, version) => this.get(name, version)?.folder ?? null,
      read: (name, version, file) => {
        const entry = this.get(name, version);
        return entry === undefined ? null : readInside(entry.folder, file);
      },
      files: (name, version) => {
        const entry = this.get(name, version);
        const files = entry === undefined ? null : listFiles(entry.folder);
        return files?.ok === true ? files.value : [];
      },
    };
  }
}

function newestFirst(a: Entry, b: Entry): number {
  return rcompare(a.release.manifest.version, b.release.manifest.version);
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
    const known = packages.of(name).map(
      ({ folder, release }): IdentifiedSource => ({
        manifest: release.manifest,
        integrity: release.integrity,
        read: (file) => readInside(folder, file),
      }),
    );
    return newestIn([...own, ...known], range) ?? null;
  };
}

/** The newest version in the range; the newest of all when none is, so that the solver tells of it, and not extraction. */
function newestIn<T extends { readonly manifest: { readonly version: string } }>(
  candidates: readonly T[],
  range: string,
): T | undefined {
  const sorted = [...candidates].sort((a, b) => rcompare(a.manifest.version, b.manifest.version));
  return sorted.find(({ manifest }) => satisfies(manifest.version, range)) ?? sorted[0];
}

/** The problem with the package's name at its place, so that it is not taken for one of the application. */
export function ofPackage(problem: Problem, { manifest }: IdentifiedSource): Problem {
  if (problem.place === undefined || "package" in problem.place) return problem;
  const { name, version } = manifest;
  return { ...problem, place: { ...problem.place, package: name, version } };
}
