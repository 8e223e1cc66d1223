// Every hand-made document with its whole solution. New cases: a file in cases/.
import { expect, test } from "vitest";
import { breach } from "../../solver/cudf/verify.ts";
import { cases } from "./cases.ts";
import { solve } from "./solving.ts";

test.each(cases())("$name", ({ text, criteria }) => {
  const { outcome, document, text: written } = solve(new TextEncoder().encode(text), criteria);
  if (outcome.kind === "optimum") expect(breach(document, outcome.solution.packages)).toBeNull();
  const objective = outcome.kind === "optimum" ? outcome.solution.objective.join(", ") : "none";
  expect(`criteria: ${criteria}\nvalues: ${objective}\n\n${written}`).toMatchSnapshot();
});
