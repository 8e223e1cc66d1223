import { admits, type Operator, operator, type Universe } from "./document.ts";

/** A package that provides a name, and as which version; `every` when the document gives none. */
export interface Provision {
  readonly provider: number;
  readonly version: number;
}

/** A name that is provided without a version is there in every version (CUDF 2.0, features). */
export const every = 0;

/** Who has a name: the packages of that name, and those that provide it. */
export class Providers {
  readonly #universe: Universe;
  /** Packages of name n stand in `#packages` from `#packagesFrom[n]` to `#packagesFrom[n + 1]`. */
  readonly #packages: Int32Array;
  readonly #packagesFrom: Int32Array;
  readonly #providers: Int32Array;
  readonly #provided: Float64Array;
  readonly #providersFrom: Int32Array;
  readonly #found = new Map<number, Map<number, readonly number[]>>();

  constructor(universe: Universe) {
    this.#universe = universe;
    const { name, providesStart, providesEnd, atoms } = universe;
    const names = universe.names.size;

    this.#packagesFrom = new Int32Array(names + 1);
    for (const each of name) this.#packagesFrom[each + 1]! += 1;
    accumulate(this.#packagesFrom);
    this.#packages = new Int32Array(name.length);
    const nextPackage = this.#packagesFrom.slice();
    for (let index = 0; index < name.length; index++) {
      this.#packages[nextPackage[name[index]!]!++] = index;
    }

    this.#providersFrom = new Int32Array(names + 1);
    for (let index = 0; index < name.length; index++) {
      for (let atom = providesStart[index]!; atom < providesEnd[index]!; atom++) {
        this.#providersFrom[atoms.name[atom]! + 1]! += 1;
      }
    }
    accumulate(this.#providersFrom);
    this.#providers = new Int32Array(this.#providersFrom[names]!);
    this.#provided = new Float64Array(this.#providersFrom[names]!);
    const nextProvider = this.#providersFrom.slice();
    for (let index = 0; index < name.length; index++) {
      for (let atom = providesStart[index]!; atom < providesEnd[index]!; atom++) {
        const place = nextProvider[atoms.name[atom]!]!++;
        this.#providers[place] = index;
        this.#provided[place] =
          atoms.operator[atom] === operator.any ? every : atoms.version[atom]!;
      }
    }
  }

  /** All versions of a name, in the order of the document. */
  packagesOf(name: number): Int32Array {
    return this.#packages.subarray(this.#packagesFrom[name], this.#packagesFrom[name + 1]);
  }

  /** Packages that have the name, their own or provided, with every version they have it in. */
  provisionsOf(name: number): Provision[] {
    const provisions: Provision[] = [];
    for (const provider of this.packagesOf(name)) {
      provisions.push({ provider, version: this.#universe.version[provider]! });
    }
    for (let at = this.#providersFrom[name]!; at < this.#providersFrom[name + 1]!; at++) {
      provisions.push({ provider: this.#providers[at]!, version: this.#provided[at]! });
    }
    return provisions;
  }

  /** Packages that meet an atom, each once. */
  candidates(atom: number): readonly number[] {
    const { atoms } = this.#universe;
    return this.matching(atoms.name[atom]!, atoms.operator[atom]!, atoms.version[atom]!);
  }

  /** Packages that meet `name wanted bound`, each once. */
  matching(name: number, wanted: Operator, bound: number): readonly number[] {
    const key = name * 8 + wanted;
    let versions = this.#found.get(key);
    if (versions === undefined) {
      versions = new Map();
      this.#found.set(key, versions);
    }
    let found = versions.get(bound);
    if (found === undefined) {
      found = this.#search(name, wanted, bound);
      versions.set(bound, found);
    }
    return found;
  }

  /** Packages of that name themselves, without those that provide it. */
  own(atom: number): readonly number[] {
    const { atoms, version } = this.#universe;
    return [...this.packagesOf(atoms.name[atom]!)].filter((index) =>
      admits(atoms.operator[atom]!, atoms.version[atom]!, version[index]!),
    );
  }

  #search(name: number, wanted: Operator, bound: number): readonly number[] {
    const { version } = this.#universe;
    const found: number[] = [];
    for (let at = this.#packagesFrom[name]!; at < this.#packagesFrom[name + 1]!; at++) {
      const index = this.#packages[at]!;
      if (admits(wanted, bound, version[index]!)) found.push(index);
    }
    const own = found.length;
    for (let at = this.#providersFrom[name]!; at < this.#providersFrom[name + 1]!; at++) {
      const index = this.#providers[at]!;
      const provided = this.#provided[at]!;
      if (provided !== every && !admits(wanted, bound, provided)) continue;
      // The provisions of one package follow each other; its own name it may provide as well.
      if (found.at(-1) === index || (own > 0 && found.lastIndexOf(index, own - 1) >= 0)) continue;
      found.push(index);
    }
    return found;
  }
}

/** Counts to places: after it, place n is where what was counted at n + 1 begins. */
function accumulate(counts: Int32Array): void {
  for (let index = 1; index < counts.length; index++) counts[index]! += counts[index - 1]!;
}
