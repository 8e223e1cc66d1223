import type { Circles } from "./circle.ts";
import type { Encoding } from "./encode.ts";
import type { Guess } from "./guess.ts";
import type { MetPackage } from "./images.ts";
import { dropNeedless, literalsOf, needed } from "./needed.ts";
import { Part } from "./part.ts";
import {
  type Clause,
  type Engine,
  isTrue,
  type Literal,
  type Refine,
  Sat,
  type Solvable,
} from "./sat.ts";
import type { SatHeap } from "./sat-heap.ts";

/**
 * How a search sees to it that nothing is in an image that nobody needs.
 *
 * - "away": nothing is wanted to be there. Then what nobody needs can be taken out of each model.
 * - "here": something is, be it by the last level's optimum. Then something that was not met yet may have to need it.
 * - "closed": something is, but nothing that was not met yet.
 */
export type Regime = "away" | "here" | "closed";

/**
 * A search over an encoding that is made as far as models look at it. Whatever it answers is true of the whole
 * encoding.
 */
export class Exploring implements Solvable {
  readonly #encoding: Encoding;
  readonly #grown: () => readonly Clause[];
  readonly #sat: Engine;
  readonly #targets: readonly string[];
  #regime: Regime = "away";
  /** Targets that are spoken of; null for several together. */
  readonly #spoken: readonly (string | null)[];
  /** The same -> how many of the encoding's clauses were looked at. */
  readonly #loaded = new Map<string | null, number>();
  /** Clauses of the encoding's support that `#sat` does not have yet. */
  readonly #support: Clause[] = [];
  #model: Uint8Array = new Uint8Array(0);
  /** Stands for: nothing is needed by what was not met. Null when it has to be told anew. */
  #sober: Literal | null = null;
  #known: Literal | null = null;
  /** How many releases were encoded, and packages met, when `#known` was made. */
  #knownOf = 0;

