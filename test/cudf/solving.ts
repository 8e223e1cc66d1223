import { parseCriteria, propertiesOf } from "../../solver/cudf/criteria.ts";
import type { CudfDocument } from "../../solver/cudf/document.ts";
import { measure } from "../../solver/cudf/measure.ts";
import { parseDocument } from "../../solver/cudf/parse.ts";
import { prepare } from "../../solver/cudf/prepare.ts";
import { type Outcome, type SearchOptions, search } from "../../solver/cudf/search.ts";
import { failure, solutionText } from "../../solver/cudf/write.ts";

export interface Solved {
  readonly outcome: Outcome;
  readonly document: CudfDocument;
  /** What is written. */
  readonly text: string;
  /** The value of each criterion, for any set of packages. */
  measure(packages: readonly number[]): readonly number[];
}

/** Reads and solves; throws when the document or the criteria cannot be read. */
export function solve(bytes: Uint8Array, list: string, options: SearchOptions = {}): Solved {
  const parsed = parseCriteria(list);
  if (!parsed.ok) throw new Error(parsed.message);
  const { criteria } = parsed;
  const read = parseDocument(bytes, propertiesOf(criteria));
  if (!read.ok) throw new Error(`line ${read.fault.line}: ${read.fault.message}`);
  const { document } = read;
  const outcome = search(prepare(document, criteria), options);
  const text =
    outcome.kind === "optimum"
      ? solutionText(document.universe, outcome.solution.packages)
      : failure;
  return {
    outcome,
    document,
    text,
    measure: (packages) => measure(document, criteria, packages),
  };
}

/** The packages of another solver's solution as numbers of the document; null for FAIL. */
export function packagesOf(document: CudfDocument, solution: string): readonly number[] | null {
  if (/^FAIL$/m.test(solution)) return null;
  const read = parseDocument(new TextEncoder().encode(withoutProperties(solution)));
  if (!read.ok) throw new Error(`line ${read.fault.line}: ${read.fault.message}\n${solution}`);
  const { universe } = document;
  const indices = new Map<string, number>();
  for (let index = 0; index < universe.name.length; index++) {
    indices.set(`${universe.names.text(universe.name[index]!)} ${universe.version[index]}`, index);
  }
  const found = read.document.universe;
  return found.name
    .map((name, index) => {
      const key = `${found.names.text(name)} ${found.version[index]}`;
      const known = indices.get(key);
      if (known === undefined) throw new Error(`${key} is not in the universe`);
      return known;
    })
    .sort((a, b) => a - b);
}

/** mccs repeats properties of its own choice, which need declarations. */
function withoutProperties(solution: string): string {
  return solution
    .split("\n")
    .filter((line) => line === "" || /^(?:package|version|installed): /.test(line))
    .join("\n");
}
