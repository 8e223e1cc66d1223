import type { Release } from "../model/release.ts";
import type { Slice, SlicedPackage } from "./slice.ts";

/** How far requirements are followed down. */
const deepest = 300;

/** What each package would bring with it on a target, whatever else is there: sets of packages, as bits. */
export class Closures {
  readonly target: string;
  readonly #slice: Slice;
  readonly #numbers = new Map<string, number>();
  #depth = 0;
  readonly #sizes = new Map<string, number>();
  readonly #sets = new Map<string, Uint32Array>();
  readonly #best = new Map<string, Release | null>();

  constructor(slice: Slice, target: string) {
    this.#slice = slice;
    this.target = target;
    for (const name of slice.packages.keys()) this.#numbers.set(name, this.#numbers.size);
  }

  none(): Uint32Array {
    return new Uint32Array((this.#numbers.size + 31) >> 5);
  }

  put(set: Uint32Array, name: string): void {
    const number = this.#numbers.get(name)!;
    set[number >> 5]! |= 1 << (number & 31);
  }

  /** How many packages a package comes with, itself included. */
  size(name: string): number {
    const known = this.#sizes.get(name);
    if (known !== undefined) return known;
    const size = this.added(this.none(), name);
    this.#sizes.set(name, size);
    return size;
  }

  /** How many packages a package brings with it beside those that are there. */
  added(there: Uint32Array, name: string): number {
    return sizeWith(there, this.#of(name));
  }

  /** The newest that can be used; null when none can. */
  #newest({ name, releases }: SlicedPackage): Release | null {
    const known = this.#best.get(name);
    if (known !== undefined) return known;
    const usable = (one: Release) => this.#slice.refusals(this.target, one).length === 0;
    const best = releases.find(usable) ?? null;
    this.#best.set(name, best);
    return best;
  }

  #of(name: string): Uint32Array {
    const known = this.#sets.get(name);
    if (known !== undefined) return known;
    const all = this.none();
    this.put(all, name);
    // So far down it makes no difference any more, and chains of packages may be long.
    if (this.#depth >= deepest) return all;
    // Whoever comes here again meanwhile is in a circle.
    this.#sets.set(name, all);
    this.#depth += 1;
    this.#follow(name, all);
    this.#depth -= 1;
    return all;
  }

  #follow(name: string, all: Uint32Array): void {
    const found = this.#slice.packages.get(name);
    const release = found === undefined ? null : this.#newest(found);
    if (release === null) return;
    for (const provision of release.manifest.provides) this.#join(all, provision.interface);
    for (const requirement of this.#slice.requirements(release, this.target)) {
      this.#join(all, requirement.of);
      if (!this.#slice.wantsProvider(release, requirement)) continue;
      let least: Uint32Array | null = null;
      let size = Number.POSITIVE_INFINITY;
      for (const one of this.#slice.providers(requirement.of)) {
        if (this.#newest(one) === null) continue;
        const set = this.#of(one.name);
        const added = sizeWith(all, set);
        if (added >= size) continue;
        size = added;
        least = set;
      }
      if (least !== null) unite(all, least);
    }
  }

  #join(all: Uint32Array, name: string): void {
    if (this.#numbers.has(name)) unite(all, this.#of(name));
  }
}

function unite(all: Uint32Array, more: Uint32Array): void {
  for (let index = 0; index < all.length; index++) all[index]! |= more[index]!;
}

/** How many of `more` are not in `there`. */
function sizeWith(there: Uint32Array, more: Uint32Array): number {
  let size = 0;
  for (let index = 0; index < there.length; index++) {
    const bits = more[index]! & ~there[index]!;
    if (bits !== 0) size += bitsOf(bits);
  }
  return size;
}

/** How many bits of 32 are set (H. Warren, Hacker's Delight, 5-1). */
function bitsOf(word: number): number {
  const pairs = word - ((word >>> 1) & 0x55555555);
  const fours = (pairs & 0x33333333) + ((pairs >>> 2) & 0x33333333);
  return Math.imul((fours + (fours >>> 4)) & 0x0f0f0f0f, 0x01010101) >>> 24;
}
