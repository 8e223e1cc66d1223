import type { Plan } from "../model/plan.ts";
import type { Choice } from "./choice.ts";
import { Circles } from "./circle.ts";
import { Decisions, Sightings } from "./decide.ts";
import { Encoding } from "./encode.ts";
import { Exploring } from "./exploring.ts";
import type { Guess } from "./guess.ts";
import { Levelled } from "./levelled.ts";
import { byPlace, type LevelName, type Levels } from "./levels.ts";
import { imageOf } from "./needed.ts";
import { planOf } from "./planning.ts";
import { isSmall, type Problem, problemOf } from "./problem.ts";
import { type Clause, Sat } from "./sat.ts";
import { SatFailure, SatHeap } from "./sat-heap.ts";
import type { Slice } from "./slice.ts";
import type { Stage } from "./stage.ts";

/** Heap of the SAT solver in MiB, the next after one that was too small. */
const heaps = [64, 512, 2000];

/** With so many variables a problem's heap is left to it alone. */
const crowded = 30_000;

/** A level, and how good its optimum is: comparable between searches of one problem. */
export interface LevelCost {
  readonly name: LevelName;
  /** Of "fewest" the number of broken wishes, of "order" a 1 for each broken wish. */
  readonly cost: readonly number[];
}

/** Begins again in a larger heap when one is too small; null when none is large enough. */
export function withinMemory<T>(action: (heap: number) => T): T | null {
  for (const heap of heaps) {
    try {
      return action(heap);
    } catch (error) {
      if (!(error instanceof SatFailure)) throw error;
    }
  }
  return null;
}

/** Whether the rules that a whole encoding has can hold together, be it with packages that nothing needs. */
export function rulesCanHold(encoding: Encoding, heap: number): boolean {
  const circles = new Circles(encoding);
  const sat: Sat = new Sat(heap, (holds) => circles.find(holds).map((one) => one.clause));
  sat.reserve(encoding.variables.count);
  for (const { literals, cause } of encoding.clauses) {
    if (cause.kind !== "support") sat.add(literals);
  }
  return sat.solve();
}

/** Whether there is a plan. */
export function isPossible(slice: Slice, heap: number): boolean {
  const encoding = new Encoding(slice, isSmall(slice) ? "whole" : "begun");
  return new Exploring(encoding, new Circles(encoding), heap, () => []).solve();
}

/** Told of plans on the way to the best ones: how many levels' optima they have, and how to read them. */
export type Better = (depth: number, plans: () => readonly Plan[]) => void;

/** How a problem is searched. */
export interface Manner {
  /** Clauses that must hold, too. */
  readonly also?: readonly Clause[];
  readonly better?: Better | undefined;
  /**
   * Only its plans are asked for: then the levels after "newest" are searched in a problem of its own for each target, with one release of
   * each package, when the problem is large. Where such levels end is not known here then.
   */
  readonly plansOnly?: boolean;
}

/** A problem that was searched to its optimum, level by level. */
export class Optimum {
  readonly encoding: Encoding;
  readonly #levels: Levels;
  readonly #levelled: Levelled;
  readonly #sightings: Sightings;
  /** Target -> what was left of it after the level "newest", when that was searched on its own. */
  readonly #remainders: ReadonlyMap<string, Optimum>;

  /** Null when nothing meets all clauses. */
  static search(
    problem: Problem,
    heap: SatHeap | number,
    { also = [], better = () => {}, plansOnly = false }: Manner = {},
  ): Optimum | null {
    const { encoding, sizes } = problem;
    const { slice, targets } = encoding;
    const sightings = new Sightings(encoding);
    const shared = typeof heap === "number" ? new SatHeap(heap) : heap;
    const levelled = new Levelled(
      problem,
      shared,
      also,
      (depth, holds, ofTargets) => sightings.note(depth, holds, ofTargets),
      (depth, holds) =>
        better(depth, () =>
          slice.request.targets.map((each) => planOf(encoding, each, holds, "unknown")),
        ),
    );
    if (!levelled.run()) return null;
    const remainders = new Map<string, Optimum>();
    const isLarge = encoding.variables.count >= sizes.searchedTogether;
    if (plansOnly && isLarge && also.length === 0) {
      // Usually one heap has room for all of them.
      const isCrowded = typeof heap === "number" && encoding.variables.count > crowded;
      const rest = isCrowded ? new SatHeap(heap) : shared;
      for (const target of targets) {
        const left = slice.narrowed(target, (name) => levelled.candidate(target, name));
        const remainder = Optimum.search(problemOf(left, sizes), rest);
        if (remainder === null) throw new Error(`what was left for ${target} has no plan`);
        remainders.set(target, remainder);
      }
      levelled.adopt([...remainders].map(([target, one]) => one.#image(target)));
    } else levelled.finish(isLarge);
    return new Optimum(problem, levelled, sightings, remainders);
  }

  private constructor(
    { encoding, levels }: Problem,
    levelled: Levelled,
    sightings: Sightings,
    remainders: ReadonlyMap<string, Optimum>,
  ) {
    this.encoding = encoding;
    this.#levels = levels;
    this.#levelled = levelled;
    this.#sightings = sightings;
    this.#remainders = remainders;
  }

  /** The weightiest first. As the wishes of a problem grow with each search, they are compared after the last one. */
  costs(): readonly LevelCost[] {
    const { holds } = this.#levelled;
    return this.#levels.all.map(({ name, kind, wishes }) => {
      const sorted = kind === "fewest" ? wishes : [...wishes].sort(byPlace);
      const broken = sorted.map(({ literal }) => (holds(literal) ? 0 : 1));
      const sum = broken.reduce<number>((all, one) => all + one, 0);
      return { name, cost: kind === "fewest" ? [sum] : broken };
    });
  }

  /** One for each target of the request, in its order. */
  plans(): readonly Plan[] {
    const { encoding } = this;
    const decisions = new Map<Choice, LevelName | "rules">();
    const { targets } = encoding.slice.request;
    for (const target of targets) {
      for (const [choice, depth] of this.#decided(target)) {
        decisions.set(choice, this.levelAt(depth));
      }
    }
    return targets.map((target) => planOf(encoding, target, this.#levelled.holds, decisions));
  }

  /** After how many levels each choice of a target was decided, if that was not after fewer than `least`. */
  #decided(target: string, least = 0): ReadonlyMap<Choice, number> {
    const { encoding } = this;
    const { apart } = this.#levelled;
    const decisions = new Decisions(this.#levelled, encoding, this.#sightings, target);
    const remainder = this.#remainders.get(target);
    if (remainder !== undefined) decisions.take(remainder.#decided(target, apart), apart);
    return decisions.from(least);
  }

  #image(target: string): Guess {
    return imageOf(this.encoding, target, this.#levelled.holds);
  }

  /** What was possible at each level, on all targets together. */
  earlier(): Stage {
    return this.#levelled.earlier(null, 0);
  }

  /** How many levels there are. */
  get depth(): number {
    return this.#levels.all.length;
  }

  /** The level after which something is impossible; 0 for the rules alone. */
  levelAt(depth: number): LevelName | "rules" {
    return depth === 0 ? "rules" : this.#levels.all[depth - 1]!.name;
  }
}

/** The first level on which one plan is better than another; null when they are equally good. */
export function firstDifference(
  a: readonly LevelCost[],
  b: readonly LevelCost[],
): LevelName | null {
  for (const [index, { name, cost }] of a.entries()) {
    if (cost.some((one, at) => one !== b[index]!.cost[at])) return name;
  }
  return null;
}
