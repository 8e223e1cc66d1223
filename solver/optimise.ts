import { Fewest } from "./fewest.ts";
import { fixing, type LevelSearch } from "./level-search.ts";
import { byPlace, type Wish } from "./levels.ts";
import type { Literal, Solvable } from "./sat.ts";
import { count } from "./totalizer.ts";

/**
 * Optimisation level by level. Both functions add clauses that fix the optimum they found, so that the
 * next level is searched among the optima of this one. Both need `sat` to be satisfiable.
 */

/**
 * Makes as few of the level's wishes false as possible, all counting alike, and returns how many.
 *
 * @param known sets of literals, none in two, of which one holds in every model: the wishes against them are cores
 */
export function breakFewest(sat: LevelSearch, known: readonly (readonly Literal[])[] = []): number {
  const fresh = () => sat.fresh().map((one) => one.literal);
  const wanted = fresh();
  if (wanted.length === 0) return 0;
  const broken = new Set(wanted.map((wish) => -wish));
  const cores = known.length > 0 ? known : alwaysTrue(sat, [...broken]).map((one) => [one]);
  for (const core of cores) {
    // One of them is broken whatever happens. What is left to be made small is how many more there are.
    for (const literal of core) broken.delete(literal);
    const [one, ...more] = count(fixing(sat), core);
    if (more.length === 0) sat.fix([one!]);
    for (const literal of more) broken.add(literal);
  }
  const rest = [...broken].map((literal) => -literal);
  return new Fewest(sat, wanted, cores.length, rest, fresh).run();
}

/**
 * Goes through the level's wishes by their places and makes each true that can be true beside those before it: the
 * lexicographic optimum.
 *
 * @param mostAreDecided whether most of them are the same in every model: these are found first, which takes a few questions
 */
export function takeInOrder(sat: LevelSearch, mostAreDecided = false): void {
  /** In order; those before are decided. */
  let wanted: readonly Wish[] = mostAreDecided ? undecided(sat) : [];
  let passed: Wish["place"] | null = null;
  /** Several at once, in the hope that all go together or that none of those that are false can be had. */
  let hopeful = 64;
  let hopeless = 64;
  for (;;) {
    const fresh = sat.fresh();
    // What was not met while it was its turn is not in the optimum.
    const late = fresh.filter(({ place }) => passed !== null && place <= passed);
    for (const { literal } of late) sat.fix([-Math.abs(literal)]);
    if (late.length > 0) sat.solve();
    if (fresh.length > late.length) {
      const rest = fresh.filter((one) => !late.includes(one));
      wanted = [...wanted, ...rest].sort(byPlace);
    }
    if (late.length > 0) continue;
    const first = wanted[0];
    if (first === undefined) return;
    const literals = wanted.map((one) => one.literal);
    const broken = literals.findIndex((literal) => !sat.holds(literal));
    const decide = (count: number) => {
      for (const literal of literals.slice(0, count)) {
        sat.fix([sat.holds(literal) ? literal : -literal]);
      }
      passed = count === 0 ? passed : wanted[count - 1]!.place;
      wanted = wanted.slice(count);
    };
    if (broken !== 0) {
      decide(broken < 0 ? literals.length : broken);
      continue;
    }
    const block = literals.slice(0, hopeless);
    if (sat.solve(literals.slice(0, hopeful))) hopeful *= 2;
    else if (hopeful === 1) {
      decide(1);
      hopeful = 2;
    } else if (
      !solveSome(
        sat,
        block.filter((wish) => !sat.holds(wish)),
      )
    ) {
      decide(block.length);
      hopeless *= 2;
    } else {
      hopeful = Math.max(1, Math.min(hopeful, literals.length) >> 2);
      hopeless = Math.max(1, block.length >> 2);
    }
  }
}

/** Fixes the level's wishes that hold in every model or in none; returns the others, in order. */
function undecided(sat: LevelSearch): readonly Wish[] {
  const wishes = sat.fresh();
  const values = wishes.map(({ literal }) => (sat.holds(literal) ? literal : -literal));
  const decided = new Set(alwaysTrue(sat, values));
  for (const literal of decided) sat.fix([literal]);
  return wishes
    .filter(({ literal }) => !decided.has(literal) && !decided.has(-literal))
    .sort(byPlace);
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
