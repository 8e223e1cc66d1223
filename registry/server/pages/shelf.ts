import rcompare from "semver/functions/rcompare.js";
import type { EffectUse } from "../../../model/effect.ts";
import type { Manifest } from "../../../model/manifest.ts";
import type { Release } from "../../../model/release.ts";
import { parseManifest } from "../../manifest.ts";
import { mayRead, type Visitor } from "../access.ts";
import { storedRelease } from "../known-packages.ts";
import type { PackageState, VersionState } from "../package-state.ts";
import type { Registry } from "../registry.ts";
import type { VersionDocument } from "../version-document.ts";

/** A version as pages show it. */
export interface ShelfVersion {
  readonly version: string;
  readonly yanked: boolean;
  readonly deprecated: string | null;
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
  readonly versions: readonly ShelfVersion[];
  /** The version that is meant when none is named. */
  readonly newest: ShelfVersion;
}

/** All packages that one visitor may see. */
export class Shelf {
  readonly #visitor: Visitor;
  readonly #registry: Registry;

  constructor(visitor: Visitor, registry: Registry) {
    this.#visitor = visitor;
    this.#registry = registry;
  }

  /** Null when there is no such package, or the visitor may not know of it. */
  find(name: string): ShelfPackage | null {
    const { storage, policy, bundled } = this.#registry;
    const shipped = bundled.releases(name);
    if (shipped.length > 0) return this.#bundled(name, shipped);
    const state = storage.state.packages.get(name);
    if (state === undefined) return null;
    if (!mayRead(storage.state, this.#visitor, state, policy.anonymous)) return null;
    const versions = [...state.versions.values()]
      .filter((each) => !each.unpublished)
      .map((each) => this.#stored(each))
      .sort((a, b) => rcompare(a.version, b.version));
    const latest = state.tags.get("latest");
    const newest =
      versions.find(({ version }) => version === latest) ??
      versions.find(({ yanked }) => !yanked) ??
      versions[0];
    return newest === undefined ? null : { name, state, versions, newest };
  }

  /** Every package, by name. */
  all(): readonly ShelfPackage[] {
    const { storage, bundled } = this.#registry;
    const names = new Set([...storage.state.packages.keys(), ...bundled.names()]);
    return [...names]
      .sort()
      .map((name) => this.find(name))
      .filter((found) => found !== null);
  }

  /** Packages whose newest version fulfils a condition, by name. */
  async where(holds: (manifest: Manifest) => boolean): Promise<readonly Found[]> {
    const all = await Promise.all(
      this.all().map(async (found) => ({ found, manifest: await found.newest.manifest() })),
    );
    return all.filter(({ manifest }) => holds(manifest));
  }

  #bundled(name: string, releases: readonly Release[]): ShelfPackage {
    const { bundled } = this.#registry;
    const versions = releases.map((release): ShelfVersion => {
      const { version, yanked, deprecated = null } = release.manifest;
      return {
        ...{ version, yanked, deprecated, published: null },
        manifest: async () => release.manifest,
        effects: async () => release.effects,
        release: async () => release,
        readme: async () => bundled.read(name, version, "README.md") ?? "",
      };
    });
    return { name, state: null, versions, newest: versions[0]! };
  }

  #stored(state: VersionState): ShelfVersion {
    const registry = this.#registry;
    const { version, yanked, deprecated, published: time, publisher: account } = state;
    const document = () => registry.views.document(state);
    return {
      ...{ version, yanked, deprecated, published: { time, account } },
      manifest: async () => manifestOf(await document()),
      effects: async () => (await document()).line.effects,
      release: () => storedRelease(state, registry),
      readme: async () => (await document()).readme,
    };
  }
}

export interface Found {
  readonly found: ShelfPackage;
  /** Of the newest version. */
  readonly manifest: Manifest;
}

/** Manifests that were read, for as long as their documents are kept. */
const manifests = new WeakMap<VersionDocument, Manifest>();

function manifestOf(document: VersionDocument): Manifest {
  const known = manifests.get(document);
  if (known !== undefined) return known;
  const read = parseManifest(JSON.stringify(document.line.package), "package.json");
  if (!read.ok) throw new Error(`the manifest of ${document.name}@${document.version} is damaged`);
  manifests.set(document, read.value);
  return read.value;
}