  /**
   * @param grown called when the encoding has grown: returns clauses that are not in it, but must hold here
   * @param part the target that alone is searched, and a model that says how the others are; null for all
   */
  constructor(
    encoding: Encoding,
    circles: Circles,
    heap: SatHeap | number,
    grown: () => readonly Clause[],
    part: { readonly target: string; readonly base: Uint8Array } | null = null,
  ) {
    this.#encoding = encoding;
    this.#grown = grown;
    this.#targets = part === null ? encoding.targets : [part.target];
    this.#spoken = [null, ...this.#targets];
    const refine: Refine = (holds) => circles.find(holds, this.#targets).map((one) => one.clause);
    const { variables } = encoding;
    this.#sat =
      part === null
        ? new Sat(heap, refine, variables)
        : new Part(heap, refine, variables, part.target, part.base);
  }

  get regime(): Regime {
    return this.#regime;
  }

  set regime(regime: Regime) {
    this.#regime = regime;
  }

  variable(): Literal {
    return this.#sat.variable();
  }

  add(clause: Clause): void {
    this.#sat.add(clause);
  }

  solve(wanted: readonly Literal[] = []): boolean {
    this.#addNews();
    if (this.#regime === "away") return this.#accept(this.#explore(wanted));
    for (;;) {
      if (this.#explore([...wanted, this.#assumeSober()])) {
        // Clauses that came on the way may have brought more that can be needed.
        if (this.#sober !== null) return this.#accept(true);
        continue;
      }
      if (this.#sober === null) continue;
      if (this.#regime === "closed" || !this.#explore(wanted)) return false;
      for (const doubt of this.#encoding.doubtful(this.#sat.holds)) this.#encoding.dispel(doubt);
      this.#addNews();
    }
  }

  /** Solves until there is a model, all of which is encoded. */
  #explore(wanted: readonly Literal[]): boolean {
    while (this.#sat.solve(wanted)) {
      const { packages } = needed(this.#encoding, this.#sat.holds, this.#targets);
      const unknown = [...packages].filter(
        ([met, index]) => !this.#encoding.leads.has(met.used[index]!),
      );
      if (unknown.length === 0) return true;
      // What is encoded by now may do.
      if (this.#sat.solve([...wanted, this.#assumeKnown()])) return true;
      for (const [met, index] of unknown) encodeOnwards(this.#encoding, met, index, packages);
      this.#addNews();
    }
    return false;
  }

  /** Stands for: there is nothing in the images that has no clauses yet. */
  #assumeKnown(): Literal {
    const { leads, encoded, met } = this.#encoding;
    const extent = encoded.length + met.length;
    if (this.#known !== null && this.#knownOf === extent) return this.#known;
    if (this.#known !== null) this.#sat.add([-this.#known]);
    this.#known = this.variable();
    this.#knownOf = extent;
    for (const target of this.#targets) {
      for (const { used, present } of this.#encoding.metOn(target)) {
        const unknown = used.filter((literal) => !leads.has(literal));
        if (unknown.length === used.length) this.#sat.add([-this.#known, -present]);
        else for (const literal of unknown) this.#sat.add([-this.#known, -literal]);
      }
    }
    return this.#known;
  }

  /** Whether there is a model of just these images, and of `wanted`. */
  suits(guesses: readonly Guess[], wanted: readonly Literal[] = []): boolean {
    const encoding = this.#encoding;
    const literals = [...wanted];
    for (const { target, releases, fillings, options } of guesses) {
      for (const release of releases.values()) {
        encoding.meet(target, release.manifest.name);
        encoding.encode(target, release);
        literals.push(encoding.inImage(target, release)!);
      }
      for (const one of fillings) {
        const choice = encoding.choiceOf(target, one.consumer, one.slot, one.interface);
        const provider = choice?.providers.get(one.provider);
        if (provider !== undefined) literals.push(provider);
      }
      for (const { consumer, slot, isMet } of options) {
        const taken = encoding.taken(target, consumer, slot);
        if (taken !== null) literals.push(isMet ? taken : -taken);
      }
    }
    return this.solve(literals);
  }

  /**
   * Looks at a model that is near to another search's: MiniSat goes on from where it was, so that what is found next differs from it no more
   * than it has to.
   */
  begin(holds: (literal: Literal) => boolean): void {
    this.solve(literalsOf(needed(this.#encoding, holds, this.#targets)));
  }

  /** The last model that `solve` found, with all that nobody needs. */
  get model(): Uint8Array {
    return this.#sat.model;
  }

  /** The same without it, as `holds` has it. */
  get image(): Uint8Array {
    return this.#model;
  }

  /** The literal's value in the last model that `solve` found. */
  holds = (literal: Literal): boolean => isTrue(this.#model, literal);

  #accept(satisfiable: boolean): boolean {
    if (!satisfiable) return false;
    const { model } = this.#sat;
    if (this.#model.length < model.length) this.#model = new Uint8Array(model.length * 2);
    this.#model.set(model);
    this.#model.fill(0, model.length);
    if (this.#regime !== "away") return true;
    const all = needed(this.#encoding, this.#sat.holds, this.#targets);
    dropNeedless(this.#encoding, all, this.#model, this.#targets);
    return true;
  }

  #assumeSober(): Literal {
    if (this.#sober === null) {
      this.#sober = this.variable();
      for (const unmet of this.#encoding.unmet()) this.#sat.add([-this.#sober, -unmet]);
    }
    return this.#sober;
  }

  #addNews(): void {
    for (const clause of this.#news()) this.#sat.add(clause);
  }

  /** Clauses that came to the encoding since the last time. */
  #news(): readonly Clause[] {
    const clauses: Clause[] = [...this.#grown()];
    this.#encoding.settle();
    for (const target of this.#spoken) {
      const all = this.#encoding.clausesOf(target);
      const loaded = this.#loaded.get(target) ?? 0;
      for (let index = loaded; index < all.length; index++) {
        const { literals, cause } = all[index]!;
        if (cause.kind === "support") this.#support.push(literals);
        else clauses.push(literals);
      }
      this.#loaded.set(target, all.length);
    }
    if (this.#regime === "away" || this.#support.length === 0) return clauses;
    this.#sober = null;
    return [...clauses, ...this.#support.splice(0)];
  }
}

/** Adds the clauses of a release, and of what it will probably come with: so the next model is not one step further only. */
function encodeOnwards(
  encoding: Encoding,
  start: MetPackage,
  index: number,
  packages: ReadonlyMap<MetPackage, number>,
): void {
  const closures = encoding.slice.closures(start.target);
  const there = closures.none();
  for (const { target, found } of packages.keys()) {
    if (target === start.target) closures.put(there, found.name);
  }
  const open: (readonly [MetPackage, number])[] = [[start, index]];
  const seen = new Set<MetPackage>();
  for (let next = open.pop(); next !== undefined; next = open.pop()) {
    const [met, at] = next;
    if (packages.has(met) && met !== start) continue;
    if (seen.has(met)) continue;
    seen.add(met);
    closures.put(there, met.found.name);
    const used = met.used[at];
    if (used === undefined || encoding.leads.has(used)) continue;
    encoding.encode(met.target, met.found.releases[at]!);
    for (const { met: lead, choice } of encoding.leads.get(used)!) {
      open.push([lead, usableAt(encoding, lead)]);
      let best: MetPackage | null = null;
      let least = Number.POSITIVE_INFINITY;
      for (const name of choice?.providers.keys() ?? []) {
        const provider = encoding.metPackage(lead.target, name)!;
        const isThere = packages.has(provider) || seen.has(provider);
        if (!isThere && usableAt(encoding, provider) < 0) continue;
        const added = closures.added(there, name);
        if (!isThere && added >= least) continue;
        best = provider;
        least = isThere ? 0 : added;
      }
      if (best !== null) open.push([best, usableAt(encoding, best)]);
    }
  }
}

/** The newest release that its manifest does not rule out; -1 when there is none. */
function usableAt({ slice }: Encoding, { target, found }: MetPackage): number {
  return found.releases.findIndex((one) => !slice.isBarred(target, one));
}
