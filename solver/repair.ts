import type { Universe } from "../model/release.ts";
import type { SolveAnswer, SolveRequest } from "../model/request.ts";
import { changes, excepting, type PolicyCause } from "./change.ts";
import type { Cause } from "./clause.ts";
import { remedy } from "./remedy.ts";

/** Changes that together make a plan possible. */
interface Attempt {
  readonly keys: readonly string[];
  readonly weight: number;
  readonly request: SolveRequest;
}

/** What a repair is tried with. */
export interface Trial {
  /** Solves, as the user's next command will. */
  answer(request: SolveRequest): SolveAnswer;
  /** Causes that cannot hold together; null when there is a plan. */
  core(request: SolveRequest): readonly Cause[] | null;
}

const repairsShown = 3;
/** Changes at a time. */
const mostChanges = 2;
/** Packages that a policy is made not to speak of, in the last resort. */
const mostExceptions = 16;
/** Requests that are tried before the search for repairs is given up. */
const mostTrials = 24;

/**
 * The smallest repairs of a request without a plan, three at most, each with what can be pasted and what it does
 * (remedy.ts). Each was solved, and has a plan.
 *
 * Every set of changes that helps has one in each core (R. Reiter, Artificial Intelligence 32, 1987): so changes are
 * taken from the core, and where one is not enough, a second from the core that is left.
 */
export function repairs(
  request: SolveRequest,
  universe: Universe,
  core: readonly Cause[],
  trial: Trial,
): readonly string[] {
  const found: string[] = [];
  const seen = new Set<string>();
  let trials = 0;
  let open: { attempt: Attempt; core: readonly Cause[] }[] = [
    { attempt: { keys: [], weight: 0, request }, core },
  ];
  for (let size = 1; size <= mostChanges && found.length === 0; size++) {
    const attempts = open.flatMap(({ attempt, core: causes }) =>
      changes(attempt.request, universe, causes).map((change) => ({
        keys: [...attempt.keys, change.key].sort(),
        weight: attempt.weight + change.weight,
        request: change.request,
      })),
    );
    attempts.sort((a, b) => a.weight - b.weight);
    open = [];
    for (const attempt of attempts) {
      const key = attempt.keys.join("\n");
      if (seen.has(key) || trials >= mostTrials || found.length >= repairsShown) continue;
      seen.add(key);
      trials += 1;
      const left = trial.core(attempt.request);
      if (left !== null) open.push({ attempt, core: left });
      else {
        const told = remedy(request, attempt.request, (changed) => trial.answer(changed));
        if (told !== null && !found.includes(told)) found.push(told);
      }
    }
  }
  const last = found.length === 0 ? exceptions(request, core, trial) : null;
  return last === null ? found : [last];
}

/**
 * A policy that is new to an application may speak of many of its packages: they are excepted one by one until there
 * is a plan, and those that were not needed for it are taken back.
 */
function exceptions(request: SolveRequest, core: readonly Cause[], trial: Trial): string | null {
  const apply = (causes: readonly PolicyCause[]) => causes.reduce(excepting, request);
  let excepted: readonly PolicyCause[] = [];
  for (let left: readonly Cause[] | null = core; left !== null; ) {
    const cause = left.find((one): one is PolicyCause => one.kind === "policy");
    if (cause === undefined || excepted.length === mostExceptions) return null;
    excepted = [...excepted, cause];
    left = trial.core(apply(excepted));
  }
  for (const cause of excepted) {
    const rest = excepted.filter((one) => one !== cause);
    if (trial.core(apply(rest)) === null) excepted = rest;
  }
  return remedy(request, apply(excepted), (changed) => trial.answer(changed));
}
