import type { Exploring } from "./exploring.ts";
import type { Guess } from "./guess.ts";
import type { OpenedLevel } from "./opened-level.ts";
import type { Clause, Literal } from "./sat.ts";

/**
 * A search with the levels' optima, of which the later ones can be left out: so that it can be asked what was still possible at
 * an earlier level.
 */
export class Stage {
  readonly search: Exploring;
  /** The target that is searched; null for all together. */
  readonly target: string | null;
  readonly #opened: readonly OpenedLevel[];
  readonly #firm: number;
  /** Each stands for the optima of one more of the levels that are not firm. */
  readonly #guards: Literal[] = [];
  /** List of a level's clauses -> how many of them the search has. */
  readonly #loaded = new Map<readonly Clause[], number>();

  /** @param firm levels whose optima hold for good: MiniSat forgets what they decide */
  constructor(
    search: Exploring,
    target: string | null,
    opened: readonly OpenedLevel[],
    firm: number,
  ) {
    this.search = search;
    this.target = target;
    this.#opened = opened;
    this.#firm = firm;
    for (let depth = firm; depth < opened.length; depth++) {
      const guard = search.variable();
      const before = this.#guards.at(-1);
      if (before !== undefined) search.add([-guard, before]);
      this.#guards.push(guard);
    }
  }

  /** Adds a clause that holds with the optima of the first `depth` levels. */
  add(depth: number, clause: Clause): void {
    this.search.add(this.#guarded(depth, clause));
  }

  /** Adds a clause that fixes the optimum of the level after `depth - 1` others, here and wherever that level counts. */
  fix(depth: number, clause: Clause): void {
    const opened = this.#opened[depth - 1]!;
    const list = opened.fix(this.target, clause);
    const loaded = this.#loaded.get(list) ?? 0;
    for (const one of list.slice(loaded)) this.add(depth, one);
    this.#loaded.set(list, list.length);
  }

  /** Clauses of the levels that came up since the last time. */
  news(): readonly Clause[] {
    const news: Clause[] = [];
    for (const [index, opened] of this.#opened.entries()) {
      for (const list of opened.clauses(this.target)) {
        const loaded = this.#loaded.get(list) ?? 0;
        for (const clause of list.slice(loaded)) news.push(this.#guarded(index + 1, clause));
        this.#loaded.set(list, list.length);
      }
    }
    return news;
  }

  /** Whether there is a model of all of `wanted` that keeps the optima of the first `depth` levels. */
  solve(depth: number, wanted: readonly Literal[] = []): boolean {
    return this.search.solve([...this.#assumed(depth), ...wanted]);
  }

  /** Whether there is a model that keeps the optima of the first `depth` levels, in which one of `some` holds. */
  possible(depth: number, some: readonly Literal[]): boolean {
    this.#setRegime(depth);
    const selector = this.search.variable();
    this.search.add([-selector, ...some]);
    const satisfiable = this.solve(depth, [selector]);
    this.search.add([-selector]);
    return satisfiable;
  }

  /** Whether there is a model that keeps the optima of the first `depth` levels, with just these images. */
  suits(depth: number, guesses: readonly Guess[]): boolean {
    this.#setRegime(depth);
    return this.search.suits(guesses, this.#assumed(depth));
  }

  /** The literal's value in the last model. */
  holds = (literal: Literal): boolean => this.search.holds(literal);

  #setRegime(depth: number): void {
    // Nothing that was not met is in any of the plans with the fewest packages.
    const known = this.#opened.findIndex((one) => one.level.name === "packages") < depth;
    this.search.regime = known ? "closed" : "here";
  }

  #assumed(depth: number): readonly Literal[] {
    return depth <= this.#firm ? [] : [this.#guards[depth - 1 - this.#firm]!];
  }

  #guarded(depth: number, clause: Clause): Clause {
    return depth <= this.#firm ? clause : [-this.#guards[depth - 1 - this.#firm]!, ...clause];
  }
}
