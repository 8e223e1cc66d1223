import rcompare from "semver/functions/rcompare.js";
import type { EffectUse } from "../../../model/effect.ts";
import type { Manifest } from "../../../model/manifest.ts";
import type { Release } from "../../../model/release.ts";
import { mayRead, type Visitor } from "../access.ts";
import { storedRelease } from "../known-packages.ts";
import {
  newestOffered,
  nothingWaits,
  offeredFrom,
  type Waiting,
  waitingVersions,
} from "../offered.ts";
import type { PackageState, VersionState } from "../package-state.ts";
import type { Registry } from "../registry.ts";
import { type Summary, searchedOf, summariesOf } from "../summary.ts";

/** A version as pages show it. */
export interface ShelfVersion {
  readonly version: string;
  readonly yanked: boolean;
  readonly deprecated: string | null;
  /** When its organisation's policy lets it be offered, ISO 8601; null when it is. */
  readonly offered: string | null;
  /** When and by whom; null for one that ships with unipkg. */
  readonly published: { readonly time: string; readonly account: string } | null;
  readonly manifest: () => Promise<Manifest>;
  readonly effects: () => Promise<readonly EffectUse[]>;
  readonly release: () => Promise<Release>;
  /** Markdown; empty when there is none. */
  readonly readme: () => Promise<string>;
}

/** A package as pages show it: one of the registry, or one that ships with unipkg. */
export interface ShelfPackage {
  readonly name: string;
  /** Null for one that ships with unipkg. */
  readonly state: PackageState | null;
  /** Newest first; at least one. */
  readonly versions: () => readonly ShelfVersion[];
  /** The version that is meant when none is named. */
  readonly newest: ShelfVersion;
}

/** All packages that one visitor may see. */
export class Shelf {
  readonly #visitor: Visitor;
  readonly #registry: Registry;
  readonly #now: Date;

  constructor(visitor: Visitor, registry: Registry) {
    this.#visitor = visitor;
    this.#registry = registry;
    this.#now = registry.now();
  }

  /** Null when there is no such package, or the visitor may not know of it. */
  find(name: string): ShelfPackage | null {
    const { storage, policy, bundled } = this.#registry;
    const shipped = bundled.releases(name);
    if (shipped.length > 0) return this.#bundled(name, shipped);
    const state = storage.state.packages.get(name);
    if (state === undefined) return null;
    if (!mayRead(storage.state, this.#visitor, state, policy.anonymous)) return null;
    const newest = this.#newestOf(state);
    return newest === undefined ? null : this.#storedPackage(state, newest);
  }

  /** Packages of whose newest version something holds, by name. */
  async where(holds: (newest: Summary) => boolean): Promise<readonly Found[]> {
    const { storage, policy, bundled, views } = this.#registry;
    const names = bundled.names();
    const shipped = new Set(names);
    const states: PackageState[] = [];
    const versions: VersionState[] = [];
    for (const state of storage.state.packages.values()) {
      if (shipped.has(state.name)) continue;
      if (!mayRead(storage.state, this.#visitor, state, policy.anonymous)) continue;
      const newest = this.#newestOf(state);
      if (newest === undefined) continue;
      states.push(state);
      versions.push(newest);
    }
    const found: Found[] = [];
    for (const [at, summary] of (await summariesOf(versions, views)).entries()) {
      if (!holds(summary)) continue;
      found.push({ found: this.#storedPackage(states[at]!, versions[at]!), ...summary });
    }
    for (const name of names) {
      const releases = bundled.releases(name);
      const { manifest } = releases[0]!;
      const summary = { manifest, searched: searchedOf(manifest) };
      if (holds(summary)) found.push({ found: this.#bundled(name, releases), ...summary });
    }
    return found.sort((a, b) => (a.found.name < b.found.name ? -1 : 1));
  }

  /** What waits is shown to whoever looks for it, though it is not offered. */
  #newestOf(state: PackageState): VersionState | undefined {
    return newestOffered(state, this.#waiting(state)) ?? newestOffered(state, nothingWaits);
  }

  #waiting(state: PackageState): Waiting {
    return waitingVersions(this.#registry.storage.state, state, this.#now);
  }

  /** Its versions are looked at when somebody asks for them: listings go through all packages. */
  #storedPackage(state: PackageState, newest: VersionState): ShelfPackage {
    const versions = () => {
      const waiting = this.#waiting(state);
      return [...state.versions.values()]
        .filter((each) => !each.unpublished)
        .sort((a, b) => rcompare(a.version, b.version))
        .map((each) => this.#stored(each, waiting));
    };
    return { name: state.name, state, newest: this.#stored(newest, nothingWaits), versions };
  }

  #bundled(name: string, releases: readonly Release[]): ShelfPackage {
    const { bundled } = this.#registry;
    const stored = releases.map((release): ShelfVersion => {
      const { version, yanked, deprecated = null } = release.manifest;
      return {
        ...{ version, yanked, deprecated, offered: null, published: null },
        manifest: async () => release.manifest,
        effects: async () => release.effects,
        release: async () => release,
        readme: async () => bundled.read(name, version, "README.md") ?? "",
      };
    });
    return { name, state: null, versions: () => stored, newest: stored[0]! };
  }

  #stored(state: VersionState, waiting: Waiting): ShelfVersion {
    const registry = this.#registry;
    const { version, yanked, deprecated, published: time, publisher: account } = state;
    const document = () => registry.views.document(state);
    return {
      ...{ version, yanked, deprecated, published: { time, account } },
      offered: waiting.versions.has(state) ? offeredFrom(state, waiting) : null,
      manifest: async () => (await summariesOf([state], registry.views))[0]!.manifest,
      effects: async () => (await document()).line.effects,
      release: () => storedRelease(state, registry),
      readme: async () => (await document()).readme,
    };
  }
}

/** A package with what is known of its newest version. */
export interface Found extends Summary {
  readonly found: ShelfPackage;
}
