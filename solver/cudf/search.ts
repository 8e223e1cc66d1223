import { Sat } from "../sat.ts";
import { SatFailure } from "../sat-heap.ts";
import { measure } from "./measure.ts";
import { minimise } from "./minimise.ts";
import type { Prepared, Size } from "./prepare.ts";
import { breach } from "./verify.ts";

/** Packages that meet the request, and what they cost. */
export interface Solution {
  /** Ascending numbers of packages, which is the order of the document. */
  readonly packages: readonly number[];
  /** The value of each criterion. */
  readonly objective: readonly number[];
}

export type Outcome =
  /** No other solution is better: proven. */
  | { readonly kind: "optimum"; readonly solution: Solution; readonly size: Size }
  /** Proven: nothing meets the request. */
  | { readonly kind: "unsatisfiable"; readonly size: Size }
  /** The memory that MiniSat can have does not suffice. */
  | { readonly kind: "exhausted"; readonly size: Size };

export interface SearchOptions {
  /** Told of solutions that are the best so far, which nobody has proven to be the best of all. */
  readonly better?: (solution: Solution) => void;
  /** MiniSat's heap in MiB, tried one after the other. It cannot grow; what is not touched costs nothing. */
  readonly heaps?: readonly number[];
}

/**
 * Finds the solution that is best by the criteria, level by level. Every solution that is returned or
 * told of has been checked against the document by code that shares nothing with the encoding; one that
 * fails the check is a bug and thrown as one.
 */
export function search(prepared: Prepared, options: SearchOptions = {}): Outcome {
  const { size } = prepared;
  if (!prepared.possible) return { kind: "unsatisfiable", size };
  for (const heap of options.heaps ?? [64, 512, 2000]) {
    try {
      const solution = searchWithin(heap, prepared, options);
      return solution === null
        ? { kind: "unsatisfiable", size }
        : { kind: "optimum", solution, size };
    } catch (failure) {
      if (!(failure instanceof SatFailure)) throw failure;
    }
  }
  return { kind: "exhausted", size };
}

/** Whether the first objective is less than the second, in the first level in which they differ. */
export function isBetter(first: readonly number[], second: readonly number[]): boolean {
  const level = first.findIndex((value, index) => value !== second[index]);
  return level >= 0 && first[level]! < second[level]!;
}

/** The optimum, or null when there is no solution. Throws `SatFailure` when the heap is full. */
function searchWithin(heap: number, prepared: Prepared, options: SearchOptions): Solution | null {
  const sat = new Sat(heap);
  sat.reserve(prepared.size.variables);
  for (const clause of prepared.clauses) sat.add(clause);
  if (!sat.solve()) return null;

  const current = (): Solution => {
    const packages = prepared.slice.filter((index) => {
      const literal = prepared.literal(index);
      return typeof literal === "boolean" ? literal : sat.holds(literal);
    });
    const objective = measure(prepared.document, prepared.criteria, packages);
    return { packages, objective };
  };
  const { better } = options;
  let best: Solution | null = null;
  const tell = (listener: (solution: Solution) => void) => {
    const solution = current();
    if (best !== null && !isBetter(solution.objective, best.objective)) return;
    requireValid(prepared, solution);
    best = solution;
    listener(solution);
  };
  const improved = better === undefined ? null : () => tell(better);
  improved?.();

  /** What the terms of each level cost, its constant aside. */
  const costs: number[] = [];
  const optimum = prepared.levels.map(({ constant, fixed, terms, repeated }) => {
    let cost = fixed + minimise(sat, terms, improved);
    for (const { level, times } of repeated) cost += costs[level]! * times;
    costs.push(cost);
    return constant + cost;
  });
  const solution = current();
  requireValid(prepared, solution);
  if (solution.objective.some((value, level) => value !== optimum[level])) {
    throw new Error(
      `the optimum (${optimum}) is not what the solution has (${solution.objective})`,
    );
  }
  return solution;
}

function requireValid(prepared: Prepared, solution: Solution): void {
  const found = breach(prepared.document, solution.packages);
  if (found !== null) throw new Error(`the solution is wrong: ${found}`);
}
