import { minimalCore } from "./core.ts";
import type { Literal, Sat } from "./sat.ts";

/**
 * Optimisation level by level. Both functions add clauses that fix the optimum they found, so that the
 * next level is searched among the optima of this one. Both need `sat` to be satisfiable.
 */

/**
 * Makes as few of `wanted` false as possible, all counting alike, and returns how many.
 *
 * Core-guided (OLL: Andres, Kaufmann, Matheis, Schaub, ICLP 2012): while not all wishes can hold, a
 * minimal core of them costs one; its wishes are replaced by "at most one of them is broken", and so on.
 */
export function breakFewest(sat: Sat, wanted: readonly Literal[]): number {
  if (wanted.length === 0) return 0;
  let { wishes, cost } = withoutHopeless(sat, wanted);
  /** Wishes that came out of a core: "at most n are broken" is followed by "at most n + 1". */
  const successors = new Map<Literal, readonly Literal[]>();
  while (!sat.solve(wishes)) {
    const core = minimalCore(wishes, (subset) => !sat.solve(subset));
    if (core.length === 0) throw new Error("optimisation needs clauses that can hold");
    cost += 1;
    const inCore = new Set(core);
    wishes = wishes.filter((wish) => !inCore.has(wish));
    sat.add(core.map((wish) => -wish));
    const weaker: (readonly Literal[])[] = [];
    for (const wish of core) {
      const rest = successors.get(wish);
      if (rest !== undefined) weaker.push(rest);
    }
    if (core.length > 1)
      weaker.push(
        countBroken(sat, core)
          .slice(1)
          .map((atLeast) => -atLeast),
      );
    for (const [next, ...rest] of weaker) {
      if (next === undefined) continue;
      wishes.push(next);
      successors.set(next, rest);
    }
  }
  for (const wish of wishes) sat.add([wish]);
  return cost;
}

/**
 * Goes through `wanted` in order and makes each true that can be true beside those before it: the
 * lexicographic optimum.
 */
export function takeInOrder(sat: Sat, wanted: readonly Literal[]): void {
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
      sat.solve();
      index += 1;
      width = 2;
    }
  }
}

/** Finds the wishes that are false in every model, by asking again and again for a model with another one true. */
function withoutHopeless(
  sat: Sat,
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

/**
 * Totalizer (Bailleux and Boufkhad, CP 2003): returns literals of which the n-th (from 0) is true
 * whenever at least n + 1 of `wishes` are false.
 */
function countBroken(sat: Sat, wishes: readonly Literal[]): readonly Literal[] {
  if (wishes.length === 1) return [-wishes[0]!];
  const middle = wishes.length >> 1;
  const left = countBroken(sat, wishes.slice(0, middle));
  const right = countBroken(sat, wishes.slice(middle));
  const sums = wishes.map(() => sat.variable());
  for (let a = 0; a <= left.length; a++) {
    for (let b = 0; b <= right.length; b++) {
      if (a + b === 0) continue;
      const clause = [sums[a + b - 1]!];
      if (a > 0) clause.push(-left[a - 1]!);
      if (b > 0) clause.push(-right[b - 1]!);
      sat.add(clause);
    }
  }
  return sums;
}
