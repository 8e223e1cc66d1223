import type { Release } from "../model/release.ts";
import type { Slice, SlicedPackage } from "./slice.ts";

/** How far requirements are followed down. */
const deepest = 300;

/** What each package would bring with it on a target, whatever else is there: sets of packages, as bits. */
export class Closures {
  readonly target: string;
  readonly #slice: Slice;
  readonly #numbers: ReadonlyMap<string, number>;
  /** Words of a set. */
  readonly #words: number;
  /** The sets of all packages, one after the other. */
  readonly #sets: Uint32Array;
  /** Number of a package -> 1 when its set is made, or being made. */
  readonly #made: Uint8Array;
  /** Number of a package -> how many it comes with; 0 before that is known. */
  readonly #sizes: Uint32Array;
  readonly #best = new Map<SlicedPackage, Release | null>();
  #depth = 0;

  /** @param numbers of all packages in reach, from 0 on */
  constructor(slice: Slice, target: string, numbers: ReadonlyMap<string, number>) {
    this.#slice = slice;
    this.target = target;
    this.#numbers = numbers;
    this.#words = (numbers.size + 31) >> 5;
    this.#sets = new Uint32Array(this.#words * numbers.size);
    this.#made = new Uint8Array(numbers.size);
    this.#sizes = new Uint32Array(numbers.size);
  }

  none(): Uint32Array {
    return new Uint32Array(this.#words);
  }

  put(set: Uint32Array, name: string): void {
    const number = this.#numbers.get(name)!;
    set[number >> 5]! |= 1 << (number & 31);
  }

  /** How many packages a package comes with, itself included. */
  size(name: string): number {
    const number = this.#numbers.get(name)!;
    if (this.#sizes[number] === 0) {
      const start = this.#of(number, name);
      let size = 0;
      for (let word = 0; word < this.#words; word++) size += bitsOf(this.#sets[start + word]!);
      this.#sizes[number] = size;
    }
    return this.#sizes[number]!;
  }

  /** How many packages a package brings with it beside those that are there. */
  added(there: Uint32Array, name: string): number {
    return this.#sizeWith(there, 0, this.#of(this.#numbers.get(name)!, name));
  }

  /** The newest that can be used; null when none can. */
  #newest(found: SlicedPackage): Release | null {
    let best = this.#best.get(found);
    if (best === undefined) {
      const usable = (one: Release) => this.#slice.refusals(this.target, one).length === 0;
      best = found.releases.find(usable) ?? null;
      this.#best.set(found, best);
    }
    return best;
  }

  /** Where the package's set starts. */
  #of(number: number, name: string): number {
    const start = number * this.#words;
    if (this.#made[number] === 1) return start;
    this.#sets[start + (number >> 5)]! |= 1 << (number & 31);
    // So far down it makes no difference any more, and chains of packages may be long.
    if (this.#depth >= deepest) return start;
    // Whoever comes here again meanwhile is in a circle.
    this.#made[number] = 1;
    this.#depth += 1;
    this.#follow(name, start);
    this.#depth -= 1;
    return start;
  }

  #follow(name: string, all: number): void {
    const found = this.#slice.packages.get(name);
    const release = found === undefined ? null : this.#newest(found);
    if (release === null) return;
    for (const provision of release.manifest.provides) this.#join(all, provision.interface);
    for (const requirement of this.#slice.requirements(release, this.target)) {
      this.#join(all, requirement.of);
      if (!this.#slice.wantsProvider(release, requirement)) continue;
      let least = -1;
      let size = Number.POSITIVE_INFINITY;
      for (const one of this.#slice.providers(requirement.of)) {
        if (this.#newest(one) === null) continue;
        const number = this.#numbers.get(one.name);
        if (number === undefined) continue;
        const set = this.#of(number, one.name);
        const added = this.#sizeWith(this.#sets, all, set);
        if (added >= size) continue;
        size = added;
        least = set;
      }
      if (least >= 0) this.#unite(all, least);
    }
  }

  #join(all: number, name: string): void {
    const number = this.#numbers.get(name);
    if (number !== undefined) this.#unite(all, this.#of(number, name));
  }

  #unite(all: number, more: number): void {
    const sets = this.#sets;
    for (let word = 0; word < this.#words; word++) sets[all + word]! |= sets[more + word]!;
  }

  /** How many packages of the set that starts at `more` are not in the one that starts at `start` of `there`. */
  #sizeWith(there: Uint32Array, start: number, more: number): number {
    const sets = this.#sets;
    let size = 0;
    for (let word = 0; word < this.#words; word++) {
      const bits = sets[more + word]! & ~there[start + word]!;
      if (bits !== 0) size += bitsOf(bits);
    }
    return size;
  }
}

/** How many bits of 32 are set (H. Warren, Hacker's Delight, 5-1). */
function bitsOf(word: number): number {
  const pairs = word - ((word >>> 1) & 0x55555555);
  const fours = (pairs & 0x33333333) + ((pairs >>> 2) & 0x33333333);
  return Math.imul((fours + (fours >>> 4)) & 0x0f0f0f0f, 0x01010101) >>> 24;
}
