import { readFileSync } from "node:fs";
import type { Criterion } from "../solver/cudf/criteria.ts";
import { propertiesOf } from "../solver/cudf/criteria.ts";
import type { CudfDocument } from "../solver/cudf/document.ts";
import { parseDocument } from "../solver/cudf/parse.ts";
import { type Prepared, prepare, type Size } from "../solver/cudf/prepare.ts";
import type { Outcome, SearchOptions, Solution } from "../solver/cudf/search.ts";
import { solutionText } from "../solver/cudf/write.ts";
import type { Progress } from "./deadline.ts";
import { withPlainMiniSat } from "./minisat.ts";

/** A solution as it is written, with what it costs. Plain data: it may come out of a worker. */
export interface WrittenSolution {
  readonly text: string;
  /** How many packages it has. */
  readonly packages: number;
  /** The value of each criterion. */
  readonly objective: readonly number[];
  /** Whether no other solution is better. */
  readonly proven: boolean;
}

export type CudfAnswer =
  | {
      readonly kind: "solution";
      readonly solution: WrittenSolution;
      /** Null when the search was ended before it could tell. */
      readonly size: Size | null;
      readonly notes: readonly string[];
    }
  | { readonly kind: "unsatisfiable"; readonly size: Size; readonly notes: readonly string[] }
  | { readonly kind: "exhausted"; readonly size: Size }
  | { readonly kind: "unreadable"; readonly message: string }
  | { readonly kind: "fault"; readonly line: number; readonly message: string };

/** What a worker is given, and what it sends: better solutions, then the answer. */
export interface CudfTask {
  readonly path: string | 0;
  readonly criteria: readonly Criterion[];
}
export type CudfMessage = Progress<WrittenSolution, CudfAnswer>;

/**
 * Reads a document and solves it.
 *
 * @param better told of each solution that is the best so far, if given
 */
export async function answerCudf(
  { path, criteria }: CudfTask,
  better?: (solution: WrittenSolution) => void,
): Promise<CudfAnswer> {
  let bytes: Uint8Array;
  try {
    bytes = readFileSync(path);
  } catch (error) {
    return { kind: "unreadable", message: (error as Error).message };
  }
  const parsed = parseDocument(bytes, propertiesOf(criteria));
  if (!parsed.ok) return { kind: "fault", ...parsed.fault };
  const { document } = parsed;
  if (document.request === null) {
    return { kind: "fault", line: 1, message: "the document has no request" };
  }
  const written = ({ packages, objective }: Solution, proven: boolean): WrittenSolution => ({
    text: solutionText(document.universe, packages),
    packages: packages.length,
    objective,
    proven,
  });
  const outcome = await searchFast(
    prepare(document, criteria),
    better === undefined ? {} : { better: (solution) => better(written(solution, false)) },
  );
  const notes = notesOf(document, criteria);
  switch (outcome.kind) {
    case "optimum":
      return { ...outcome, kind: "solution", solution: written(outcome.solution, true), notes };
    case "unsatisfiable":
      return { ...outcome, notes };
    case "exhausted":
      return outcome;
  }
}

/** More open variables than this are worth the time that V8 needs to compile all of MiniSat at once. */
const largeSearch = 20_000;

async function searchFast(prepared: Prepared, options: SearchOptions): Promise<Outcome> {
  const load = () => import("../solver/cudf/search.ts");
  const plain = prepared.size.variables < largeSearch;
  const { search } = await (plain ? withPlainMiniSat(load) : load());
  return search(prepared, options);
}

/** Criteria that count nothing, because the document has no such property. */
function notesOf(document: CudfDocument, criteria: readonly Criterion[]): string[] {
  return criteria.flatMap(({ text, parts }) =>
    parts.flatMap(({ measure }) => {
      if (!("property" in measure)) return [];
      const { property: name, kind } = measure;
      const property = document.universe.properties.get(name);
      const needed = kind === "sum" ? "number" : "formula";
      if (property?.kind === needed) return [];
      const why =
        property === undefined ? `no property "${name}" is declared` : `"${name}" is no ${needed}`;
      return [`the criterion ${text} counts nothing: ${why}`];
    }),
  );
}
