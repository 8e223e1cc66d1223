import type { Release } from "../model/release.ts";
import type { Encoding } from "./encode.ts";
import type { MetPackage } from "./images.ts";
import type { OpenedLevel } from "./opened-level.ts";
import type { Clause, Literal } from "./sat.ts";
import type { SlicedPackage } from "./slice.ts";

/** What the levels up to "newest" leave of each package, once they are over: one release, or none. */
export class Candidates {
  readonly #encoding: Encoding;
  readonly #opened: readonly OpenedLevel[];
  /** Literals that all of the optima have, as far as the levels' clauses say so by themselves. */
  readonly #fixed = new Set<Literal>();
  /** List of clauses -> how many of them are in `#fixed`. */
  readonly #told = new Map<readonly Clause[], number>();

  constructor(encoding: Encoding, opened: readonly OpenedLevel[]) {
    this.#encoding = encoding;
    this.#opened = opened;
  }

  /** The release that may be in the target's image; null when none may. */
  of(target: string, name: string): Release | null {
    const { slice } = this.#encoding;
    const met = this.#encoding.metPackage(target, name);
    const found = slice.packages.get(name);
    if (found === undefined) return null;
    const release = this.#left(found, met);
    return release === null || slice.refusals(target, release).length > 0 ? null : release;
  }

  /** Has all encoded that the levels so far leave open; on all targets for null. */
  encode(target: string | null): void {
    const encoding = this.#encoding;
    // What is met from now on is in none of the optima.
    for (const met of [...(target === null ? encoding.met : encoding.metOn(target))]) {
      const release = this.#left(met.found, met);
      if (release === null || encoding.slice.isBarred(met.target, release)) continue;
      encoding.encode(met.target, release);
    }
  }

  #left(found: SlicedPackage, met: MetPackage | null): Release | null {
    this.#update();
    const fixed = this.#fixed;
    if (met !== null && fixed.has(-met.present)) return null;
    // One that was met on no target is at its newest, or it would be in none of the optima.
    const older = this.#encoding.older(found.name);
    const index = found.releases.findIndex(
      (_, at) => !fixed.has(older[at] ?? 0) && (at === 0 || !fixed.has(-older[at - 1]!)),
    );
    if (index < 0 || (met !== null && fixed.has(-met.used[index]!))) return null;
    return found.releases[index]!;
  }

  #update(): void {
    for (const opened of this.#opened) {
      for (const list of opened.clauses(null)) {
        const told = this.#told.get(list) ?? 0;
        if (told === list.length) continue;
        for (const [literal, ...rest] of list.slice(told)) {
          if (literal !== undefined && rest.length === 0) this.#fixed.add(literal);
        }
        this.#told.set(list, list.length);
      }
    }
  }
}
