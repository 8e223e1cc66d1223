import { accepts as signatureAccepts } from "../model/accepts.ts";
import type { Plan } from "../model/plan.ts";
import { failed, type Problem } from "../model/problem.ts";
import type { Universe } from "../model/release.ts";
import type { SolveAnswer, SolveRequest } from "../model/request.ts";
import { check } from "./check.ts";
import { Encoding } from "./encode.ts";
import { type Core, findCore } from "./explain.ts";
import type { Accepts } from "./judge.ts";
import { problemOf, type Sizes } from "./problem.ts";
import { repairs, type Trial } from "./repair.ts";
import { type Better, isPossible, Optimum, withinMemory } from "./search.ts";
import { Slice } from "./slice.ts";
import { tell } from "./tell.ts";

export interface SolveOptions {
  readonly accepts?: Accepts;
  /** Told of valid plans on the way, each better than the last on a weightier level; nobody has proven that they are the best. */
  readonly better?: (plans: readonly Plan[]) => void;
  readonly sizes?: Sizes;
}

/**
 * Chooses the packages and their versions that fill every slot on every target of the request, the best
 * ones by the levels of docs/solver.md, or says why there are none. Pure: equal requests and equal
 * universes, in whatever order, have equal answers.
 */
export function solve(
  request: SolveRequest,
  universe: Universe,
  { accepts = signatureAccepts, better = () => {}, sizes }: SolveOptions = {},
): SolveAnswer {
  const problems = check(request, universe);
  if (problems.length > 0) return failed(...problems);
  const slice = new Slice(request, universe, accepts);
  let deepest = -1;
  const improving: Better = (depth, plans) => {
    // In a larger heap the search begins again.
    if (depth > deepest) better(plans());
    deepest = Math.max(deepest, depth);
  };
  const answer =
    withinMemory((heap) => search(slice, heap, improving, sizes)) ?? failed(tooLarge(slice));
  if (!("core" in answer)) return answer;
  const problem = tell(slice, answer.core);
  const ways = repairs(request, universe, answer.core.causes, trialOn(universe, accepts));
  return failed(ways.length === 0 ? problem : { ...problem, repairs: ways });
}

/** A request whose rules cannot hold together. */
interface Failure {
  readonly ok: false;
  readonly core: Core;
}

/** Searches without words and repairs, for those who look for repairs. */
function trialOn(universe: Universe, accepts: Accepts): Trial {
  return {
    answer(request) {
      const problems = check(request, universe);
      if (problems.length > 0) return failed(...problems);
      const answer = withinMemory((heap) => search(new Slice(request, universe, accepts), heap));
      return answer === null || "core" in answer ? failed() : answer;
    },
    core(request) {
      const slice = new Slice(request, universe, accepts);
      return withinMemory((heap) =>
        isPossible(slice, heap) ? null : findCore(new Encoding(slice), heap).causes,
      );
    },
  };
}

function search(slice: Slice, heap: number, better?: Better, sizes?: Sizes): SolveAnswer | Failure {
  const optimum = Optimum.search(problemOf(slice, sizes), heap, { better, plansOnly: true });
  if (optimum === null) return { ok: false, core: findCore(new Encoding(slice), heap) };
  return { ok: true, plans: optimum.plans() };
}

function tooLarge({ packages }: Slice): Problem {
  return {
    code: "UP305",
    message: `the solver ran out of memory: ${packages.size} packages are in reach`,
    hint: "narrow the ranges of the app's requirements, or solve for one target at a time",
  };
}
