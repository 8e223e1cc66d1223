import type { Difference } from "../model/accepts.ts";
import type { PackageKind, Requirement } from "../model/manifest.ts";
import type { Policy } from "../model/policy.ts";
import type { Release, Universe } from "../model/release.ts";
import type { SolveRequest } from "../model/request.ts";
import type { Signature, Uses } from "../model/signature.ts";
import { circularGroups } from "./circular.ts";
import { Closures } from "./closure.ts";
import { type Accepts, Judge, missing, type Pin, type Refusal } from "./judge.ts";
import { inRange, newestFirst } from "./range.ts";
import { walk } from "./walk.ts";

/** All versions of a package. */
export interface SlicedPackage {
  readonly name: string;
  readonly kind: PackageKind;
  /** Newest first. */
  readonly releases: readonly Release[];
}

/** What of a slice is left: one release or none of each package. */
interface Narrowed {
  readonly whole: Slice;
  readonly left: (name: string) => Release | null;
}

/**
 * The part of a universe that a request can reach: everything else cannot be in its answer.
 */
export class Slice {
  readonly request: SolveRequest;
  /** In breadth-first order from the root, by name within a step. The order of the level "newest". */
  readonly packages: ReadonlyMap<string, SlicedPackage>;
  /** What this one is a part of; itself when it is none. */
  readonly whole: Slice;
  readonly #universe: Universe;
  readonly #accepts: Accepts;
  readonly #narrowed: Narrowed | null;
  readonly #judge: Judge;
  readonly #found = new Map<string, SlicedPackage | null>();
  readonly #providers = new Map<string, readonly SlicedPackage[]>();
  readonly #requirements = new Map<string, Map<Release, readonly Requirement[]>>();
  readonly #closures = new Map<string, Closures>();
  #numbers: ReadonlyMap<string, number> | null = null;
  #needers: ReadonlyMap<string, readonly Release[]> | null = null;
  #circular: ReadonlyMap<string, number> | null = null;

  /** @param narrowed what of another slice this one is; null for a slice of the universe */
  constructor(
    request: SolveRequest,
    universe: Universe,
    accepts: Accepts,
    narrowed: Narrowed | null = null,
  ) {
    this.request = request;
    this.#universe = universe;
    this.#accepts = accepts;
    this.#narrowed = narrowed;
    this.whole = narrowed === null ? this : narrowed.whole;
    this.#judge =
      narrowed === null
        ? new Judge(request, accepts, (name) => this.find(name)?.releases ?? [])
        : narrowed.whole.#judge;
    this.packages = walk(this);
  }

