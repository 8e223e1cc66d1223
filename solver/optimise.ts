import { minimise } from "./cudf/minimise.ts";
import type { Literal, Solvable } from "./sat.ts";

/**
 * Optimisation level by level. Both functions add clauses that fix the optimum they found, so that the
 * next level is searched among the optima of this one. Both need `sat` to be satisfiable.
 */

/** Makes as few of `wanted` false as possible, all counting alike, and returns how many. */
export function breakFewest(sat: Solvable, wanted: readonly Literal[]): number {
  if (wanted.length === 0) return 0;
  const { wishes, cost } = withoutHopeless(sat, wanted);
  const terms = wishes.map((wish) => ({ literal: -wish, weight: 1 }));
  return cost + minimise(sat, terms, () => {});
}

/**
 * Goes through `wanted` in order and makes each true that can be true beside those before it: the
 * lexicographic optimum.
 */
export function takeInOrder(sat: Solvable, wanted: readonly Literal[]): void {
  if (wanted.length === 0) return;
  sat.solve();
  let width = wanted.length;
  let index = 0;
  while (index < wanted.length) {
    const wish = wanted[index]!;
    if (sat.holds(wish)) {
      sat.add([wish]);
      index += 1;
      continue;
    }
    // Several at once, in the hope that all go together; fewer after a failure.
    if (sat.solve(wanted.slice(index, index + width))) {
      width *= 2;
    } else if (width > 1) {
      width = Math.max(1, Math.min(width, wanted.length - index) >> 2);
    } else {
      sat.add([-wish]);
      index += 1;
      width = 2;
    }
  }
}

/** Finds the wishes that are false in every model, by asking again and again for a model with another one true. */
function withoutHopeless(
  sat: Solvable,
  wanted: readonly Literal[],
): { wishes: Literal[]; cost: number } {
  sat.solve();
  let hopeless = wanted.filter((wish) => !sat.holds(wish));
  while (hopeless.length > 0) {
    const selector = sat.variable();
    sat.add([-selector, ...hopeless]);
    const satisfiable = sat.solve([selector]);
    sat.add([-selector]);
    if (!satisfiable) break;
    hopeless = hopeless.filter((wish) => !sat.holds(wish));
  }
  const dropped = new Set(hopeless);
  for (const wish of hopeless) sat.add([-wish]);
  return { wishes: wanted.filter((wish) => !dropped.has(wish)), cost: hopeless.length };
}
