import type { Clause, Literal } from "../sat.ts";

/** What is left of a set of clauses once its consequences are drawn. */
export interface Simplified {
  readonly clauses: readonly Clause[];
  /** 1 for a variable that is true, -1 for one that is false, 0 for one that is still open. */
  readonly values: Int8Array;
}

/**
 * Unit propagation, and false for every variable that nothing wants true: that no open clause has, and
 * whose being false costs nothing. Of a request for a desktop on Debian, with 2,443 packages in reach,
 * some 1,100 are necessary and most of the others useless: what is left to be searched is small.
 *
 * Keeps satisfiability, and an optimum of every level. Null when the clauses cannot hold.
 *
 * @param costly literals that cost something when they are true
 */
export function simplify(
  clauses: readonly Clause[],
  variables: number,
  costly: Iterable<Literal>,
): Simplified | null {
  return new Simplifier(clauses, variables, costly).run();
}

class Simplifier {
  readonly #clauses: readonly Clause[];
  readonly #values: Int8Array;
  /** Literals that are not yet false, for each clause; -1 once the clause holds. */
  readonly #open: Int32Array;
  /** Clauses that have literal l, from `#from[place(l)]` to `#from[place(l) + 1]`. */
  readonly #occurrences: Int32Array;
  readonly #from: Int32Array;
  /** How many clauses that do not hold yet have the literal. */
  readonly #live: Int32Array;
  readonly #isCostly: Uint8Array;
  readonly #queue: Literal[] = [];
  #impossible = false;

  constructor(clauses: readonly Clause[], variables: number, costly: Iterable<Literal>) {
    this.#clauses = clauses;
    this.#values = new Int8Array(variables + 1);
    this.#open = new Int32Array(clauses.length);
    this.#live = new Int32Array(variables * 2 + 2);
    this.#isCostly = new Uint8Array(variables * 2 + 2);
    for (const literal of costly) this.#isCostly[place(literal)] = 1;
    for (const clause of clauses) for (const literal of clause) this.#live[place(literal)]! += 1;
    this.#from = new Int32Array(variables * 2 + 3);
    for (let at = 0; at < this.#live.length; at++) {
      this.#from[at + 1] = this.#from[at]! + this.#live[at]!;
    }
    this.#occurrences = new Int32Array(this.#from.at(-1)!);
    const next = this.#from.slice();
    for (const [index, clause] of clauses.entries()) {
      for (const literal of clause) this.#occurrences[next[place(literal)]!++] = index;
    }
  }

  run(): Simplified | null {
    for (const [index, clause] of this.#clauses.entries()) {
      this.#open[index] = clause.length;
      if (clause.length === 0) return null;
      if (clause.length === 1) this.#set(clause[0]!);
    }
    for (let variable = 1; variable < this.#values.length; variable++) this.#dropUseless(variable);
    // `#set` appends to the queue while it is gone through.
    for (let at = 0; at < this.#queue.length && !this.#impossible; at++) {
      this.#propagate(this.#queue[at]!);
    }
    if (this.#impossible) return null;
    const left: Clause[] = [];
    for (const [index, clause] of this.#clauses.entries()) {
      if (this.#open[index] === -1) continue;
      left.push(clause.filter((literal) => this.#values[Math.abs(literal)] === 0));
    }
    return { clauses: left, values: this.#values };
  }

  #set(literal: Literal): void {
    const variable = Math.abs(literal);
    const value = literal > 0 ? 1 : -1;
    if (this.#values[variable] === 0) {
      this.#values[variable] = value;
      this.#queue.push(literal);
    } else if (this.#values[variable] !== value) this.#impossible = true;
  }

  #propagate(literal: Literal): void {
    for (let at = this.#from[place(literal)]!; at < this.#from[place(literal) + 1]!; at++) {
      const index = this.#occurrences[at]!;
      if (this.#open[index] === -1) continue;
      this.#open[index] = -1;
      for (const each of this.#clauses[index]!) {
        const live = --this.#live[place(each)]!;
        if (live === 0 && each > 0) this.#dropUseless(each);
      }
    }
    for (let at = this.#from[place(-literal)]!; at < this.#from[place(-literal) + 1]!; at++) {
      const index = this.#occurrences[at]!;
      if (this.#open[index] === -1) continue;
      const open = --this.#open[index]!;
      if (open === 0) this.#impossible = true;
      else if (open === 1) {
        const last = this.#clauses[index]!.find((each) => !this.#isFalse(each));
        if (last !== undefined) this.#set(last);
      }
    }
  }

  #isFalse(literal: Literal): boolean {
    return this.#values[Math.abs(literal)] === (literal > 0 ? -1 : 1);
  }

  #dropUseless(variable: Literal): void {
    if (this.#values[variable] !== 0 || this.#live[place(variable)] !== 0) return;
    if (this.#isCostly[place(-variable)] === 0) this.#set(-variable);
  }
}

/** Where a literal stands in a table of all. */
function place(literal: Literal): number {
  return literal > 0 ? literal * 2 : -literal * 2 + 1;
}
