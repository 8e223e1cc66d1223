import type { accepts, Difference } from "../model/accepts.ts";
import type { PackageKind, Provision, Requirement } from "../model/manifest.ts";
import type { Policy } from "../model/policy.ts";
import type { Release, Universe } from "../model/release.ts";
import type { NamedRange, SolveRequest } from "../model/request.ts";
import type { Signature, Uses } from "../model/signature.ts";
import { type Objection, objectionOf, policiesOf } from "./policy.ts";
import { inRange, newestFirst } from "./range.ts";
import { walk } from "./walk.ts";

/** The check of model/accepts.ts. */
export type Accepts = typeof accepts;

/** Why a release cannot be in any image for a target, whatever else is chosen. */
export type Refusal =
  | { readonly kind: "without" }
  | { readonly kind: "yanked" }
  | { readonly kind: "platform" }
  /** Outside of the range that the package is pinned to. */
  | { readonly kind: "pin" }
  | { readonly kind: "policy"; readonly policy: Policy; readonly objection: Objection }
  /** It provides something else than the interface says; no differences when that version of the interface does not exist. */
  | {
      readonly kind: "signature";
      readonly provision: Provision;
      readonly differences: readonly Difference[];
    };

/** All versions of a package. */
export interface SlicedPackage {
  readonly name: string;
  readonly kind: PackageKind;
  /** Newest first. */
  readonly releases: readonly Release[];
}

const nothing: Signature = { exports: {} };

/**
 * The part of a universe that a request can reach: everything else cannot be in its answer.
 */
export class Slice {
  readonly request: SolveRequest;
  /** Package -> the range that it is pinned to, and whose pin it is. */
  readonly pins: ReadonlyMap<string, Pin>;
  readonly policies: readonly Policy[];
  /** In breadth-first order from the root, by name within a step. The order of the level "newest". */
  readonly packages: ReadonlyMap<string, SlicedPackage>;
  readonly #universe: Universe;
  readonly #accepts: Accepts;
  readonly #found = new Map<string, SlicedPackage | null>();
  readonly #providers = new Map<string, readonly SlicedPackage[]>();
  readonly #refusals = new Map<string, Map<Release, readonly Refusal[]>>();
  /** The same for every target. */
  readonly #lies = new Map<Release, readonly Refusal[]>();
  readonly #requirements = new Map<string, Map<Release, readonly Requirement[]>>();
  readonly #differences = new Map<Signature, Map<Signature, Map<string, readonly Difference[]>>>();
  readonly #locked: ReadonlySet<string>;
  #needers: ReadonlyMap<string, readonly Release[]> | null = null;

  constructor(request: SolveRequest, universe: Universe, accepts: Accepts) {
    this.request = request;
    this.#universe = universe;
    this.#accepts = accepts;
    this.#locked = lockedReleases(request);
    this.pins = pinsOf(request);
    this.policies = policiesOf(request);
    this.packages = walk(this);
  }

  get root(): string {
    return this.request.root.manifest.name;
  }

  /** A package of the universe, reached or not; null when there is none of this name. */
  find(name: string): SlicedPackage | null {
    return entry(this.#found, name, () => this.#read(name));
  }

  /** Packages with a release that says it provides the interface, by name. Reached or not. */
  providers(interfaceName: string): readonly SlicedPackage[] {
    return entry(this.#providers, interfaceName, () => {
      const releases = this.#universe.providers(interfaceName);
      const names = new Set(releases.map((one) => one.manifest.name));
      names.delete(this.root);
      const found = [...names].sort().map((name) => this.find(name));
      return found.filter((one) => one?.kind === "library") as SlicedPackage[];
    });
  }

  /** What a release requires on a target. An interface requires other interfaces for their types only. */
  requirements(release: Release, target: string): readonly Requirement[] {
    const { requires } = release.manifest;
    if (!requires.some((one) => one.when !== undefined)) return requires;
    const ofTarget = entry(this.#requirements, target, () => new Map());
    return entry(ofTarget, release, () =>
      requires.filter((one) => one.when?.includes(target) ?? true),
    );
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
      (one) =>
        required.kind !== "interface" || missing(one.signature ?? nothing, uses).length === 0,
    );
  }

