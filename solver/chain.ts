import type { Literal, Solvable } from "./sat.ts";

/**
 * Literals in a row, with a variable for each beginning of the row that implies all of it: what MiniSat
 * has to be told to try one beginning after the other is told once.
 */
export class Chain {
  readonly literals: Literal[] = [];
  readonly #sat: Solvable;
  readonly #selectors: Literal[] = [];

  constructor(sat: Solvable) {
    this.#sat = sat;
  }

  get length(): number {
    return this.literals.length;
  }

  /** What is to be wanted so that the first `length` literals hold. */
  first(length: number): readonly Literal[] {
    return length === 0 ? [] : [this.#selectors[length - 1]!];
  }

  push(literal: Literal): void {
    const selector = this.#sat.variable();
    this.#sat.add([-selector, literal]);
    for (const before of this.first(this.length)) this.#sat.add([-selector, before]);
    this.literals.push(literal);
    this.#selectors.push(selector);
  }

  shorten(length: number): void {
    // Fixed to false, so that MiniSat forgets their clauses.
    for (const selector of this.#selectors.splice(length)) this.#sat.add([-selector]);
    this.literals.length = length;
  }

  remove(literals: ReadonlySet<Literal>): void {
    const first = this.literals.findIndex((literal) => literals.has(literal));
    if (first < 0) return;
    const rest = this.literals.slice(first).filter((literal) => !literals.has(literal));
    this.shorten(first);
    for (const literal of rest) this.push(literal);
  }
}
