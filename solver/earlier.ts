import type { Exploring } from "./exploring.ts";
import type { Guess } from "./guess.ts";
import type { OpenedLevel } from "./levelled.ts";
import type { Clause, Literal } from "./sat.ts";

/** What was possible at the levels of a search that is over: its clauses again, with those of each level under a guard. */
export class Earlier {
  readonly #search: Exploring;
  readonly #opened: readonly OpenedLevel[];
  /** The n-th stands for the clauses of the levels up to n, from 0. */
  readonly #guards: Literal[] = [];

  constructor(search: Exploring, opened: readonly OpenedLevel[]) {
    this.#search = search;
    this.#opened = opened;
    for (const { clauses } of opened) {
      const guard = search.variable();
      const before = this.#guards.at(-1);
      if (before !== undefined) search.add([-guard, before]);
      for (const clause of clauses) search.add([-guard, ...clause]);
      this.#guards.push(guard);
    }
  }

  /** Begins with the best plan. */
  begin(best: (literal: Literal) => boolean): void {
    this.#search.regime = "closed";
    this.#search.begin(best);
  }

  /** Whether there is a model that keeps the optima of the first `depth` levels, in which one of `some` holds. */
  possible(depth: number, some: readonly Literal[]): boolean {
    const guards = this.#guarded(depth);
    const selector = this.#search.variable();
    this.#search.add([-selector, ...some]);
    const satisfiable = this.#search.solve([...guards, selector]);
    this.#search.add([-selector]);
    return satisfiable;
  }

  /** Whether there is a model that keeps the optima of the first `depth` levels, with just these images. */
  suits(depth: number, guesses: readonly Guess[]): boolean {
    return this.#search.suits(guesses, this.#guarded(depth));
  }

  #guarded(depth: number): readonly Literal[] {
    // Nothing that was not met is in any of the plans with the fewest packages.
    const known = this.#opened.findIndex((one) => one.level.name === "packages") < depth;
    this.#search.regime = known ? "closed" : "here";
    return depth === 0 ? [] : [this.#guards[depth - 1]!];
  }

  /** The literal's value in the last model of `possible`. */
  holds = (literal: Literal): boolean => this.#search.holds(literal);

  /** Clauses of levels that came up since the last time. */
  late(update: () => void): readonly Clause[] {
    update();
    return this.#opened.flatMap((one, index) =>
      one.lateForAll().map((clause) => [-this.#guards[index]!, ...clause]),
    );
  }
}
