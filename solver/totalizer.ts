import type { Literal, Solvable } from "./sat.ts";

/**
 * Counts (Totalizer: O. Bailleux, Y. Boufkhad, CP 2003): returns literals of which the n-th, from 0, is true
 * whenever at least n + 1 of the given ones are. It may be true otherwise, too: for sums that are made small.
 */
export function count(sat: Solvable, literals: readonly Literal[]): readonly Literal[] {
  if (literals.length <= 1) return literals;
  const middle = literals.length >> 1;
  const left = count(sat, literals.slice(0, middle));
  const right = count(sat, literals.slice(middle));
  const sums = literals.map(() => sat.variable());
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
