import type { Names } from "./names.ts";

/**
 * A document in the Common Upgradeability Description Format, version 2.0 (R. Treinen, S. Zacchiroli,
 * Mancoosi TR 3, 2009; syntax and semantics checked against libcudf 0.9), as columns of numbers: the
 * universe of a distribution has hundreds of thousands of constraints, an object for each would cost
 * more than solving.
 */
export interface CudfDocument {
  readonly universe: Universe;
  /** Null when there is no request stanza, as in solutions and plain universes. */
  readonly request: Request | null;
}

/** What to do; all of it must hold in a solution. */
export interface Request {
  readonly install: AtomRange;
  readonly remove: AtomRange;
  readonly upgrade: AtomRange;
}

/** Atoms `start` up to but without `end`. */
export interface AtomRange {
  readonly start: number;
  readonly end: number;
}

/** How the version of an atom is compared. `any` goes with no version. */
export const operator = {
  any: 0,
  equal: 1,
  unequal: 2,
  atLeast: 3,
  more: 4,
  atMost: 5,
  less: 6,
} as const;
export type Operator = (typeof operator)[keyof typeof operator];

/** What of an installed package must stay: nothing, this version, some version, or all it provides. */
export const keep = { none: 0, version: 1, package: 2, feature: 3 } as const;
export type Keep = (typeof keep)[keyof typeof keep];

/** Constraints `name operator version`, as in `depends: libc6 >= 8`, one after the other. */
export interface Atoms {
  readonly name: ArrayLike<number>;
  readonly operator: ArrayLike<Operator>;
  /** 0 when the operator is `any`. */
  readonly version: ArrayLike<number>;
}

/** Disjunctions: clause c is any of the atoms from `start[c]` to `end[c]`; an empty one is false. */
export interface Clauses {
  readonly start: ArrayLike<number>;
  readonly end: ArrayLike<number>;
}

/**
 * All packages, one for each name and version, numbered in the order of the document. The columns are
 * indexed by a package's number; ranges are half open.
 */
export interface Universe {
  readonly names: Names;
  readonly atoms: Atoms;
  readonly clauses: Clauses;
  readonly name: number[];
  readonly version: number[];
  readonly installed: boolean[];
  readonly keep: Keep[];
  /** Range of clauses, all of which must hold. */
  readonly dependsStart: number[];
  readonly dependsEnd: number[];
  /** Range of atoms; those that name the package itself, or what it provides, do not count. */
  readonly conflictsStart: number[];
  readonly conflictsEnd: number[];
  /** Range of atoms, operator `equal` or `any`. */
  readonly providesStart: number[];
  readonly providesEnd: number[];
  /** Those declared properties that the reader of the document asked for, by name. */
  readonly properties: ReadonlyMap<string, Property>;
}

/** A property that the preamble declares, with its values. */
export type Property =
  | {
      readonly kind: "number";
      readonly values: ReadonlyMap<number, number>;
      readonly fallback: number;
    }
  | {
      readonly kind: "formula";
      readonly values: ReadonlyMap<number, ClauseRange>;
      readonly fallback: ClauseRange;
    }
  /** Of a type that no criterion can count. */
  | { readonly kind: "other"; readonly type: string };

export interface ClauseRange {
  readonly start: number;
  readonly end: number;
}

/** Whether a version is one that the operator and the version beside it admit. */
export function admits(wanted: Operator, bound: number, version: number): boolean {
  switch (wanted) {
    case operator.any:
      return true;
    case operator.equal:
      return version === bound;
    case operator.unequal:
      return version !== bound;
    case operator.atLeast:
      return version >= bound;
    case operator.more:
      return version > bound;
    case operator.atMost:
      return version <= bound;
    case operator.less:
      return version < bound;
  }
}

const symbols = ["", "=", "!=", ">=", ">", "<=", "<"] as const;

/** The atom as it is written: `libc6 >= 8`. */
export function atomText(universe: Universe, atom: number): string {
  const { names, atoms } = universe;
  const name = names.text(atoms.name[atom]!);
  const wanted = atoms.operator[atom]!;
  return wanted === operator.any ? name : `${name} ${symbols[wanted]} ${atoms.version[atom]}`;
}

/** Name and version of a package, as messages have it: `libc6 8`. */
export function packageText(universe: Universe, index: number): string {
  return `${universe.names.text(universe.name[index]!)} ${universe.version[index]}`;
}
