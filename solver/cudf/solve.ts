import { type Literal, Sat, SatFailure } from "../sat.ts";
import type { Criterion } from "./criteria.ts";
import type { CudfDocument } from "./document.ts";
import { Encoding } from "./encode.ts";
import { measure } from "./measure.ts";
import { minimise } from "./minimise.ts";
import { termsOf } from "./objective.ts";
import { Providers } from "./providers.ts";
import { simplify } from "./simplify.ts";
import { reachable } from "./slice.ts";
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

/** How much there was to search. */
export interface Size {
  /** Packages of the document, of its slice, and those that were still open after simplification. */
  readonly universe: number;
  readonly slice: number;
  readonly variables: number;
  readonly clauses: number;
}

export interface SolveOptions {
  /** Told of solutions that are the best so far, which nobody has proven to be the best of all. */
  readonly better?: (solution: Solution) => void;
}

/** MiniSat's heap in MiB: first as small as it may be, as its pages are real once they are touched. */
const heaps = [64, 512, 2000] as const;

/**
 * Finds the solution that is best by the criteria, level by level. Every solution that is returned or
 * told of has been checked against the document by code that shares nothing with the encoding; a
 * solution that fails the check is a bug and thrown as one.
 */
export function solveDocument(
  document: CudfDocument,
  criteria: readonly Criterion[],
  options: SolveOptions = {},
): Outcome {
  const providers = new Providers(document.universe);
  const slice = reachable(document, providers, criteria);
  const encoding = new Encoding(document, providers, slice);
  const levels = termsOf(encoding, criteria);
  const simplified = simplify(
    encoding.clauses,
    encoding.variables,
    levels.flatMap(({ terms }) => terms.map(({ literal }) => literal)),
  );
  const size = {
    universe: document.universe.name.length,
    slice: slice.length,
    variables: simplified?.values.reduce((open, value) => open + (value === 0 ? 1 : 0), -1) ?? 0,
    clauses: simplified?.clauses.length ?? 0,
  };
  if (simplified === null) return { kind: "unsatisfiable", size };

  /** The open variables by the number that MiniSat knows them by, 0 for the others. */
  const renamed = new Int32Array(simplified.values.length);
  let open = 0;
  for (let variable = 1; variable < renamed.length; variable++) {
    if (simplified.values[variable] === 0) renamed[variable] = ++open;
  }
  const rename = (literal: Literal) => (literal > 0 ? renamed[literal]! : -renamed[-literal]!);

  for (const heap of heaps) {
    try {
      const sat = new Sat(heap);
      sat.reserve(open);
      for (const clause of simplified.clauses) sat.add(clause.map(rename));
      if (!sat.solve()) return { kind: "unsatisfiable", size };
      const holds = (literal: Literal) => {
        const value = simplified.values[Math.abs(literal)]!;
        return value === 0 ? sat.holds(rename(literal)) : value > 0 === literal > 0;
      };
      const current = (): Solution => {
        const packages = slice.filter((index) => holds(encoding.literal(index)));
        return { packages, objective: measure(document, criteria, packages) };
      };
      let best: Solution | null = null;
      const improved = () => {
        if (options.better === undefined) return;
        const solution = current();
        if (best !== null && !isBetter(solution.objective, best.objective)) return;
        requireValid(document, solution);
        best = solution;
        options.better(solution);
      };
      improved();
      const optimum = levels.map(({ constant, terms }) => {
        let fixed = constant;
        const openTerms = terms.flatMap(({ literal, weight }) => {
          const value = simplified.values[Math.abs(literal)]!;
          if (value === 0) return [{ literal: rename(literal), weight }];
          if (value > 0 === literal > 0) fixed += weight;
          return [];
        });
        return fixed + minimise(sat, openTerms, improved);
      });
      const solution = current();
      requireValid(document, solution);
      if (solution.objective.some((value, level) => value !== optimum[level])) {
        throw new Error(
          `the optimum ${optimum} is not that of the solution, ${solution.objective}`,
        );
      }
      return { kind: "optimum", solution, size };
    } catch (error) {
      if (!(error instanceof SatFailure)) throw error;
    }
  }
  return { kind: "exhausted", size };
}

/** Whether the first objective is less than the second, in the first level in which they differ. */
export function isBetter(first: readonly number[], second: readonly number[]): boolean {
  const level = first.findIndex((value, index) => value !== second[index]);
  return level >= 0 && first[level]! < second[level]!;
}

function requireValid(document: CudfDocument, solution: Solution): void {
  const found = breach(document, solution.packages);
  if (found !== null) throw new Error(`the solution is wrong: ${found}`);
}
