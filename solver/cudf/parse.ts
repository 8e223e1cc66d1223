import { Column } from "./column.ts";
import {
  type AtomRange,
  type ClauseRange,
  type CudfDocument,
  type Keep,
  keep,
  type Operator,
  operator,
  type Property,
  packageText,
  type Request,
  type Universe,
} from "./document.ts";
import { Names, textOf } from "./names.ts";
import {
  closeBracket,
  colon,
  comma,
  equals,
  openBracket,
  pipe,
  Scanner,
  SyntaxFault,
} from "./scanner.ts";

/** Why a document cannot be read. Lines count from 1. */
export interface Fault {
  readonly line: number;
  readonly message: string;
}

export type Parsed =
  | { readonly ok: true; readonly document: CudfDocument }
  | { readonly ok: false; readonly fault: Fault };

/**
 * Reads a document in one pass over its bytes. Every stanza is checked: unknown and repeated properties,
 * missing versions, two stanzas for one package.
 *
 * More is accepted than the grammar has: names may contain any byte that means nothing else, a colon
 * need not be followed by a blank, and the lines of a stanza may come in any order after the first.
 *
 * @param wanted declared properties whose values are kept; values of others are passed over unread
 */
export function parseDocument(bytes: Uint8Array, wanted: ReadonlySet<string> = new Set()): Parsed {
  const scanner = new Scanner(bytes);
  try {
    return { ok: true, document: new Reader(scanner, wanted).read() };
  } catch (error) {
    if (!(error instanceof SyntaxFault)) throw error;
    return { ok: false, fault: { line: scanner.lineAt(error.at), message: error.message } };
  }
}

type StanzaKind = "preamble" | "package" | "request";

/** A property that a stanza may have, and how its value is read. */
interface Key {
  readonly text: string;
  readonly stanza: StanzaKind;
  /** The last stanza that had it: a second time is a mistake. */
  seen: number;
  read(): void;
}

/** The columns of `Universe` that are indexed by package. */
interface Columns {
  readonly name: number[];
  readonly version: number[];
  readonly installed: boolean[];
  readonly keep: Keep[];
  readonly dependsStart: number[];
  readonly dependsEnd: number[];
  readonly conflictsStart: number[];
  readonly conflictsEnd: number[];
  readonly providesStart: number[];
  readonly providesEnd: number[];
}

/** Types of declared properties that can be counted or asked whether they hold. */
const numberTypes = new Set(["int", "nat", "posint"]);
const formulaTypes = new Set(["vpkgformula", "vpkformula"]);
const otherTypes = new Set([
  "bool",
  "string",
  "enum",
  "pkgname",
  "ident",
  "vpkg",
  "vpkglist",
  "veqpkg",
  "veqpkglist",
]);

