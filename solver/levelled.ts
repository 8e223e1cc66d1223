import type { Clause, Literal, Sat, Solvable } from "./sat.ts";

/**
 * A search that goes level by level. Clauses that are added after `open` fix the optimum of that level for good, which lets
 * MiniSat drop what is decided; but they are remembered, so that afterwards it can be asked what was still
 * possible at an earlier level.
 */
export class Levelled implements Solvable {
  readonly #sat: Sat;
  readonly #renew: () => Sat;
  readonly #found: (depth: number) => void;
  readonly #levels: Clause[][] = [];
  #earlier: Earlier | null = null;

  /**
   * @param renew makes `sat` anew, as it was before the first level
   * @param found told of each model: how many levels' optima it is known to keep
   */
  constructor(sat: Sat, renew: () => Sat, found: (depth: number) => void) {
    this.#sat = sat;
    this.#renew = renew;
    this.#found = found;
  }

  /** Levels so far. */
  get depth(): number {
    return this.#levels.length;
  }

  /** Begins the next level. */
  open(): void {
    this.#levels.push([]);
  }

  variable(): Literal {
    return this.#sat.variable();
  }

  add(clause: Clause): void {
    this.#sat.add(clause);
    this.#levels.at(-1)?.push(clause);
  }

  solve(wanted: readonly Literal[] = []): boolean {
    if (!this.#sat.solve(wanted)) return false;
    // The last level may still be on the way.
    this.#found(Math.max(0, this.depth - 1));
    return true;
  }

  get holds(): (literal: Literal) => boolean {
    return this.#sat.holds;
  }

  /** What was possible at the levels so far; `variable` and `add` are over. */
  earlier(): Earlier {
    this.#earlier ??= new Earlier(this.#renew(), this.#sat.variable(), this.#levels);
    return this.#earlier;
  }
}

/** The same clauses, with those of each level under a guard. */
export class Earlier {
  readonly #sat: Sat;
  /** The n-th stands for the clauses of the levels up to n, from 0. */
  readonly #guards: Literal[] = [];

  constructor(sat: Sat, variables: number, levels: readonly (readonly Clause[])[]) {
    this.#sat = sat;
    sat.reserve(variables);
    for (const clauses of levels) {
      const guard = sat.variable();
      const before = this.#guards.at(-1);
      if (before !== undefined) sat.add([-guard, before]);
      for (const clause of clauses) sat.add([-guard, ...clause]);
      this.#guards.push(guard);
    }
  }

  /** Whether there is a model that keeps the optima of the first `depth` levels, in which all of `wanted` hold and one of `some` does. */
  possible(depth: number, wanted: readonly Literal[], some?: readonly Literal[]): boolean {
    const guards = depth === 0 ? [] : [this.#guards[depth - 1]!];
    if (some === undefined) return this.#sat.solve([...guards, ...wanted]);
    const selector = this.#sat.variable();
    this.#sat.add([-selector, ...some]);
    const satisfiable = this.#sat.solve([...guards, ...wanted, selector]);
    this.#sat.add([-selector]);
    return satisfiable;
  }

  /** The literal's value in the last model of `possible`. */
  get holds(): (literal: Literal) => boolean {
    return this.#sat.holds;
  }
}
