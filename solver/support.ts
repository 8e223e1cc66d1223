import type { Cause } from "./clause.ts";
import type { Formula } from "./formula.ts";
import type { Literal } from "./sat.ts";

const support: Cause = { kind: "support" };

/**
 * Nothing is in an image that nobody needs: `x → n1 ∨ n2 … ∨ unmet`, over all that may need x. Needs are met one by
 * one; `unmet` stands for those that are still to come, and is replaced by them and another `unmet`.
 */
export class Support {
  readonly #formula: Formula;
  readonly #entries = new Map<Literal, Entry>();
  readonly #changed = new Set<Entry>();
  /** `unmet` -> whose it is. Without those that were replaced. */
  readonly #open = new Map<Literal, Entry>();

  constructor(formula: Formula) {
    this.#formula = formula;
  }

  /**
   * Makes it known that somebody has to need `what`.
   *
   * @param names packages whose consumers may; null when all that may are known by the next `settle`
   */
  declare(what: Literal, place: Place | null): void {
    if (this.#entries.has(what)) return;
    const entry = { what, place, needs: new Set<Literal>(), told: 0, unmet: null };
    this.#entries.set(what, entry);
    this.#changed.add(entry);
  }

  /** `by` needs `what`, which is declared. */
  need(what: Literal, by: Literal): void {
    const entry = this.#entries.get(what);
    if (entry === undefined || entry.needs.has(by)) return;
    entry.needs.add(by);
    this.#changed.add(entry);
  }

  /** Adds the clauses of what is new. */
  settle(complete: boolean): void {
    for (const entry of this.#changed) {
      if (entry.told > 0 && entry.unmet === null) continue;
      const unmet =
        complete || entry.place === null ? null : this.#formula.variable(entry.place.target);
      const needs = [...entry.needs].slice(entry.told);
      const last = unmet === null ? [] : [unmet];
      this.#formula.add(support, [-(entry.unmet ?? entry.what), ...needs, ...last]);
      if (entry.unmet !== null) this.#open.delete(entry.unmet);
      if (unmet !== null) this.#open.set(unmet, entry);
      entry.told = entry.needs.size;
      entry.unmet = unmet;
    }
    this.#changed.clear();
  }

  /** What holds in a model only because somebody unmet might need it: each `unmet`, and where to look for them. */
  doubtful(holds: (literal: Literal) => boolean): readonly Doubt[] {
    const found: Doubt[] = [];
    for (const [unmet, { what, needs, place }] of this.#open) {
      if (!holds(unmet) || !holds(what) || [...needs].some(holds)) continue;
      found.push({ unmet, place: place! });
    }
    return found;
  }

  unmet(): Iterable<Literal> {
    return this.#open.keys();
  }
}

/** Who may need something: consumers of these packages on a target. */
export interface Place {
  readonly target: string;
  readonly names: readonly string[];
}

export interface Doubt {
  readonly unmet: Literal;
  readonly place: Place;
}

interface Entry {
  readonly what: Literal;
  readonly place: Place | null;
  readonly needs: Set<Literal>;
  /** How many of the needs have a clause. */
  told: number;
  /** Null before the first clause, and when there is nobody to come. */
  unmet: Literal | null;
}
