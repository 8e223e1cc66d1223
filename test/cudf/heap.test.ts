// MiniSat's heap is fixed: when it is full the search begins again in a larger one, and says so when none
// is large enough.
import { expect, test } from "vitest";
import { parseDocument } from "../../solver/cudf/parse.ts";
import { type Prepared, prepare } from "../../solver/cudf/prepare.ts";
import { search } from "../../solver/cudf/search.ts";

/** A document that needs nothing, with clauses enough to fill a heap of 32 MiB. */
function large(): Prepared {
  const parsed = parseDocument(new TextEncoder().encode("package: a\nversion: 1\n\nrequest: \n"));
  if (!parsed.ok) throw new Error(parsed.fault.message);
  const variables = 20_000;
  const clauses: number[][] = [];
  for (let index = 0; index < 600_000; index++) {
    const one = 1 + (index % variables);
    const other = 1 + ((index * 7919 + Math.floor(index / variables)) % variables);
    clauses.push([-one, -other, 1 + ((index * 31) % variables)]);
  }
  const empty = prepare(parsed.document, []);
  return { ...empty, clauses, size: { ...empty.size, variables, clauses: clauses.length } };
}

test("search takes a larger heap when one is full", () => {
  const prepared = large();
  expect(search(prepared, { heaps: [32] }).kind).toBe("exhausted");
  expect(search(prepared, { heaps: [32, 256] }).kind).toBe("optimum");
});
