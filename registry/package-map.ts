import rcompare from "semver/functions/rcompare.js";
import type { Release } from "../model/release.ts";
import type { RemoteVersion } from "./client/remote-version.ts";
import type { IdentifiedSource } from "./extraction-cache.ts";
import { listFiles, readInside } from "./package-folder.ts";

/** A package at hand: what is known of it, and where its files are. */
export interface Entry {
  /** Absolute. Of a package in a registry, its files are there only once they were obtained. */
  readonly folder: string;
  readonly release: Release;
  /** What its registry said of it; absent for one in a folder. */
  readonly remote?: RemoteVersion;
}

/** Packages by name, each newest first. */
export class PackageMap {
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

  /** Sorted. */
  names(): readonly string[] {
    return [...this.#byName.keys()].sort();
  }
}

/** The package of an entry, for extraction. */
export function sourceOf({ folder, release: { manifest, integrity } }: Entry): IdentifiedSource {
  return { manifest, integrity, read: (file) => readInside(folder, file) };
}

/** Paths of an entry's files, sorted. */
export function filesOf({ folder, remote }: Entry): readonly string[] {
  // What came in an archive is all part of the package.
  const files = remote === undefined ? listFiles(folder) : listFiles(folder, new Set());
  return files.ok ? files.value : [];
}

function newestFirst(a: Entry, b: Entry): number {
  return rcompare(a.release.manifest.version, b.release.manifest.version);
}
