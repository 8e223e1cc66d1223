import type { Plan } from "../model/plan.ts";
import type { Choice } from "./choice.ts";
import { Circles } from "./circle.ts";
import { decidedAt, Sightings } from "./decide.ts";
import { Encoding } from "./encode.ts";
import { Exploring } from "./exploring.ts";
import { Levelled } from "./levelled.ts";
import { byPlace, type LevelName, Levels } from "./levels.ts";
import { planOf } from "./planning.ts";
import { type Clause, Sat, SatFailure } from "./sat.ts";
import type { Slice } from "./slice.ts";
import type { Stage } from "./stage.ts";

/** Heap of the SAT solver in MiB, the next after one that was too small. */
const heaps = [64, 512, 2000];

/** Up to which sizes a solve leaves out what pays for large catalogs only. */
export interface Sizes {
  /** Releases, times targets, of a slice that is encoded at once: it is sooner encoded than explored. */
  readonly encodedAtOnce: number;
  /** Variables with which targets are searched together to the end: a search of its own has a price, too. */
  readonly searchedTogether: number;
}

const usualSizes: Sizes = { encodedAtOnce: 1_000, searchedTogether: 4_000 };

/** A slice as clauses, as far as searches looked at it, with the levels that its plans are compared on. */
export interface Problem {
  readonly encoding: Encoding;
  readonly levels: Levels;
  readonly sizes: Sizes;
}

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

/** Whether all of a slice is encoded at once. */
export function isSmall({ packages, request }: Slice, sizes: Sizes = usualSizes): boolean {
  let releases = 0;
  for (const one of packages.values()) releases += one.releases.length;
  return releases * request.targets.length <= sizes.encodedAtOnce;
}

/** Whether there is a plan. */
export function isPossible(slice: Slice, heap: number): boolean {
  const encoding = new Encoding(slice, isSmall(slice) ? "whole" : "begun");
  return new Exploring(encoding, new Circles(encoding), heap, () => []).solve();
}

export function problemOf(slice: Slice, sizes: Sizes = usualSizes): Problem {
  const encoding = new Encoding(slice, isSmall(slice, sizes) ? "whole" : "begun");
  return { encoding, levels: new Levels(encoding), sizes };
}

/** Told of plans on the way to the best ones: how many levels' optima they have, and how to read them. */
export type Better = (depth: number, plans: () => readonly Plan[]) => void;

/** A problem that was searched to its optimum, level by level. */
export class Optimum {
  readonly encoding: Encoding;
  readonly #levels: Levels;
  readonly #levelled: Levelled;
  readonly #sightings: Sightings;

  /** Null when nothing meets all clauses, `also` among them. */
  static search(
    problem: Problem,
    heap: number,
    also: readonly Clause[] = [],
    better: Better = () => {},
  ): Optimum | null {
    const { encoding } = problem;
    const sightings = new Sightings(encoding);
    const levelled = new Levelled(
      problem,
      heap,
      also,
      (depth, holds, targets) => sightings.note(depth, holds, targets),
      (depth, holds) =>
        better(depth, () =>
          encoding.slice.request.targets.map((each) => planOf(encoding, each, holds, "unknown")),
        ),
    );
    return levelled.run() ? new Optimum(problem, levelled, sightings) : null;
  }

  private constructor({ encoding, levels }: Problem, levelled: Levelled, sightings: Sightings) {
    this.encoding = encoding;
    this.#levels = levels;
    this.#levelled = levelled;
    this.#sightings = sightings;
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
    for (const [choice, depth] of decidedAt(this.#levelled, encoding, this.#sightings)) {
      decisions.set(choice, this.levelAt(depth));
    }
    const { targets } = encoding.slice.request;
    return targets.map((target) => planOf(encoding, target, this.#levelled.holds, decisions));
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
