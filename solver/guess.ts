import type { Requirement } from "../model/manifest.ts";
import type { Release } from "../model/release.ts";
import type { Closures } from "./closure.ts";
import { inRange } from "./range.ts";
import type { Slice, SlicedPackage } from "./slice.ts";

/** An image that is small and probably allowed: where a search had best begin. Nothing is proven of it. */
export interface Guess {
  readonly target: string;
  /** Package -> its release. */
  readonly releases: ReadonlyMap<string, Release>;
  readonly fillings: readonly Filling[];
  /** Which optional requirements are met, and which not; it says nothing about others. */
  readonly options: readonly Option[];
}

/** Whether an optional requirement is met. */
export interface Option {
  readonly consumer: string;
  readonly slot: string;
  readonly isMet: boolean;
}

/** Who would fill a slot. */
export interface Filling {
  readonly consumer: string;
  readonly slot: string;
  readonly interface: string;
  readonly provider: string;
}

/** What a guess has to keep to, or had best. */
export interface Leaning {
  /** Releases of a package that may be in the image, the best first. */
  readonly releases: (found: SlicedPackage) => readonly Release[];
  /** Who is to fill a slot, whoever would fill it best; null when nobody is. `consumer` is null for a slot that the image shares. */
  readonly provider: (consumer: string | null, slot: string) => string | null;
}

const none: Leaning = { releases: ({ releases }) => releases, provider: () => null };

/** How often images are put together anew, with what the last ones had wrong. */
const rounds = 6;

/**
 * Puts an image together for each target, from the app on: a slot gets the provider that comes with the fewest packages
 * that are not there yet, a package the best version that those who require it allow. Whom a version does not suit is known only
 * when it is taken: then all is put together once more.
 */
export function guess(
  slice: Slice,
  closures: readonly Closures[],
  leaning: Leaning = none,
): readonly Guess[] {
  const wishes = new Wishes(leaning);
  let guesses: readonly Guess[] = [];
  for (let round = 0; round < rounds; round++) {
    const before = wishes.count;
    guesses = closures.map((one) => new Composition(slice, one, wishes, leaning).run());
    if (wishes.count === before) break;
  }
  return guesses;
}

/** What those who require a package want of its version, on all targets; and of the version of an interface that is provided. */
class Wishes {
  readonly #leaning: Leaning;
  readonly #allowed = new Map<string, readonly Release[]>();
  readonly #ranges = new Map<string, Set<string>>();
  /** How many there are. It grows. */
  count = 0;

  constructor(leaning: Leaning) {
    this.#leaning = leaning;
  }

  /** Narrows down the versions of a package, unless none would be left. */
  allow(found: SlicedPackage, releases: readonly Release[]): void {
    const known = this.allowed(found);
    const both = known.filter((one) => releases.includes(one));
    if (both.length === 0 || both.length === known.length) return;
    this.#allowed.set(found.name, both);
    this.count += 1;
  }

  allowed(found: SlicedPackage): readonly Release[] {
    return this.#allowed.get(found.name) ?? this.#leaning.releases(found);
  }

  /** Narrows down which versions of an interface its provider may implement. */
  implement(target: string, interfaceName: string, range: string): void {
    const key = `${target}\n${interfaceName}`;
    const known = this.#ranges.get(key) ?? new Set();
    if (known.has(range)) return;
    this.#ranges.set(key, known.add(range));
    this.count += 1;
  }

  isImplemented(target: string, interfaceName: string, version: string): boolean {
    const ranges = this.#ranges.get(`${target}\n${interfaceName}`) ?? [];
    return [...ranges].every((range) => inRange(version, range));
  }
}

/** Makes one image. */
class Composition {
  readonly #slice: Slice;
  readonly #closures: Closures;
  readonly #wishes: Wishes;
  readonly #leaning: Leaning;
  readonly #target: string;
  readonly #releases = new Map<string, Release>();
  readonly #fillings = new Map<string, Filling>();
  readonly #there: Uint32Array;
  readonly #open: Release[] = [];

