import { writeFileSync } from "node:fs";
import { resolve } from "node:path";
import { failed, ok, type Problem, type Result } from "../../model/problem.ts";
import { type Criterion, parseCriteria } from "../../solver/cudf/criteria.ts";
import { failure } from "../../solver/cudf/write.ts";
import type { Command, Context } from "../command.ts";
import {
  answerCudf,
  type CudfAnswer,
  type CudfTask,
  type WrittenSolution,
} from "../cudf-answer.ts";
import { answerInTime, parseSeconds } from "../deadline.ts";
import { exit } from "../exit.ts";
import { count } from "../text.ts";

export const command: Command = {
  name: "cudf",
  summary: "solve an upgrade problem of another package manager",
  description: [
    "Reads a document in the Common Upgradeability Description Format (CUDF 2.0), finds the solution that is best by the criteria, and writes it as CUDF, or the word FAIL when there is none. Both end with status 0, as opam and apt-cudf expect.",
    "Criteria are compared one after the other: `-` for less is better, `+` for more. Named lists are `paranoid` and `trendy`; docs/cudf.md has all forms, which are those of mccs, aspcud and opam.",
  ],
  operands: [
    { name: "IN", doc: "the document, `-` for standard input", complete: "file" },
    {
      name: "OUT",
      doc: "where the solution goes, standard output without",
      optional: true,
      complete: "file",
    },
    {
      name: "LIST",
      doc: "criteria, as `--criteria` has them; `--` must come before, as in `-- IN OUT -removed,-new`",
      optional: true,
    },
  ],
  options: [
    {
      name: "criteria",
      value: "LIST",
      doc: "what makes a solution good (default: paranoid); write `--criteria=-new,…` for a list",
    },
    {
      name: "timeout",
      value: "SECONDS",
      doc: "then write the best solution found so far, and say that it is not proven",
    },
  ],
  examples: [
    { line: "unipkg cudf problem.cudf", doc: "remove as little as possible, then change little" },
    {
      line: "unipkg cudf --criteria=-removed,-new problem.cudf solution.cudf",
      doc: "own criteria",
    },
    {
      line: 'opam install dream --solver="unipkg cudf --criteria=%{criteria}% %{input}% %{output}%"',
      doc: "as opam's solver",
    },
  ],
  json: true,
  runsLong: true,
  async run(words, context) {
    const [input = "-", output, list] = words.operands;
    const criteria = parseCriteria(words.one("criteria") ?? list ?? "paranoid");
    if (!criteria.ok) return usage(`criteria: ${criteria.message}`);
    const timeout = words.one("timeout");
    // opam gives `60.`, and `0.` for no limit.
    const seconds = timeout === undefined ? 0 : parseSeconds(timeout);
    if (seconds === null) return usage(`"${timeout}" is no number of seconds`);
    const task: CudfTask = {
      path: input === "-" ? 0 : resolve(context.folder, input),
      criteria: criteria.criteria,
    };
    const answer = seconds > 0 ? await answerWithin(task, seconds) : await answerCudf(task);
    if (answer === null) {
      return failed({
        code: "UP304",
        message: `no solution found in ${count(seconds, "second")}`,
        hint: "give it more time with `--timeout`",
      });
    }
    return tell(answer, task.criteria, { input, output }, context);
  },
};

/** Ends the search when the time is over, with the best solution so far; null when there is none. */
async function answerWithin(task: CudfTask, seconds: number): Promise<CudfAnswer | null> {
  const script = new URL("../cudf-worker.js", import.meta.url);
  const result = await answerInTime<WrittenSolution, CudfAnswer>(script, task, seconds);
  if (result.kind === "answer") return result.value;
  if (result.best === null) return null;
  return { kind: "solution", solution: result.best, size: null, notes: [] };
}

function tell(
  answer: CudfAnswer,
  criteria: readonly Criterion[],
  { input, output }: { readonly input: string; readonly output: string | undefined },
  context: Context,
): Result<number> {
  const { report } = context;
  switch (answer.kind) {
    case "unreadable":
      return failed({ code: "UP705", message: `${input} cannot be read: ${answer.message}` });
    case "fault":
      return failed({
        code: "UP106",
        message: answer.message,
        place: { file: input, line: answer.line, column: 1 },
      });
    case "exhausted":
      return failed({
        code: "UP305",
        message: `the request reaches ${count(answer.size.slice, "package")} of ${answer.size.universe}, more than the SAT solver has memory for`,
        hint: "ask for less at a time, or leave criteria out: docs/errors.md says which",
      });
    case "solution":
    case "unsatisfiable": {
      for (const note of answer.notes) report.note(note);
      const text = answer.kind === "solution" ? answer.solution.text : failure;
      const problem = output === undefined ? null : write(resolve(context.folder, output), text);
      if (problem !== null) return failed(problem);
      const summary =
        answer.kind === "solution" ? describe(answer.solution, criteria) : "no solution exists";
      if (output === undefined) {
        report.line(text.trimEnd());
        if (answer.kind === "solution" && !answer.solution.proven) report.warn(summary);
      } else report.line(summary);
      report.document({
        solvable: answer.kind === "solution",
        ...(answer.kind === "solution"
          ? { ...answer.solution, criteria: criteria.map((each) => each.text) }
          : {}),
        ...(answer.size === null ? {} : { size: answer.size }),
      });
      return ok(exit.ok);
    }
  }
}

/** `80 packages: -removed = 0, -changed = 80 (optimal)` */
function describe(solution: WrittenSolution, criteria: readonly Criterion[]): string {
  const values = criteria.map(({ text }, level) => `${text} = ${solution.objective[level]}`);
  const proof = solution.proven ? "optimal" : "the best so far, not proven to be optimal";
  const packages = count(solution.packages, "package");
  return `${[packages, values.join(", ")].filter((each) => each !== "").join(": ")} (${proof})`;
}

function write(path: string, text: string): Problem | null {
  try {
    writeFileSync(path, text, "latin1");
    return null;
  } catch (error) {
    return { code: "UP705", message: `${path} cannot be written: ${(error as Error).message}` };
  }
}

function usage(message: string): Result<number> {
  return failed({ code: "UP702", message, hint: "`unipkg cudf --help` has examples" });
}
