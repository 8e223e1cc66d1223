import type { Wish } from "./levels.ts";
import type { Clause, Solvable } from "./sat.ts";

/** A search for the optimum of a level, whose wishes may become more with each model. */
export interface LevelSearch extends Solvable {
  /** Those that are new since the last call. */
  fresh(): readonly Wish[];
  /** Adds a clause that belongs to the optimum. What `add` adds is of use for the search only. */
  fix(clause: Clause): void;
}

/** The search as one whose every clause belongs to the optimum. */
export function fixing(sat: LevelSearch): Solvable {
  return {
    variable: () => sat.variable(),
    add: (clause) => sat.fix(clause),
    solve: (wanted) => sat.solve(wanted),
    holds: (literal) => sat.holds(literal),
  };
}