  /** The slice for one target, with one release or none of each package. */
  narrowed(target: string, left: (name: string) => Release | null): Slice {
    const request = { ...this.request, targets: [target] };
    return new Slice(request, this.#universe, this.#accepts, { whole: this.whole, left });
  }

  get root(): string {
    return this.request.root.manifest.name;
  }

  get policies(): readonly Policy[] {
    return this.#judge.policies;
  }

  /** Package -> the range that it is pinned to, and whose pin it is. */
  get pins(): ReadonlyMap<string, Pin> {
    return this.#judge.pins;
  }

  /** A package of the universe, reached or not; null when there is none of this name. */
  find(name: string): SlicedPackage | null {
    let found = this.#found.get(name);
    if (found === undefined) {
      found = this.#read(name);
      this.#found.set(name, found);
    }
    return found;
  }

  /** Packages with a release that says it provides the interface, by name. Reached or not. */
  providers(interfaceName: string): readonly SlicedPackage[] {
    let providers = this.#providers.get(interfaceName);
    if (providers === undefined) {
      providers = this.#readProviders(interfaceName);
      this.#providers.set(interfaceName, providers);
    }
    return providers;
  }

  /** What a release requires on a target. An interface requires other interfaces for their types only. */
  requirements(release: Release, target: string): readonly Requirement[] {
    if (this.whole !== this) return this.whole.requirements(release, target);
    const { requires } = release.manifest;
    if (!requires.some((one) => one.when !== undefined)) return requires;
    let ofTarget = this.#requirements.get(target);
    if (ofTarget === undefined) {
      ofTarget = new Map();
      this.#requirements.set(target, ofTarget);
    }
    let found = ofTarget.get(release);
    if (found === undefined) {
      found = requires.filter((one) => one.when?.includes(target) ?? true);
      ofTarget.set(release, found);
    }
    return found;
  }

  /** Whether a requirement of the release is filled by a provider, rather than by a library of that name. */
  wantsProvider(release: Release, requirement: Requirement): boolean {
    return release.manifest.kind !== "interface" && this.find(requirement.of)?.kind === "interface";
  }

  /** Releases that a requirement allows: those in its range, of an interface only those with all that the source uses of it. */
  suitable(release: Release, requirement: Requirement): readonly Release[] {
    const required = this.find(requirement.of);
    if (required === null) return [];
    const uses = release.uses[requirement.slot] ?? [];
    return within(required, requirement.range).filter(
      (one) => required.kind !== "interface" || missing(one, uses).length === 0,
    );
  }

  /** Empty when the release can be used on the target as far as it alone is concerned. */
  refusals(target: string, release: Release): readonly Refusal[] {
    return this.#judge.refusals(target, release);
  }

  /** Whether its manifest alone rules a release out on a target: a part of `refusals` that is quickly told. */
  isBarred(target: string, release: Release): boolean {
    return this.#judge.barred(target, release).length > 0;
  }

  /** What the provider lacks of the interface, or of what a consumer uses of it. */
  differences(required: Release, provided: Signature, uses?: Uses): readonly Difference[] {
    return this.#judge.differences(required, provided, uses);
  }

  /** Packages that require this one, or provide it: releases in reach, in the order of the walk. */
  needers(name: string): readonly Release[] {
    this.#needers ??= neederIndex(this.packages.values());
    return this.#needers.get(name) ?? [];
  }

  /** What packages come with on a target: of the whole, for what is narrowed is not far from that. */
  closures(target: string): Closures {
    if (this.whole !== this) return this.whole.closures(target);
    let closures = this.#closures.get(target);
    if (closures === undefined) {
      this.#numbers ??= new Map([...this.packages.keys()].map((name, index) => [name, index]));
      closures = new Closures(this, target, this.#numbers);
      this.#closures.set(target, closures);
    }
    return closures;
  }

  /** Package -> its group, of packages that may come to need themselves: what is narrowed has no circles that the whole has not. */
  get circular(): ReadonlyMap<string, number> {
    if (this.whole !== this) return this.whole.circular;
    this.#circular ??= circularGroups(this);
    return this.#circular;
  }

  #read(name: string): SlicedPackage | null {
    const root = this.request.root;
    if (name === root.manifest.name) return { name, kind: root.manifest.kind, releases: [root] };
    if (this.#narrowed !== null) return this.#readLeft(name, this.#narrowed);
    const releases = [...this.#universe.releases(name)].sort((a, b) =>
      newestFirst(a.manifest.version, b.manifest.version),
    );
    const kind = releases[0]?.manifest.kind;
    if (kind === undefined) return null;
    return { name, kind, releases: releases.filter((one) => one.manifest.kind === kind) };
  }

  #readLeft(name: string, { whole, left }: Narrowed): SlicedPackage | null {
    const found = whole.find(name);
    const release = found === null ? null : left(name);
    if (found === null || release === null) return null;
    return found.releases.length === 1 ? found : { ...found, releases: [release] };
  }

  #readProviders(interfaceName: string): readonly SlicedPackage[] {
    const isLibrary = (one: SlicedPackage | null): one is SlicedPackage => one?.kind === "library";
    if (this.#narrowed !== null) {
      const found = this.whole.providers(interfaceName).map((one) => this.find(one.name));
      return found
        .filter(isLibrary)
        .filter(({ releases }) => isProvider(releases[0]!, interfaceName));
    }
    const releases = this.#universe.providers(interfaceName);
    const names = new Set(releases.map((one) => one.manifest.name));
    names.delete(this.root);
    return [...names]
      .sort()
      .map((name) => this.find(name))
      .filter(isLibrary);
  }
}

function isProvider({ manifest }: Release, interfaceName: string): boolean {
  return manifest.provides.some((one) => one.interface === interfaceName);
}

/** Releases of a package in a range. */
export function within(found: SlicedPackage, range: string): readonly Release[] {
  return found.releases.filter((one) => inRange(one.manifest.version, range));
}

function neederIndex(packages: Iterable<SlicedPackage>): ReadonlyMap<string, readonly Release[]> {
  const index = new Map<string, Release[]>();
  for (const { releases } of packages) {
    for (const release of releases) {
      const { requires, provides } = release.manifest;
      const names = [...requires.map((one) => one.of), ...provides.map((one) => one.interface)];
      for (const name of new Set(names)) {
        const needers = index.get(name);
        if (needers === undefined) index.set(name, [release]);
        else needers.push(release);
      }
    }
  }
  return index;
}
