import type { Literal } from "../sat.ts";
import type { Criterion } from "./criteria.ts";
import type { Encoding } from "./encode.ts";
import { Level, type Term } from "./level.ts";

/** What a level costs: the constant, the weight of each term that is true, and what an earlier level costs. */
export interface Cost {
  readonly constant: number;
  readonly terms: readonly Term[];
  /** The terms of an earlier level, which are part of this one, so many times; not among `terms`. */
  readonly repeated: readonly { readonly level: number; readonly times: number }[];
}

/**
 * The costs of each level. Auxiliary variables are implied by what they stand for, not the other way
 * round: a solver that avoids them finds the true cost.
 */
export function termsOf(encoding: Encoding, criteria: readonly Criterion[]): readonly Cost[] {
  const costs: { readonly constant: number; readonly weights: Map<Literal, number> }[] = [];
  return criteria.map(({ parts }) => {
    const level = new Level(encoding);
    for (const part of parts) level.count(part);
    const weights = new Map<Literal, number>();
    for (const { literal, weight } of level.terms) {
      weights.set(literal, (weights.get(literal) ?? 0) + weight);
    }
    const left = new Map(weights);
    const repeated = costs.flatMap((earlier, index) => {
      const times = timesIn(earlier.weights, left);
      if (times === 0) return [];
      for (const [literal, weight] of earlier.weights) {
        const rest = left.get(literal)! - weight * times;
        if (rest > 0) left.set(literal, rest);
        else left.delete(literal);
      }
      return [{ level: index, times }];
    });
    costs.push({ constant: level.constant, weights });
    const terms = [...left].map(([literal, weight]) => ({ literal, weight }));
    return { constant: level.constant, terms, repeated };
  });
}

/**
 * How many times all of `part` is in `whole`. What an earlier level has made as small as it can be need
 * not be searched again: packages that are new have changed, too.
 */
function timesIn(part: ReadonlyMap<Literal, number>, whole: ReadonlyMap<Literal, number>): number {
  if (part.size === 0) return 0;
  let times = Number.POSITIVE_INFINITY;
  for (const [literal, weight] of part) {
    times = Math.min(times, Math.floor((whole.get(literal) ?? 0) / weight));
  }
  return times;
}
