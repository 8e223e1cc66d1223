import type { Clause, Literal } from "../sat.ts";
import type { Criterion } from "./criteria.ts";
import type { CudfDocument } from "./document.ts";
import { Encoding } from "./encode.ts";
import { type Cost, termsOf } from "./objective.ts";
import { Providers } from "./providers.ts";
import { simplify } from "./simplify.ts";
import { reachable } from "./slice.ts";

/** How much there is to search. */
export interface Size {
  /** Packages of the document. */
  readonly universe: number;
  /** Those that can matter. */
  readonly slice: number;
  /** What is open after simplification. */
  readonly variables: number;
  readonly clauses: number;
}

/** A document and its criteria as clauses and costs, before any search. */
export interface Prepared {
  readonly document: CudfDocument;
  readonly criteria: readonly Criterion[];
  readonly slice: readonly number[];
  readonly size: Size;
  /** False when it is clear already that there is no solution. */
  readonly possible: boolean;
  /** Over variables 1 to `size.variables`. */
  readonly clauses: readonly Clause[];
  readonly levels: readonly OpenCost[];
  /** True when the package is in the solution; a boolean when that is no question any more. */
  literal(index: number): Literal | boolean;
}

/** What a level costs beside the weights of the terms that are true. */
export interface OpenCost extends Cost {
  /** The weights of terms that are true whatever is chosen. */
  readonly fixed: number;
}

/** Slices, encodes and simplifies: all that can be known without a search. */
export function prepare(document: CudfDocument, criteria: readonly Criterion[]): Prepared {
  const providers = new Providers(document.universe);
  const slice = reachable(document, providers, criteria);
  const encoding = new Encoding(document, providers, slice);
  const costs = termsOf(encoding, criteria);
  const simplified = simplify(
    encoding.clauses,
    encoding.variables,
    costs.flatMap(({ terms }) => terms.map(({ literal }) => literal)),
  );
  const values = simplified?.values ?? new Int8Array(encoding.variables + 1);

  /** The open variables' new numbers, without gaps. */
  const renamed = new Int32Array(values.length);
  let variables = 0;
  for (let variable = 1; variable < values.length; variable++) {
    if (values[variable] === 0) renamed[variable] = ++variables;
  }
  const rename = (literal: Literal) => (literal > 0 ? renamed[literal]! : -renamed[-literal]!);
  const literalNow = (literal: Literal): Literal | boolean => {
    const value = values[Math.abs(literal)]!;
    return value === 0 ? rename(literal) : value > 0 === literal > 0;
  };
  const clauses = simplified?.clauses.map((clause) => clause.map(rename)) ?? [];
  return {
    document,
    criteria,
    slice,
    size: {
      universe: document.universe.name.length,
      slice: slice.length,
      variables,
      clauses: clauses.length,
    },
    possible: simplified !== null,
    clauses,
    levels: costs.map((cost) => {
      let fixed = 0;
      const terms = cost.terms.flatMap(({ literal, weight }) => {
        const now = literalNow(literal);
        if (now === true) fixed += weight;
        return typeof now === "boolean" ? [] : [{ literal: now, weight }];
      });
      return { ...cost, terms, fixed };
    }),
    literal: (index) => literalNow(encoding.literal(index)),
  };
}
