import { Chain } from "../chain.ts";
import { conflict } from "../conflict.ts";
import type { Literal, Solvable } from "../sat.ts";
import { count } from "../totalizer.ts";
import type { Term } from "./level.ts";

/**
 * Makes the sum of the weights of the true literals as small as possible and fixes it there: clauses are
 * added so that the models left are the optima. Needs `sat` to be satisfiable.
 *
 * Core-guided (OLL: B. Andres et al., ICLP 2012; as in A. Morgado et al., "Core-guided MaxSAT with soft
 * cardinality constraints", CP 2014), heaviest literals first (stratification: C. Ansótegui et al.,
 * CP 2012). Cores always begin at one wish that is known not to go with those accepted before.
 *
 * @param improved called when the last model is better than all before, null when nobody cares
 * @returns the optimum
 */
export function minimise(
  sat: Solvable,
  terms: readonly Term[],
  improved: (() => void) | null = null,
): number {
  return new Minimiser(sat, terms, improved).run();
}

class Minimiser {
  readonly #sat: Solvable;
  readonly #terms: readonly Term[];
  readonly #improved: (() => void) | null;
  /** The least that a model cost so far. */
  #least = Number.POSITIVE_INFINITY;
  /** What is wanted true, and what it costs when it is not. */
  readonly #weights = new Map<Literal, number>();
  /** A wish "at most n of these are false" is followed by "at most n + 1". */
  readonly #successors = new Map<Literal, readonly Literal[]>();
  #cost = 0;
  /** Wishes that hold together: in the last model. */
  readonly #accepted: Chain;
  #pending: Literal[] = [];

  constructor(sat: Solvable, terms: readonly Term[], improved: (() => void) | null) {
    this.#sat = sat;
    this.#terms = terms;
    this.#improved = improved;
    this.#accepted = new Chain(sat);
    for (const { literal, weight } of terms) this.#wish(-literal, weight);
  }

  run(): number {
    this.#search([]);
    for (let least = this.#heaviest(Number.POSITIVE_INFINITY); least > 0; ) {
      const wishes = [...this.#weights].filter(([, weight]) => weight >= least);
      this.#accepted.shorten(0);
      this.#pending = wishes.map(([wish]) => wish);
      this.#accept();
      while (this.#pending.length > 0) this.#tryPending(least);
      least = this.#heaviest(least);
    }
    for (const wish of this.#weights.keys()) this.#sat.add([wish]);
    this.#search([]);
    return this.#cost;
  }

  /** The weight to go on with after `least`: the largest that is at most half of it, or the largest below. */
  #heaviest(least: number): number {
    let below = 0;
    let half = 0;
    for (const weight of this.#weights.values()) {
      if (weight >= least) continue;
      below = Math.max(below, weight);
      if (weight <= least / 2) half = Math.max(half, weight);
    }
    return half > 0 ? half : below;
  }

  #wish(wish: Literal, weight: number): void {
    const opposite = this.#weights.get(-wish) ?? 0;
    // One of the two is false whatever happens.
    const common = Math.min(opposite, weight);
    this.#cost += common;
    setOrDelete(this.#weights, -wish, opposite - common);
    if (weight > common) {
      this.#weights.set(wish, (this.#weights.get(wish) ?? 0) + weight - common);
    }
  }

  #search(wishes: readonly Literal[]): boolean {
    if (!this.#sat.solve(wishes)) return false;
    if (this.#improved !== null) this.#tell(this.#improved);
    return true;
  }

  #tell(improved: () => void): void {
    const cost = this.#terms.reduce(
      (sum, { literal, weight }) => (this.#sat.holds(literal) ? sum + weight : sum),
      0,
    );
    if (cost >= this.#least) return;
    this.#least = cost;
    improved();
  }

  /** Moves all pending wishes that the last model grants to the accepted ones. */
  #accept(): void {
    const left: Literal[] = [];
    for (const wish of this.#pending) {
      if (this.#sat.holds(wish)) this.#accepted.push(wish);
      else left.push(wish);
    }
    this.#pending = left;
  }

  #tryPending(least: number): void {
    const wish = this.#pending.shift()!;
    if (this.#search([...this.#accepted.first(this.#accepted.length), wish])) {
      this.#accepted.push(wish);
      this.#accept();
    } else {
      const core = conflict(this.#sat, this.#accepted, wish, (wanted) => this.#search(wanted));
      this.#relax(core, least);
    }
  }

  /** Not all of the core can be had: pays for one, and wishes that no more be lost. */
  #relax(core: readonly Literal[], least: number): void {
    const weight = Math.min(...core.map((wish) => this.#weights.get(wish)!));
    this.#cost += weight;
    this.#accepted.remove(new Set(core));
    this.#sat.add(core.map((wish) => -wish));
    const again = new Set<Literal>();
    for (const wish of core) {
      setOrDelete(this.#weights, wish, this.#weights.get(wish)! - weight);
      again.add(wish);
      const [next, ...rest] = this.#successors.get(wish) ?? [];
      if (next === undefined) continue;
      this.#successors.set(next, rest);
      this.#wish(next, weight);
      again.add(next);
    }
    if (core.length > 1) {
      const broken = count(
        this.#sat,
        core.map((wish) => -wish),
      );
      const [, next, ...rest] = broken.map((atLeast) => -atLeast);
      if (next !== undefined) {
        this.#successors.set(next, rest);
        this.#wish(next, weight);
        again.add(next);
      }
    }
    for (const wish of again) {
      if ((this.#weights.get(wish) ?? 0) >= least) this.#pending.push(wish);
    }
  }
}

function setOrDelete(weights: Map<Literal, number>, wish: Literal, weight: number): void {
  if (weight > 0) weights.set(wish, weight);
  else weights.delete(wish);
}
