import type { Plan } from "../model/plan.ts";
import type { Choice } from "./choice.ts";
import { Circles } from "./circle.ts";
import { decidedAt, Sightings } from "./decide.ts";
import { Encoding } from "./encode.ts";
import { type Earlier, Levelled } from "./levelled.ts";
import { breakFewest, takeInOrder } from "./optimise.ts";
import { planOf } from "./planning.ts";
import { type Level, type LevelName, levels } from "./prefer.ts";
import { type Clause, type Literal, Sat, SatFailure } from "./sat.ts";
import type { Slice } from "./slice.ts";

/** Heap of the SAT solver in MiB, the next after one that was too small. */
const heaps = [64, 512, 2000];

/** A slice as clauses, with the levels that its plans are compared on. */
export interface Problem {
  readonly encoding: Encoding;
  readonly levels: readonly Level[];
}

/** A level, and how good its optimum is: comparable between searches of one problem. */
export interface LevelCost {
  readonly name: LevelName;
  /** Of "fewest" the number of broken wishes, of "order" a 1 for each broken wish. */
  readonly cost: readonly number[];
}

/** Begins again in a larger heap when one is too small; null when none is large enough. */
export function withinMemory<T>(
  slice: Slice,
  action: (encoding: Encoding, heap: number) => T,
): T | null {
  for (const heap of heaps) {
    try {
      return action(new Encoding(slice), heap);
    } catch (error) {
      if (!(error instanceof SatFailure)) throw error;
    }
  }
  return null;
}

/**
 * A SAT solver with the clauses of an encoding, in which circles are found.
 *
 * @param rulesOnly leaves out that nothing is in an image without being needed
 */
export function load(encoding: Encoding, heap: number, rulesOnly = false): Sat {
  const circles = new Circles(encoding);
  const sat: Sat = new Sat(heap, (holds) => circles.find(holds).map((one) => one.clause));
  sat.reserve(encoding.variables);
  for (const { literals, cause } of encoding.clauses) {
    if (!rulesOnly || cause.kind !== "support") sat.add(literals);
  }
  return sat;
}

export function problemOf(encoding: Encoding): Problem {
  return { encoding, levels: levels(encoding) };
}

/** A problem that was searched to its optimum, level by level. */
export class Optimum {
  readonly encoding: Encoding;
  /** Levels that have wishes, the weightiest first. */
  readonly costs: readonly LevelCost[];
  readonly #levelled: Levelled;
  readonly #sightings: Sightings;
  readonly #holds: (literal: Literal) => boolean;

  /** Null when nothing meets all clauses, `also` among them. */
  static search(
    { encoding, levels: wanted }: Problem,
    heap: number,
    also: readonly Clause[] = [],
  ): Optimum | null {
    const renew = () => {
      const sat = load(encoding, heap);
      for (const clause of also) sat.add(clause);
      return sat;
    };
    const sat = renew();
    if (!sat.solve()) return null;
    const sightings = new Sightings(encoding.choices());
    const levelled = new Levelled(sat, renew, (depth) => sightings.note(depth, sat.holds));
    const used = wanted.filter(({ wishes }) => wishes.length > 0);
    for (const { kind, wishes, cores } of used) {
      levelled.open();
      if (kind === "fewest") breakFewest(levelled, wishes, cores);
      else takeInOrder(levelled, wishes);
    }
    levelled.solve();
    return new Optimum(encoding, used, levelled, sightings, sat.holds);
  }

  private constructor(
    encoding: Encoding,
    used: readonly Level[],
    levelled: Levelled,
    sightings: Sightings,
    holds: (literal: Literal) => boolean,
  ) {
    this.encoding = encoding;
    this.#levelled = levelled;
    this.#sightings = sightings;
    this.#holds = holds;
    this.costs = used.map(({ name, kind, wishes }) => {
      const broken = wishes.map((wish) => (holds(wish) ? 0 : 1));
      const sum = broken.reduce<number>((all, one) => all + one, 0);
      return { name, cost: kind === "fewest" ? [sum] : broken };
    });
  }

  /** One for each target of the request, in its order. */
  plans(): readonly Plan[] {
    const { encoding } = this;
    const decisions = new Map<Choice, LevelName | "rules">();
    for (const [choice, depth] of decidedAt(this.#levelled, encoding.choices(), this.#sightings)) {
      decisions.set(choice, this.levelAt(depth));
    }
    const { targets } = encoding.slice.request;
    return targets.map((target) => planOf(encoding, target, this.#holds, decisions));
  }

  /** What was possible at each level. */
  earlier(): Earlier {
    return this.#levelled.earlier();
  }

  /** The level after which something is impossible; 0 for the rules alone. */
  levelAt(depth: number): LevelName | "rules" {
    return depth === 0 ? "rules" : this.costs[depth - 1]!.name;
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
