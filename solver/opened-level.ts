import type { Level, Wish } from "./levels.ts";
import type { Clause } from "./sat.ts";
import type { Variables } from "./variables.ts";

/** A level with what is known of its optimum. */
export class OpenedLevel {
  readonly level: Level;
  readonly #variables: Variables;
  /** Target, or null for all together -> what fixes the optimum there. */
  readonly #clauses = new Map<string | null, Clause[]>();
  /** The same -> how many of the level's wishes were looked at. */
  readonly #seen = new Map<string | null, number>();

  constructor(level: Level, variables: Variables) {
    this.level = level;
    this.#variables = variables;
  }

  /** What fixes the optimum, in lists that grow: of a target those that speak of it, all for null. */
  clauses(target: string | null): readonly (readonly Clause[])[] {
    if (target === null) return [...this.#clauses.values()];
    return [this.#listOf(null), this.#listOf(target)];
  }

  /** Adds to what fixes the optimum; returns the list that it is in. */
  fix(target: string | null, clause: Clause): readonly Clause[] {
    const list = this.#listOf(target);
    list.push(clause);
    return list;
  }

  /** Wishes about a target, or all for null, that are new since the last call for it. */
  fresh(target: string | null): readonly Wish[] {
    const { wishes } = this.level;
    const fresh = wishes.slice(this.#seen.get(target) ?? 0);
    this.#seen.set(target, wishes.length);
    if (target === null) return fresh;
    return fresh.filter(({ literal }) => this.#variables.targetOf(literal) === target);
  }

  /**
   * Fixes wishes that came up after the optimum was found. It was found without a look at what they are about: that is in
   * none of the optima.
   */
  fixLate(): void {
    for (const target of this.#seen.keys()) {
      for (const { literal } of this.fresh(target)) this.fix(target, [-Math.abs(literal)]);
    }
  }

  #listOf(target: string | null): Clause[] {
    let list = this.#clauses.get(target);
    if (list === undefined) {
      list = [];
      this.#clauses.set(target, list);
    }
    return list;
  }
}