  /** Empty when the release can be used on the target as far as it alone is concerned. */
  refusals(target: string, release: Release): readonly Refusal[] {
    const ofTarget = entry(this.#refusals, target, () => new Map());
    return entry(ofTarget, release, () => this.#judge(target, release));
  }

  /** What the provider lacks of the interface, or of what a consumer uses of it. */
  differences(required: Release, provided: Signature, uses?: Uses): readonly Difference[] {
    const wanted = required.signature ?? nothing;
    if (wanted === provided) return [];
    const ofWanted = entry(this.#differences, wanted, () => new Map());
    const ofProvided = entry(ofWanted, provided, () => new Map());
    const key = uses === undefined ? "all" : `only ${uses.join(" ")}`;
    return entry(ofProvided, key, () => this.#accepts(wanted, provided, uses));
  }

  /** What a release offers for an interface. */
  provided(release: Release, interfaceName: string): Signature {
    return release.provided[interfaceName] ?? nothing;
  }

  #read(name: string): SlicedPackage | null {
    const root = this.request.root;
    if (name === root.manifest.name) return { name, kind: root.manifest.kind, releases: [root] };
    const releases = [...this.#universe.releases(name)].sort((a, b) =>
      newestFirst(a.manifest.version, b.manifest.version),
    );
    const kind = releases[0]?.manifest.kind;
    if (kind === undefined) return null;
    return { name, kind, releases: releases.filter((one) => one.manifest.kind === kind) };
  }

  /** Whether its manifest alone rules a release out on a target: a part of `refusals` that is quickly told. */
  isBarred(target: string, release: Release): boolean {
    return this.#barred(target, release).length > 0;
  }

  /** Packages that require this one, or provide it: releases in reach, in the order of the walk. */
  needers(name: string): readonly Release[] {
    this.#needers ??= neederIndex(this.packages.values());
    return this.#needers.get(name) ?? [];
  }

  #judge(target: string, release: Release): readonly Refusal[] {
    const barred = this.#barred(target, release);
    if (barred.length > 0 || release.manifest.kind !== "library") return barred;
    return entry(this.#lies, release, () => this.#judgeTypes(release));
  }

  #barred(target: string, release: Release): readonly Refusal[] {
    const { name, version, kind, yanked, targets } = release.manifest;
    const refusals: Refusal[] = [];
    if (this.request.without.includes(name)) refusals.push({ kind: "without" });
    if (yanked && kind !== "app" && !this.#locked.has(`${name}@${version}`)) {
      refusals.push({ kind: "yanked" });
    }
    const pin = kind === "app" ? undefined : this.pins.get(name);
    if (pin !== undefined && !inRange(version, pin.range)) refusals.push({ kind: "pin" });
    for (const policy of this.policies) {
      const objection = objectionOf(policy, release);
      if (objection !== null) refusals.push({ kind: "policy", policy, objection });
    }
    // An interface has no code and a target is one: only what is linked has platforms.
    const linked = kind === "library" || kind === "app";
    if (linked && !targets.includes("*") && !targets.includes(target)) {
      refusals.push({ kind: "platform" });
    }
    return refusals;
  }

  #judgeTypes(release: Release): readonly Refusal[] {
    const refusals: Refusal[] = [];
    for (const provision of release.manifest.provides) {
      const claimed = this.find(provision.interface)?.releases.find(
        (one) => one.manifest.version === provision.version,
      );
      const differences =
        claimed === undefined
          ? []
          : this.differences(claimed, this.provided(release, provision.interface));
      if (claimed === undefined || differences.length > 0) {
        refusals.push({ kind: "signature", provision, differences });
      }
    }
    return refusals;
  }
}

/** A range that a package is held to. */
export interface Pin extends NamedRange {
  /** `--pin` goes before the manifest's. */
  readonly by: "command" | "manifest";
}

function pinsOf({ root, pins = [] }: SolveRequest): ReadonlyMap<string, Pin> {
  const found = new Map<string, Pin>();
  for (const [name, range] of Object.entries(root.manifest.pins ?? {})) {
    found.set(name, { name, range, by: "manifest" });
  }
  for (const { name, range } of pins) found.set(name, { name, range, by: "command" });
  return found;
}

/** Whether a locked choice of this package binds. */
export function isKept(request: SolveRequest, name: string): boolean {
  return request.upgrade !== "all" && !request.upgrade.includes(name);
}

/** Releases of a package in a range. */
export function within(found: SlicedPackage, range: string): readonly Release[] {
  return found.releases.filter((one) => inRange(one.manifest.version, range));
}

/** What of the uses a signature does not have at all. */
export function missing(signature: Signature, uses: Uses): Uses {
  return uses.filter((use) => {
    const [name = "", member] = use.split("#");
    const item = Object.hasOwn(signature.exports, name) ? signature.exports[name] : undefined;
    if (item === undefined) return true;
    if (member === undefined) return false;
    if (item.kind !== "class" && item.kind !== "interface") return true;
    if (member === "constructor") return item.kind !== "class";
    return !Object.hasOwn(item.members, member);
  });
}

function neederIndex(packages: Iterable<SlicedPackage>): ReadonlyMap<string, readonly Release[]> {
  const index = new Map<string, Release[]>();
  for (const { releases } of packages) {
    for (const release of releases) {
      const { requires, provides } = release.manifest;
      const names = [...requires.map((one) => one.of), ...provides.map((one) => one.interface)];
      for (const name of new Set(names)) entry(index, name, () => []).push(release);
    }
  }
  return index;
}

/** The map's value at a key, made when it is missing. */
function entry<Key, Value>(map: Map<Key, Value>, key: Key, make: () => Value): Value {
  const known = map.get(key);
  if (known !== undefined) return known;
  const made = make();
  map.set(key, made);
  return made;
}

function lockedReleases(request: SolveRequest): ReadonlySet<string> {
  const locked = new Set<string>();
  for (const plan of request.locked) {
    for (const one of plan.packages) {
      if (isKept(request, one.name)) locked.add(`${one.name}@${one.version}`);
    }
  }
  return locked;
}
