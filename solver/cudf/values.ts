import { Column } from "./column.ts";
import {
  type AtomRange,
  type Atoms,
  type ClauseRange,
  type Clauses,
  type Operator,
  operator,
} from "./document.ts";
import type { Names } from "./names.ts";
import { closeBracket, comma, openBracket, pipe, type Scanner, SyntaxFault } from "./scanner.ts";

/** Reads the values of properties. Formulas and lists go into columns, one constraint after the other. */
export class Values {
  readonly #scanner: Scanner;
  readonly #names: Names;
  readonly #atomName: Column;
  readonly #atomOperator: Column;
  readonly #atomVersion: Column;
  readonly #clauseStart: Column;
  readonly #clauseEnd: Column;

  constructor(scanner: Scanner, names: Names) {
    this.#scanner = scanner;
    this.#names = names;
    // A guess, from the universes of Debian and opam.
    const atoms = scanner.bytes.length >> 5;
    this.#atomName = new Column(atoms);
    this.#atomOperator = new Column(atoms);
    this.#atomVersion = new Column(atoms);
    this.#clauseStart = new Column(atoms >> 1);
    this.#clauseEnd = new Column(atoms >> 1);
  }

  /** All constraints that were read. */
  constraints(): { readonly atoms: Atoms; readonly clauses: Clauses } {
    return {
      atoms: {
        name: this.#atomName.values(),
        operator: this.#atomOperator.values() as ArrayLike<number> as ArrayLike<Operator>,
        version: this.#atomVersion.values(),
      },
      clauses: { start: this.#clauseStart.values(), end: this.#clauseEnd.values() },
    };
  }

  inBrackets<T>(read: () => T): T {
    this.#scanner.expect(openBracket);
    const value = read();
    this.#scanner.expect(closeBracket);
    return value;
  }

  /** Clauses with commas between them, or `true!`, or `false!`; nothing at all is true. */
  formula(): ClauseRange {
    const scanner = this.#scanner;
    const first = this.#clauseStart.length;
    const truth = scanner.atValueEnd() ? true : scanner.truth();
    if (truth === null) {
      do {
        this.#clauseStart.push(this.#atomName.length);
        do this.#atom();
        while (scanner.accept(pipe));
        this.#clauseEnd.push(this.#atomName.length);
      } while (scanner.accept(comma));
    } else if (!truth) {
      this.#clauseStart.push(this.#atomName.length);
      this.#clauseEnd.push(this.#atomName.length);
    }
    return { start: first, end: this.#clauseStart.length };
  }

  /** Atoms with commas between them; none is fine. */
  list(check?: (compared: Operator) => void): AtomRange {
    const scanner = this.#scanner;
    const start = this.#atomName.length;
    if (!scanner.atValueEnd()) {
      do {
        const compared = this.#atom();
        check?.(compared);
      } while (scanner.accept(comma));
    }
    return { start, end: this.#atomName.length };
  }

  #atom(): Operator {
    this.#atomName.push(this.#scanner.name(this.#names));
    const compared = this.#scanner.operator();
    this.#atomOperator.push(compared);
    this.#atomVersion.push(compared === operator.any ? 0 : this.integer("nat"));
    return compared;
  }

  integer(type: string): number {
    const scanner = this.#scanner;
    scanner.skipBlanks();
    const start = scanner.at;
    const value = scanner.integer();
    const least = type === "posint" ? 1 : type === "nat" ? 0 : Number.MIN_SAFE_INTEGER;
    if (value < least) throw new SyntaxFault(start, `${value} is less than ${least}`);
    return value;
  }

  /** One of the words given. */
  oneOf<const W extends string>(words: readonly W[]): W {
    const scanner = this.#scanner;
    scanner.skipBlanks();
    const start = scanner.at;
    const found = scanner.word(words.join(", "));
    const known = words.find((word) => word === found);
    if (known === undefined) {
      throw new SyntaxFault(start, `"${found}" is none of ${words.join(", ")}`);
    }
    return known;
  }
}
