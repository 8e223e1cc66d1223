import { accepts as signatureAccepts } from "../model/accepts.ts";
import { failed, type Problem } from "../model/problem.ts";
import type { Universe } from "../model/release.ts";
import type { SolveAnswer, SolveRequest } from "../model/request.ts";
import { check } from "./check.ts";
import { Encoding } from "./encode.ts";
import { type Core, findCore } from "./explain.ts";
import { repairs, type Trial } from "./repair.ts";
import { load, Optimum, problemOf, withinMemory } from "./search.ts";
import { type Accepts, Slice } from "./slice.ts";
import { tell } from "./tell.ts";

/**
 * Chooses the packages and their versions that fill every slot on every target of the request, the best
 * ones by the levels of docs/solver.md, or says why there are none. Pure: equal requests and equal
 * universes, in whatever order, have equal answers.
 */
export function solve(
  request: SolveRequest,
  universe: Universe,
  accepts: Accepts = signatureAccepts,
): SolveAnswer {
  const problems = check(request, universe);
  if (problems.length > 0) return failed(...problems);
  const slice = new Slice(request, universe, accepts);
  const answer = withinMemory(slice, search) ?? failed(tooLarge(slice));
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
      const answer = withinMemory(new Slice(request, universe, accepts), search);
      return answer === null || "core" in answer ? failed() : answer;
    },
    core(request) {
      const slice = new Slice(request, universe, accepts);
      return withinMemory(slice, (encoding, heap) =>
        load(encoding, heap).solve() ? null : findCore(encoding, heap).causes,
      );
    },
  };
}

function search(encoding: Encoding, heap: number): SolveAnswer | Failure {
  const optimum = Optimum.search(problemOf(encoding), heap);
  if (optimum === null) return { ok: false, core: findCore(encoding, heap) };
  return { ok: true, plans: optimum.plans() };
}

function tooLarge(slice: Slice): Problem {
  const encoding = new Encoding(slice);
  return {
    code: "UP301",
    message: "the solver ran out of memory before it found a plan",
    details: [
      `${slice.packages.size} packages are in reach: ${encoding.variables} variables, ${encoding.clauses.length} clauses`,
    ],
    hint: "narrow the ranges of the app's requirements, or solve for one target at a time",
  };
}
