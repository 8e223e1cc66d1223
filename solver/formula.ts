import type { Cause, CausedClause } from "./clause.ts";
import type { Literal } from "./sat.ts";
import { Variables } from "./variables.ts";

const definition: Cause = { kind: "definition" };

/** Up to here every pair is excluded by a clause of its own; a ladder of helpers from there on. */
const pairsUpTo = 5;

/** Clauses, each with its cause. It may grow at any time: who reads it remembers how far. */
export class Formula {
  readonly clauses: CausedClause[] = [];
  /** Target -> its clauses that speak of no other; those that speak of several, or of none, for null. */
  readonly clausesOf = new Map<string | null, CausedClause[]>();
  /** Shared with the searches, which have helpers of their own. */
  readonly variables = new Variables();
  readonly #causes = new Map<string, Cause>();

  /** @param target that it speaks of alone; null for several */
  variable(target: string | null): Literal {
    return this.variables.next(target);
  }

  add(cause: Cause, literals: readonly Literal[]): void {
    const clause = { literals, cause };
    this.clauses.push(clause);
    const target = this.#targetOf(literals);
    const ofTarget = this.clausesOf.get(target);
    if (ofTarget === undefined) this.clausesOf.set(target, [clause]);
    else ofTarget.push(clause);
  }

  /** The target that all of the literals speak of alone; null when there is none. */
  #targetOf(literals: readonly Literal[]): string | null {
    const [first = 0] = literals;
    const target = this.variables.targetOf(first);
    if (target === null) return null;
    return literals.every((one) => this.variables.targetOf(one) === target) ? target : null;
  }

  /** Adds a clause that gives a variable its meaning. */
  define(...literals: Literal[]): void {
    this.add(definition, literals);
  }

  /** One object for one cause, so that the cause itself names the group. */
  cause(cause: Cause): Cause {
    const key = Object.values(cause).join(" ");
    const known = this.#causes.get(key);
    if (known !== undefined) return known;
    this.#causes.set(key, cause);
    return cause;
  }

  atMostOne(cause: Cause, target: string, literals: readonly Literal[]): void {
    if (literals.length <= pairsUpTo) {
      for (const [index, one] of literals.entries()) {
        for (const other of literals.slice(index + 1)) this.add(cause, [-one, -other]);
      }
      return;
    }
    // `before` says that one of the literals so far is true.
    let before: Literal | null = null;
    for (const literal of literals) {
      const here = this.variable(target);
      this.add(cause, [-literal, here]);
      if (before !== null) {
        this.add(cause, [-before, here]);
        this.add(cause, [-before, -literal]);
      }
      before = here;
    }
  }
}
