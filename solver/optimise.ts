import { Fewest } from "./fewest.ts";
import type { Literal, Solvable } from "./sat.ts";
import { count } from "./totalizer.ts";

/**
 * Optimisation level by level. Both functions add clauses that fix the optimum they found, so that the
 * next level is searched among the optima of this one. Both need `sat` to be satisfiable.
 */

/** Whenever `given` holds, one of `wishes` is broken: a core that need not be searched for. */
export interface KnownCore {
  readonly given: Literal;
  readonly wishes: readonly Literal[];
}

/** Makes as few of `wanted` false as possible, all counting alike, and returns how many. */
export function breakFewest(
  sat: Solvable,
  wanted: readonly Literal[],
  known: readonly KnownCore[] = [],
): number {
  if (wanted.length === 0) return 0;
  sat.solve();
  const hopeless = new Set(
    alwaysTrue(
      sat,
      wanted.map((wish) => -wish),
    ).map((literal) => -literal),
  );
  for (const wish of hopeless) sat.add([-wish]);
  const broken = new Set<Literal>();
  for (const wish of wanted) if (!hopeless.has(wish)) broken.add(-wish);
  let cost = hopeless.size;
  for (const core of disjoint(sat, known, hopeless)) {
    // One of them is broken whatever happens. What is left to be made small is how many more there are.
    cost += 1;
    for (const literal of core) broken.delete(literal);
    for (const more of count(sat, core).slice(1)) broken.add(more);
  }
  return (
    cost +
    new Fewest(
      sat,
      [...broken].map((literal) => -literal),
    ).run()
  );
}

/**
 * Goes through `wanted` in order and makes each true that can be true beside those before it: the
 * lexicographic optimum.
 */
export function takeInOrder(sat: Solvable, wanted: readonly Literal[]): void {
  if (wanted.length === 0) return;
  sat.solve();
  let index = 0;
  /** Several at once, in the hope that all go together or that none of those that are false can be had. */
  let hopeful = wanted.length;
  let hopeless = wanted.length;
  while (index < wanted.length) {
    if (sat.holds(wanted[index]!)) {
      sat.add([wanted[index]!]);
      index += 1;
      continue;
    }
    const block = wanted.slice(index, index + hopeless);
    if (sat.solve(wanted.slice(index, index + hopeful))) hopeful *= 2;
    else if (
      hopeful === 1 ||
      !solveSome(
        sat,
        block.filter((wish) => !sat.holds(wish)),
      )
    ) {
      const impossible = hopeful === 1 ? block.slice(0, 1) : block;
      for (const wish of impossible) sat.add([sat.holds(wish) ? wish : -wish]);
      index += impossible.length;
      hopeless *= 2;
      hopeful = Math.max(hopeful, 2);
    } else {
      hopeful = Math.max(1, Math.min(hopeful, wanted.length - index) >> 2);
      hopeless = Math.max(1, block.length >> 2);
    }
  }
}

/** Those of the literals that are true in every model. Leaves a model behind, and needs one. */
function alwaysTrue(sat: Solvable, literals: readonly Literal[]): readonly Literal[] {
  let left = literals.filter((literal) => sat.holds(literal));
  while (
    left.length > 0 &&
    solveSome(
      sat,
      left.map((literal) => -literal),
    )
  ) {
    left = left.filter((literal) => sat.holds(literal));
  }
  return left;
}

/** Looks for a model in which one of the literals holds. */
function solveSome(sat: Solvable, literals: readonly Literal[]): boolean {
  const selector = sat.variable();
  sat.add([-selector, ...literals]);
  const satisfiable = sat.solve([selector]);
  sat.add([-selector]);
  return satisfiable;
}

/** Known cores that are there in every model and share no wish with each other, each with its wishes negated. */
function disjoint(
  sat: Solvable,
  known: readonly KnownCore[],
  hopeless: ReadonlySet<Literal>,
): readonly (readonly Literal[])[] {
  const given = new Set(
    alwaysTrue(
      sat,
      known.map((one) => one.given),
    ),
  );
  const used = new Set(hopeless);
  const cores: (readonly Literal[])[] = [];
  for (const core of known) {
    if (!given.has(core.given) || core.wishes.some((wish) => used.has(wish))) continue;
    for (const wish of core.wishes) used.add(wish);
    cores.push(core.wishes.map((wish) => -wish));
  }
  return cores;
}
