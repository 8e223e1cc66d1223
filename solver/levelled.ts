import type { Literal, Sat, Solvable } from "./sat.ts";

/**
 * A search that goes level by level: clauses that are added after `open` fix the optimum of that level, and bind
 * from then on, but can be asked to stand back. So that afterwards it can be said at which level something was lost.
 */
export class Levelled implements Solvable {
  readonly #sat: Sat;
  readonly #found: (depth: number) => void;
  /** The n-th stands for the clauses of the levels up to n, from 0. */
  readonly #guards: Literal[] = [];

  /** @param found told of each model: how many levels' optima it is known to keep */
  constructor(sat: Sat, found: (depth: number) => void) {
    this.#sat = sat;
    this.#found = found;
  }

  /** Levels so far. */
  get depth(): number {
    return this.#guards.length;
  }

  /** Begins the next level. */
  open(): void {
    const guard = this.#sat.variable();
    const before = this.#guards.at(-1);
    if (before !== undefined) this.#sat.add([-guard, before]);
    this.#guards.push(guard);
  }

  variable(): Literal {
    return this.#sat.variable();
  }

  add(clause: readonly Literal[]): void {
    const guard = this.#guards.at(-1);
    this.#sat.add(guard === undefined ? clause : [-guard, ...clause]);
  }

  solve(wanted: readonly Literal[] = []): boolean {
    if (!this.#sat.solve([...this.#guards.slice(-1), ...wanted])) return false;
    // The last level may still be on the way.
    this.#found(Math.max(0, this.depth - 1));
    return true;
  }

  /** Whether there is a model that keeps the optima of the first `depth` levels and in which all of `wanted` and one of `some` holds. */
  possible(
    depth: number,
    wanted: readonly Literal[],
    some: readonly Literal[] | null = null,
  ): boolean {
    const guards = depth === 0 ? [] : [this.#guards[depth - 1]!];
    if (some === null) return this.#sat.solve([...guards, ...wanted]);
    const selector = this.#sat.variable();
    this.#sat.add([-selector, ...some]);
    const satisfiable = this.#sat.solve([...guards, ...wanted, selector]);
    this.#sat.add([-selector]);
    return satisfiable;
  }

  get holds(): (literal: Literal) => boolean {
    return this.#sat.holds;
  }
}
