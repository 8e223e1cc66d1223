import type { Plan } from "../model/plan.ts";
import { failed, type Problem } from "../model/problem.ts";
import type { Universe } from "../model/release.ts";
import type { SolveAnswer, SolveRequest } from "../model/request.ts";
import type { Progress } from "./deadline.ts";
import { withPlainMiniSat } from "./minisat.ts";
import { count } from "./text.ts";

/** An answer, and whether its plans are proven to be the best. */
export type Solved = SolveAnswer & { readonly proven: boolean };

export type SolveMessage = Progress<readonly Plan[], SolveAnswer>;

/**
 * Solves a request: in this thread, which ends with the process, or in a worker when the time is limited. Then the best plans so
 * far are the answer, and said not to be proven.
 *
 * @param seconds null for no limit
 */
export async function solveInTime(
  request: SolveRequest,
  universe: Universe,
  seconds: number | null,
): Promise<Solved> {
  if (seconds === null) {
    const { solve } = await loadSolver(universe);
    return { ...solve(request, universe), proven: true };
  }
  const { answerInTime } = await import("./deadline.ts");
  const names = universe.names();
  const task = { request, releases: names.flatMap((name) => universe.releases(name)), names };
  const script = new URL("./solve-worker.js", import.meta.url);
  const result = await answerInTime<readonly Plan[], SolveAnswer>(script, task, seconds);
  if (result.kind === "answer") return { ...result.value, proven: true };
  if (result.best === null) return { ...failed(late(seconds)), proven: false };
  return { ok: true, plans: result.best, proven: false };
}

/** The solver, made ready for searches of the size that a universe suggests. */
export function loadSolver(universe: Universe): Promise<typeof import("../solver/solve.ts")> {
  const load = () => import("../solver/solve.ts");
  return universe.names().length > packagesOfSmall ? load() : withPlainMiniSat(load);
}

/** With more packages than these a search takes longer than it takes V8 to compile MiniSat. */
const packagesOfSmall = 2_000;

/** What is to be said of plans that are not proven to be the best. */
export function notProven(seconds: number): string {
  return `the best plan found in ${count(seconds, "second")}: a better one may exist`;
}

function late(seconds: number): Problem {
  return {
    code: "UP304",
    message: `no plan was found in ${count(seconds, "second")}`,
    hint: "give it more time with `--timeout`",
  };
}
