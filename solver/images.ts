import type { Release } from "../model/release.ts";
import type { Formula } from "./formula.ts";
import type { Literal } from "./sat.ts";
import type { Slice, SlicedPackage } from "./slice.ts";

/** A package that the encoding has variables for on a target. */
export interface MetPackage {
  readonly target: string;
  readonly found: SlicedPackage;
  /** "The release is in the image", in the order of the releases. */
  readonly used: readonly Literal[];
  /** "Something older than this release is used, on some target", for each but the last. */
  readonly older: readonly Literal[];
  /** "Some version of the package is in the image." */
  readonly present: Literal;
}

/** Wish for a version: "nothing older than this is used". `place` is its rank in the level "newest". */
export interface VersionWish {
  readonly literal: Literal;
  readonly place: number;
}

/** Which release of which package is in which image: variables, made for a package when it is met. */
export class Images {
  /** In the order in which they were met. */
  readonly met: MetPackage[] = [];
  /** The same for each target. */
  readonly metOn = new Map<string, MetPackage[]>();
  readonly newest: VersionWish[] = [];
  readonly #formula: Formula;
  readonly #packages = new Map<string, Map<string, MetPackage>>();
  readonly #used = new Map<string, Map<Release, Literal>>();
  readonly #ladders = new Map<string, readonly Literal[]>();
  /** Package -> how many releases stand before its own in the slice. */
  readonly #places = new Map<string, number>();

  constructor(slice: Slice, formula: Formula) {
    this.#formula = formula;
    let place = 0;
    for (const { name, releases } of slice.packages.values()) {
      this.#places.set(name, place);
      place += releases.length;
    }
    for (const target of slice.request.targets) {
      this.#packages.set(target, new Map());
      this.metOn.set(target, []);
      this.#used.set(target, new Map());
    }
  }

  /** Null when nobody spoke of the package yet. */
  find(target: string, name: string): MetPackage | null {
    return this.#packages.get(target)?.get(name) ?? null;
  }

  /** "Something older than this release is used, on some target", for each but the last; none when it was not met. */
  older(name: string): readonly Literal[] {
    return this.#ladders.get(name) ?? [];
  }

  used(target: string, release: Release): Literal | null {
    return this.#used.get(target)?.get(release) ?? null;
  }

  /** Gives a package its variables on a target. */
  meet(target: string, found: SlicedPackage): MetPackage {
    const known = this.find(target, found.name);
    if (known !== null) return known;
    const formula = this.#formula;
    // MiniSat decides variables in their order, and first for false: that nothing older is used comes first.
    const older = this.#ladder(found);
    const used = found.releases.map(() => formula.variable(target));
    const ofTarget = this.#used.get(target)!;
    for (const [index, release] of found.releases.entries()) ofTarget.set(release, used[index]!);
    let present = used[0]!;
    if (used.length > 1) {
      present = formula.variable(target);
      for (const literal of used) formula.define(-literal, present);
      formula.define(-present, ...used);
    }
    this.#oneVersion(found.name, older, used);
    const met = { target, found, used, older, present };
    this.#packages.get(target)!.set(found.name, met);
    this.met.push(met);
    this.metOn.get(target)!.push(met);
    return met;
  }

  /** "Something older than version i is used, on some target." */
  #ladder({ name, releases }: SlicedPackage): readonly Literal[] {
    const known = this.#ladders.get(name);
    if (known !== undefined) return known;
    const older = releases.slice(1).map(() => this.#formula.variable(null));
    this.#ladders.set(name, older);
    const cause = this.#formula.cause({ kind: "one version", package: name });
    for (const [index, literal] of older.entries()) {
      this.newest.push({ literal: -literal, place: this.#places.get(name)! + index });
      if (index > 0) this.#formula.add(cause, [older[index - 1]!, -literal]);
    }
    return older;
  }

  /**
   * Orders the versions of a package: `O(i)` says that one older than version i is used, on any target.
   * `O(i) → ¬p@v(i)`, `O(i+1) → O(i)`, `p@v(i+1) → O(i)`: at most one version, in three clauses each.
   */
  #oneVersion(name: string, ladder: readonly Literal[], used: readonly Literal[]): void {
    const cause = this.#formula.cause({ kind: "one version", package: name });
    for (const [index, literal] of used.entries()) {
      const older = ladder[index];
      const fromHere = ladder[index - 1];
      if (older !== undefined) this.#formula.add(cause, [-literal, -older]);
      if (fromHere !== undefined) this.#formula.add(cause, [fromHere, -literal]);
    }
  }
}