class Reader {
  readonly #scanner: Scanner;
  readonly #wanted: ReadonlySet<string>;
  readonly #names: Names;
  /** By `kindOfKey`. */
  readonly #keys: Key[][] = [];
  /** Number of the stanza; properties of one stanza are distinct. */
  #stanza = 0;
  #kind: StanzaKind | null = null;
  #stanzaAt = 0;
  #preambleSeen = false;
  #requestSeen = false;
  /** Where each package's stanza begins. */
  readonly #places: number[] = [];
  readonly #properties = new Map<string, Property>();
  /** Wanted properties that every package must have. */
  readonly #mandatory: { readonly text: string; readonly values: ReadonlyMap<number, unknown> }[] =
    [];
  #install: AtomRange = { start: 0, end: 0 };
  #remove: AtomRange = { start: 0, end: 0 };
  #upgrade: AtomRange = { start: 0, end: 0 };
  readonly #atomName: Column;
  readonly #atomOperator: Column;
  readonly #atomVersion: Column;
  readonly #clauseStart: Column;
  readonly #clauseEnd: Column;
  readonly #packages: Columns = {
    name: [],
    version: [],
    installed: [],
    keep: [],
    dependsStart: [],
    dependsEnd: [],
    conflictsStart: [],
    conflictsEnd: [],
    providesStart: [],
    providesEnd: [],
  };

  constructor(scanner: Scanner, wanted: ReadonlySet<string>) {
    this.#scanner = scanner;
    this.#wanted = wanted;
    this.#names = new Names(scanner.bytes);
    // A guess, from the universes of Debian and opam.
    const atoms = scanner.bytes.length >> 5;
    this.#atomName = new Column(atoms);
    this.#atomOperator = new Column(atoms);
    this.#atomVersion = new Column(atoms);
    this.#clauseStart = new Column(atoms >> 1);
    this.#clauseEnd = new Column(atoms >> 1);
    this.#defineKeys();
  }

  read(): CudfDocument {
    const scanner = this.#scanner;
    while (!scanner.atEnd()) {
      if (scanner.skipBlankLine()) this.#endStanza();
      else if (!scanner.skipComment()) this.#readProperty();
    }
    this.#endStanza();
    const universe: Universe = {
      ...this.#packages,
      names: this.#names,
      atoms: {
        name: this.#atomName.values(),
        operator: this.#atomOperator.values() as ArrayLike<number> as ArrayLike<Operator>,
        version: this.#atomVersion.values(),
      },
      clauses: { start: this.#clauseStart.values(), end: this.#clauseEnd.values() },
      properties: this.#properties,
    };
    this.#refuseRepeatedPackages(universe);
    const request: Request | null = this.#requestSeen
      ? { install: this.#install, remove: this.#remove, upgrade: this.#upgrade }
      : null;
    return { universe, request };
  }

  #readProperty(): void {
    const scanner = this.#scanner;
    const start = scanner.at;
    const end = scanner.key();
    const key = this.#keyAt(start, end);
    if (key === undefined) {
      throw new SyntaxFault(start, `unknown property "${textOf(scanner.bytes, start, end)}"`);
    }
    if (this.#kind === null) this.#beginStanza(key, start);
    else if (key.stanza !== this.#kind || key.text === this.#kind) {
      const separate = key.text === key.stanza ? ": an empty line must come before a stanza" : "";
      throw new SyntaxFault(
        start,
        key.seen === this.#stanza
          ? `a second "${key.text}" in one stanza${separate}`
          : `"${key.text}" in a ${this.#kind} stanza${separate}`,
      );
    }
    if (key.seen === this.#stanza) {
      throw new SyntaxFault(start, `a second "${key.text}" in one stanza`);
    }
    key.seen = this.#stanza;
    scanner.expect(colon);
    key.read();
    scanner.endOfProperty();
  }

  #keyAt(start: number, end: number): Key | undefined {
    const same = this.#keys[kindOfKey(end - start, this.#scanner.bytes[start]!)];
    if (same === undefined) return undefined;
    for (const key of same) if (this.#scanner.isAt(key.text, start, end)) return key;
    return undefined;
  }

  #beginStanza(key: Key, start: number): void {
    if (key.text !== key.stanza) {
      throw new SyntaxFault(
        start,
        `a stanza begins with "preamble", "package" or "request", not with "${key.text}"`,
      );
    }
    this.#kind = key.stanza;
    this.#stanza += 1;
    this.#stanzaAt = start;
    if (key.stanza === "preamble") {
      if (this.#preambleSeen || this.#stanza > 1) {
        throw new SyntaxFault(start, "the preamble must be the first stanza");
      }
      this.#preambleSeen = true;
    } else if (key.stanza === "request") {
      if (this.#requestSeen) throw new SyntaxFault(start, "a second request");
      this.#requestSeen = true;
    }
  }

  #endStanza(): void {
    if (this.#kind === "package") {
      const { version } = this.#packages;
      const last = version.length - 1;
      if (version[last] === 0) throw new SyntaxFault(this.#stanzaAt, "the package has no version");
      for (const { text, values } of this.#mandatory) {
        if (!values.has(last)) {
          throw new SyntaxFault(this.#stanzaAt, `the package has no "${text}"`);
        }
      }
    }
    this.#kind = null;
  }

  #defineKeys(): void {
    const universe = this.#packages;
    const last = () => universe.name.length - 1;
    const rest = () => this.#scanner.skipValue();
    this.#define("preamble", "preamble", rest);
    this.#define("property", "preamble", () => this.#readDeclarations());
    for (const checksum of ["univ-checksum", "status-checksum", "req-checksum"]) {
      this.#define(checksum, "preamble", rest);
    }
    this.#define("package", "package", () => this.#beginPackage());
    this.#define("version", "package", () => {
      universe.version[last()] = this.#integer("posint");
    });
    this.#define("depends", "package", () => {
      const { start, end } = this.#formula();
      universe.dependsStart[last()] = start;
      universe.dependsEnd[last()] = end;
    });
    this.#define("conflicts", "package", () => {
      const { start, end } = this.#list();
      universe.conflictsStart[last()] = start;
      universe.conflictsEnd[last()] = end;
    });
    this.#define("provides", "package", () => {
      const { start, end } = this.#list((compared) => {
        if (compared > operator.equal) {
          throw this.#scanner.fault('only "=" can stand in "provides"');
        }
      });
      universe.providesStart[last()] = start;
      universe.providesEnd[last()] = end;
    });
    this.#define("installed", "package", () => {
      universe.installed[last()] = this.#word(["true", "false"]) === "true";
    });
    // What mccs and libcudf write into solutions.
    this.#define("was-installed", "package", () => void this.#word(["true", "false"]));
    this.#define("keep", "package", () => {
      const words = Object.keys(keep) as (keyof typeof keep)[];
      universe.keep[last()] = keep[this.#word(words)];
    });
    this.#define("request", "request", rest);
    this.#define("install", "request", () => {
      this.#install = this.#list();
    });
    this.#define("remove", "request", () => {
      this.#remove = this.#list();
    });
    this.#define("upgrade", "request", () => {
      this.#upgrade = this.#list();
    });
  }

  #define(text: string, stanza: StanzaKind, read: () => void): void {
    const kind = kindOfKey(text.length, text.charCodeAt(0));
    this.#keys[kind] ??= [];
    const same = this.#keys[kind];
    if (same.some((key) => key.text === text)) {
      throw this.#scanner.fault(`the property "${text}" is declared already`);
    }
    same.push({ text, stanza, seen: 0, read });
  }

  #beginPackage(): void {
    const universe = this.#packages;
    this.#places.push(this.#stanzaAt);
    universe.name.push(this.#scanner.name(this.#names));
    universe.version.push(0);
    universe.installed.push(false);
    universe.keep.push(keep.none);
    universe.dependsStart.push(0);
    universe.dependsEnd.push(0);
    universe.conflictsStart.push(0);
    universe.conflictsEnd.push(0);
    universe.providesStart.push(0);
    universe.providesEnd.push(0);
  }

  /** `property: bugs: int = [0], suite: enum[stable,testing] = [stable]` */
  #readDeclarations(): void {
    const scanner = this.#scanner;
    if (scanner.atValueEnd()) return;
    do {
      const text = scanner.word("the name of a property");
      scanner.expect(colon);
      const type = scanner.word("a type");
      if (type === "enum") scanner.bracketed();
      else if (!numberTypes.has(type) && !formulaTypes.has(type) && !otherTypes.has(type)) {
        throw scanner.fault(`unknown type "${type}"`);
      }
      this.#declare(text, type, scanner.accept(equals));
    } while (scanner.accept(comma));
  }

  #declare(text: string, type: string, hasDefault: boolean): void {
    const scanner = this.#scanner;
    const last = () => this.#packages.name.length - 1;
    if (!this.#wanted.has(text)) {
      if (hasDefault) scanner.bracketed();
      this.#define(text, "package", () => scanner.skipValue());
    } else if (numberTypes.has(type)) {
      const values = new Map<number, number>();
      const read = () => this.#integer(type);
      const fallback = hasDefault ? this.#inBrackets(read) : 0;
      this.#properties.set(text, { kind: "number", values, fallback });
      this.#define(text, "package", () => void values.set(last(), read()));
      if (!hasDefault) this.#mandatory.push({ text, values });
    } else if (formulaTypes.has(type)) {
      const values = new Map<number, ClauseRange>();
      const read = () => this.#formula();
      const fallback = hasDefault ? this.#inBrackets(read) : { start: 0, end: 0 };
      this.#properties.set(text, { kind: "formula", values, fallback });
      this.#define(text, "package", () => void values.set(last(), read()));
      if (!hasDefault) this.#mandatory.push({ text, values });
    } else {
      if (hasDefault) scanner.bracketed();
      this.#properties.set(text, { kind: "other", type });
      this.#define(text, "package", () => scanner.skipValue());
    }
  }

  #inBrackets<T>(read: () => T): T {
    this.#scanner.expect(openBracket);
    const value = read();
    this.#scanner.expect(closeBracket);
    return value;
  }

  /** Clauses with commas between them, or `true!`, or `false!`; nothing at all is true. */
  #formula(): ClauseRange {
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
  #list(check?: (compared: Operator) => void): AtomRange {
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
    this.#atomVersion.push(compared === operator.any ? 0 : this.#integer("nat"));
    return compared;
  }

  #integer(type: string): number {
    const scanner = this.#scanner;
    scanner.skipBlanks();
    const start = scanner.at;
    const value = scanner.integer();
    const least = type === "posint" ? 1 : type === "nat" ? 0 : Number.MIN_SAFE_INTEGER;
    if (value < least) throw new SyntaxFault(start, `${value} is less than ${least}`);
    return value;
  }

  /** One of the words given. */
  #word<const W extends string>(words: readonly W[]): W {
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

  #refuseRepeatedPackages(universe: Universe): void {
    const { name, version, names } = universe;
    /** The last package of each name so far, and before each package the one of its name before it. */
    const last = new Int32Array(names.size).fill(-1);
    const before = new Int32Array(name.length);
    for (let index = 0; index < name.length; index++) {
      before[index] = last[name[index]!]!;
      last[name[index]!] = index;
    }
    for (const end of last) {
      if (end < 0 || before[end]! < 0) continue;
      const seen = new Map<number, number>();
      for (let index = end; index >= 0; index = before[index]!) {
        const later = seen.get(version[index]!);
        if (later !== undefined) {
          throw new SyntaxFault(
            this.#places[later]!,
            `a second stanza for ${packageText(universe, index)}`,
          );
        }
        seen.set(version[index]!, index);
      }
    }
  }
}

/** Keys of one kind are told apart by their text; there are seldom two. */
function kindOfKey(length: number, first: number): number {
  return Math.min(length, 31) * 128 + (first & 127);
}