  constructor(slice: Slice, closures: Closures, wishes: Wishes, leaning: Leaning) {
    this.#slice = slice;
    this.#closures = closures;
    this.#wishes = wishes;
    this.#leaning = leaning;
    this.#target = closures.target;
    this.#there = closures.none();
  }

  run(): Guess {
    const { root, request, packages } = this.#slice;
    for (const name of [root, this.#target]) this.#take(packages.get(name));
    for (const { name, range } of request.with) {
      const found = packages.get(name);
      if (found === undefined) continue;
      const inside = found.releases.filter((one) => inRange(one.manifest.version, range));
      this.#wishes.allow(found, inside);
      this.#take(found);
    }
    for (let index = 0; index < this.#open.length; index++) this.#follow(this.#open[index]!);
    return {
      target: this.#target,
      releases: this.#releases,
      fillings: [...this.#fillings.values()],
      options: [],
    };
  }

  /** Takes a package into the image, if it has a version that can be there. */
  #take(found: SlicedPackage | undefined): void {
    if (found === undefined || this.#releases.has(found.name)) return;
    const release = this.#best(found);
    if (release === null) return;
    this.#releases.set(found.name, release);
    this.#closures.put(this.#there, found.name);
    this.#open.push(release);
  }

  #best(found: SlicedPackage): Release | null {
    const usable = (one: Release) => this.#slice.refusals(this.#target, one).length === 0;
    return this.#wishes.allowed(found).find(usable) ?? null;
  }

  #follow(release: Release): void {
    for (const requirement of this.#slice.requirements(release, this.#target)) {
      this.#require(release, requirement);
    }
    for (const provision of release.manifest.provides) {
      this.#take(this.#slice.packages.get(provision.interface));
    }
  }

  #require(release: Release, requirement: Requirement): void {
    const { slot, of, range } = requirement;
    const required = this.#slice.packages.get(of);
    if (required === undefined) return;
    this.#wishes.allow(required, this.#slice.suitable(release, requirement));
    this.#take(required);
    if (!this.#slice.wantsProvider(release, requirement)) return;
    const consumer = release.manifest.name;
    if (slot === of) this.#wishes.implement(this.#target, of, range);
    const key = slot === of ? of : `${consumer}\n${slot}`;
    if (this.#fillings.has(key)) return;
    const provider = this.#provider(consumer, requirement);
    if (provider === null) return;
    this.#fillings.set(key, { consumer, slot, interface: of, provider: provider.name });
    this.#take(provider);
  }

  /** The provider that adds the fewest packages. */
  #provider(consumer: string, requirement: Requirement): SlicedPackage | null {
    const { slot, of } = requirement;
    const named = this.#leaning.provider(slot === of ? null : consumer, slot);
    let best: SlicedPackage | null = null;
    let least = Number.POSITIVE_INFINITY;
    for (const one of this.#slice.providers(of)) {
      if (slot !== of && one.name === consumer) continue;
      const release = this.#releases.get(one.name);
      const fitting = this.#wishes.allowed(one).find((each) => this.#provides(each, requirement));
      if (fitting === undefined || (release ?? fitting) !== fitting) continue;
      const added = this.#closures.added(this.#there, one.name);
      const cost = one.name === named ? -1 : added + perVersion * one.releases.indexOf(fitting);
      if (cost >= least) continue;
      least = cost;
      best = one;
    }
    if (best !== null) {
      const fitting = best.releases.filter((each) => this.#provides(each, requirement));
      this.#wishes.allow(best, fitting);
    }
    return best;
  }

  /** Whether a release can be used, and provides an interface as it is required. */
  #provides(release: Release, { slot, of, range }: Requirement): boolean {
    const version = release.manifest.provides.find((one) => one.interface === of)?.version;
    if (version === undefined || !inRange(version, range)) return false;
    if (slot === of && !this.#wishes.isImplemented(this.#target, of, version)) return false;
    return this.#slice.refusals(this.#target, release).length === 0;
  }
}

/** How many packages more are as bad as one version older. */
const perVersion = 3;
