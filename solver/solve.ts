import { accepts as signatureAccepts } from "../model/accepts.ts";
import { failed, type Problem } from "../model/problem.ts";
import type { Universe } from "../model/release.ts";
import type { SolveAnswer, SolveRequest } from "../model/request.ts";
import { check } from "./check.ts";
import type { Choice } from "./choice.ts";
import { Circles } from "./circle.ts";
import { decidedAt, Sightings } from "./decide.ts";
import { Encoding } from "./encode.ts";
import { type Core, findCore } from "./explain.ts";
import { Levelled } from "./levelled.ts";
import { breakFewest, takeInOrder } from "./optimise.ts";
import { planOf } from "./planning.ts";
import { type LevelName, levels } from "./prefer.ts";
import { repairs, type Trial } from "./repair.ts";
import { Sat, SatFailure } from "./sat.ts";
import { type Accepts, Slice } from "./slice.ts";
import { tell } from "./tell.ts";

/** Heap of the SAT solver in MiB, the next after one that was too small. */
const heaps = [64, 512, 2000];

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
  const answer = withinMemory(slice, search);
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
      return "core" in answer ? failed() : answer;
    },
    core(request) {
      const answer = withinMemory(new Slice(request, universe, accepts), (encoding, heap) => {
        return load(encoding, heap).solve()
          ? { ok: true, plans: [] }
          : { ok: false, core: findCore(encoding, heap) };
      });
      return "core" in answer ? answer.core.causes : null;
    },
  };
}

/** Begins again in a larger heap when one is too small. */
function withinMemory(
  slice: Slice,
  action: (encoding: Encoding, heap: number) => SolveAnswer | Failure,
): SolveAnswer | Failure {
  for (const heap of heaps) {
    try {
      return action(new Encoding(slice), heap);
    } catch (error) {
      if (!(error instanceof SatFailure)) throw error;
    }
  }
  return failed(tooLarge(new Encoding(slice)));
}

function load(encoding: Encoding, heap: number): Sat {
  const circles = new Circles(encoding);
  const sat: Sat = new Sat(heap, (holds) => circles.find(holds).map((one) => one.clause));
  sat.reserve(encoding.variables);
  for (const { literals } of encoding.clauses) sat.add(literals);
  return sat;
}

function search(encoding: Encoding, heap: number): SolveAnswer | Failure {
  const wanted = levels(encoding);
  const sat = load(encoding, heap);
  if (!sat.solve()) return { ok: false, core: findCore(encoding, heap) };

  const sightings = new Sightings(encoding.choices());
  const levelled = new Levelled(
    sat,
    () => load(encoding, heap),
    (depth) => sightings.note(depth, sat.holds),
  );
  const names: LevelName[] = [];
  for (const { name, kind, wishes, cores } of wanted) {
    if (wishes.length === 0) continue;
    levelled.open();
    names.push(name);
    if (kind === "fewest") breakFewest(levelled, wishes, cores);
    else takeInOrder(levelled, wishes);
  }
  levelled.solve();
  const decisions = new Map<Choice, LevelName | "rules">();
  for (const [choice, depth] of decidedAt(levelled, encoding.choices(), sightings)) {
    decisions.set(choice, depth === 0 ? "rules" : names[depth - 1]!);
  }
  const { targets } = encoding.slice.request;
  return {
    ok: true,
    plans: targets.map((target) => planOf(encoding, target, sat.holds, decisions)),
  };
}

function tooLarge(encoding: Encoding): Problem {
  return {
    code: "UP301",
    message: "the solver ran out of memory before it found a plan",
    details: [
      `${encoding.slice.packages.size} packages are in reach: ${encoding.variables} variables, ${encoding.clauses.length} clauses`,
    ],
    hint: "narrow the ranges of the app's requirements, or solve for one target at a time",
  };
}
