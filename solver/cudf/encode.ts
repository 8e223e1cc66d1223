import type { Clause, Literal } from "../sat.ts";
import { type CudfDocument, operator } from "./document.ts";
import type { Providers } from "./providers.ts";
import { encodeKeep, encodeRequest } from "./request.ts";

/** Lists of alternatives longer than this get a variable of their own, for all that ask for the same. */
const fewAlternatives = 5;

/** At most this many literals exclude each other pairwise; more by a chain. */
const fewExclusive = 5;

/**
 * A document's constraints as clauses. Each package of the slice has a variable, in the order of the
 * slice; it is true when the package comes or goes, so that MiniSat, which tries false first, begins
 * at what is installed.
 */
export class Encoding {
  readonly clauses: Clause[] = [];
  variables: number;
  readonly document: CudfDocument;
  readonly providers: Providers;
  readonly slice: readonly number[];
  /** Variable of each package, 0 outside of the slice. */
  readonly #variable: Int32Array;
  readonly #impliedBy = new Map<string, Literal>();
  readonly #anyOf = new Map<readonly number[], Literal>();

  constructor(document: CudfDocument, providers: Providers, slice: readonly number[]) {
    this.document = document;
    this.providers = providers;
    this.slice = slice;
    this.variables = slice.length;
    this.#variable = new Int32Array(document.universe.name.length);
    for (const [position, index] of slice.entries()) this.#variable[index] = position + 1;
    this.#encodeDependencies();
    this.#encodeConflicts();
    encodeKeep(this);
    encodeRequest(this);
  }

  /** True when the package is in the solution; 0 when it is out of the slice, thus never. */
  literal(index: number): Literal {
    const variable = this.#variable[index]!;
    return this.document.universe.installed[index] === true ? -variable : variable;
  }

  /** The literals of those packages that are in the slice. */
  literals(indices: Iterable<number>): Literal[] {
    const literals: Literal[] = [];
    for (const index of indices) {
      const literal = this.literal(index);
      if (literal !== 0) literals.push(literal);
    }
    return literals;
  }

  fresh(): Literal {
    this.variables += 1;
    return this.variables;
  }

  add(clause: Clause): void {
    this.clauses.push(clause);
  }

  /** A variable that each of the literals implies, the same for the same literals. */
  impliedBy(literals: readonly Literal[]): Literal {
    const key = literals.join(" ");
    let literal = this.#impliedBy.get(key);
    if (literal === undefined) {
      literal = this.fresh();
      this.#impliedBy.set(key, literal);
      for (const each of literals) this.add([literal, -each]);
    }
    return literal;
  }

  /** Whether each version of the name conflicts with all others of it. */
  isExclusive(name: number): boolean {
    const { atoms, conflictsStart, conflictsEnd } = this.document.universe;
    let without = 0;
    for (const index of this.providers.packagesOf(name)) {
      if (this.literal(index) === 0) continue;
      let excludes = false;
      for (let atom = conflictsStart[index]!; atom < conflictsEnd[index]!; atom++) {
        if (atoms.name[atom] === name && atoms.operator[atom] === operator.any) excludes = true;
      }
      if (!excludes) without += 1;
    }
    return without <= 1;
  }

  /** (1) Depends: package -> one of the candidates, for each clause. */
  #encodeDependencies(): void {
    const { universe } = this.document;
    for (const index of this.slice) {
      const from = this.literal(index);
      const end = universe.dependsEnd[index]!;
      for (let clause = universe.dependsStart[index]!; clause < end; clause++) {
        const alternatives = this.alternatives(clause);
        // A package that meets its own dependency does not depend.
        if (!alternatives.includes(from)) this.add([-from, ...alternatives]);
      }
    }
  }

  /**
   * Literals of which one must hold for the clause of a formula to hold. Long lists of candidates are
   * met by a variable that implies one of them.
   */
  alternatives(clause: number): Literal[] {
    const { clauses } = this.document.universe;
    const start = clauses.start[clause]!;
    const end = clauses.end[clause]!;
    const found: Literal[] = [];
    for (let atom = start; atom < end; atom++) {
      const candidates = this.providers.candidates(atom);
      if (candidates.length > fewAlternatives) found.push(this.#oneOf(candidates));
      else found.push(...this.literals(candidates));
    }
    return end - start === 1 ? found : [...new Set(found)];
  }

  /** A variable that implies one of the candidates, the same for the same list. */
  #oneOf(candidates: readonly number[]): Literal {
    let literal = this.#anyOf.get(candidates);
    if (literal === undefined) {
      literal = this.fresh();
      this.#anyOf.set(candidates, literal);
      this.add([-literal, ...this.literals(candidates)]);
    }
    return literal;
  }

  /**
   * (2) Conflicts: not both the package and one that the atom names, except itself. Atoms are taken
   * together when they name the same packages, as those of all versions of a name do.
   */
  #encodeConflicts(): void {
    const { universe } = this.document;
    const declaring = new Map<readonly number[], number[]>();
    for (const index of this.slice) {
      const end = universe.conflictsEnd[index]!;
      for (let atom = universe.conflictsStart[index]!; atom < end; atom++) {
        const candidates = this.providers.candidates(atom);
        if (candidates.length === 0 || (candidates.length === 1 && candidates[0] === index))
          continue;
        const known = declaring.get(candidates);
        if (known === undefined) declaring.set(candidates, [index]);
        else if (known.at(-1) !== index) known.push(index);
      }
    }
    const pairs = new Set<number>();
    for (const [candidates, declarers] of declaring) {
      const excluded = candidates.filter((index) => this.literal(index) !== 0);
      this.#exclude(declarers, excluded, pairs);
    }
  }

  /** None of `declarers` beside any other package of `excluded`. */
  #exclude(declarers: readonly number[], excluded: readonly number[], pairs: Set<number>): void {
    const members = new Set(excluded);
    const inside = declarers.filter((index) => members.has(index));
    const outside = declarers.filter((index) => !members.has(index));
    if (inside.length === excluded.length && excluded.length > fewExclusive) {
      this.atMostOne(this.literals(excluded));
    } else {
      for (const index of inside) this.#excludePairs(index, excluded, pairs);
    }
    if (outside.length > 1 && excluded.length > fewExclusive) {
      const any = this.fresh();
      for (const literal of this.literals(excluded)) this.add([-literal, any]);
      for (const literal of this.literals(outside)) this.add([-literal, -any]);
    } else {
      for (const index of outside) this.#excludePairs(index, excluded, pairs);
    }
  }

  #excludePairs(index: number, others: readonly number[], pairs: Set<number>): void {
    for (const other of others) {
      if (other === index) continue;
      const pair = Math.min(index, other) * this.#variable.length + Math.max(index, other);
      if (pairs.has(pair)) continue;
      pairs.add(pair);
      this.add([-this.literal(index), -this.literal(other)]);
    }
  }

  /** At most one of the literals: pairwise, or by a chain of "one of these so far" (C. Sinz, CP 2005). */
  atMostOne(literals: readonly Literal[]): void {
    if (literals.length <= fewExclusive) {
      for (const [position, first] of literals.entries()) {
        for (const second of literals.slice(position + 1)) this.add([-first, -second]);
      }
      return;
    }
    let soFar: Literal | null = null;
    for (const literal of literals) {
      const next = this.fresh();
      this.add([-literal, next]);
      if (soFar !== null) this.add([-soFar, next]);
      if (soFar !== null) this.add([-literal, -soFar]);
      soFar = next;
    }
  }
}
