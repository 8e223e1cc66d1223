import {
  type AtomRange,
  type ClauseRange,
  type CudfDocument,
  keep,
  operator,
  type Property,
  type Universe,
} from "./document.ts";
import { Names } from "./names.ts";
import { Packages } from "./packages.ts";
import { colon, comma, equals, Scanner, SyntaxFault } from "./scanner.ts";
import { Stanzas } from "./stanzas.ts";
import { Values } from "./values.ts";

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
  readonly #stanzas: Stanzas;
  readonly #values: Values;
  readonly #packages = new Packages();
  readonly #properties = new Map<string, Property>();
  /** Wanted properties that every package must have. */
  readonly #mandatory: { readonly text: string; readonly values: ReadonlyMap<number, unknown> }[] =
    [];
  #install: AtomRange = { start: 0, end: 0 };
  #remove: AtomRange = { start: 0, end: 0 };
  #upgrade: AtomRange = { start: 0, end: 0 };

  constructor(scanner: Scanner, wanted: ReadonlySet<string>) {
    this.#scanner = scanner;
    this.#wanted = wanted;
    this.#names = new Names(scanner.bytes);
    this.#stanzas = new Stanzas(scanner);
    this.#values = new Values(scanner, this.#names);
    this.#definePreamble();
    this.#definePackage();
    this.#defineRequest();
  }

  read(): CudfDocument {
    this.#stanzas.read((kind) => {
      if (kind === "package") this.#endPackage();
    });
    const universe: Universe = {
      ...this.#packages,
      ...this.#values.constraints(),
      names: this.#names,
      properties: this.#properties,
    };
    this.#packages.refuseRepeated(universe);
    const request = this.#stanzas.requestSeen
      ? { install: this.#install, remove: this.#remove, upgrade: this.#upgrade }
      : null;
    return { universe, request };
  }

  #definePreamble(): void {
    const rest = () => this.#scanner.skipValue();
    this.#stanzas.define("preamble", "preamble", rest);
    this.#stanzas.define("property", "preamble", () => this.#readDeclarations());
    for (const checksum of ["univ-checksum", "status-checksum", "req-checksum"]) {
      this.#stanzas.define(checksum, "preamble", rest);
    }
  }

  #definePackage(): void {
    const packages = this.#packages;
    const values = this.#values;
    const define = (text: string, read: () => void) => this.#stanzas.define(text, "package", read);
    define("package", () => packages.begin(this.#scanner.name(this.#names), this.#stanzas.at));
    define("version", () => {
      packages.version[packages.last] = values.integer("posint");
    });
    define("depends", () => {
      const { start, end } = values.formula();
      packages.dependsStart[packages.last] = start;
      packages.dependsEnd[packages.last] = end;
    });
    define("conflicts", () => {
      const { start, end } = values.list();
      packages.conflictsStart[packages.last] = start;
      packages.conflictsEnd[packages.last] = end;
    });
    define("provides", () => {
      const { start, end } = values.list((compared) => {
        if (compared > operator.equal) {
          throw this.#scanner.fault('only "=" can stand in "provides"');
        }
      });
      packages.providesStart[packages.last] = start;
      packages.providesEnd[packages.last] = end;
    });
    define("installed", () => {
      packages.installed[packages.last] = values.oneOf(["true", "false"]) === "true";
    });
    // What mccs and libcudf write into solutions.
    define("was-installed", () => void values.oneOf(["true", "false"]));
    define("keep", () => {
      const words = Object.keys(keep) as (keyof typeof keep)[];
      packages.keep[packages.last] = keep[values.oneOf(words)];
    });
  }

  #endPackage(): void {
    const { last, version } = this.#packages;
    const at = this.#stanzas.at;
    if (version[last] === 0) throw new SyntaxFault(at, "the package has no version");
    for (const { text, values } of this.#mandatory) {
      if (!values.has(last)) throw new SyntaxFault(at, `the package has no "${text}"`);
    }
  }

  #defineRequest(): void {
    const define = (text: string, read: () => void) => this.#stanzas.define(text, "request", read);
    define("request", () => this.#scanner.skipValue());
    define("install", () => {
      this.#install = this.#values.list();
    });
    define("remove", () => {
      this.#remove = this.#values.list();
    });
    define("upgrade", () => {
      this.#upgrade = this.#values.list();
    });
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
    const packages = this.#packages;
    if (!this.#wanted.has(text)) {
      if (hasDefault) scanner.bracketed();
      this.#stanzas.define(text, "package", () => scanner.skipValue());
    } else if (numberTypes.has(type)) {
      const values = new Map<number, number>();
      const read = () => this.#values.integer(type);
      const fallback = hasDefault ? this.#values.inBrackets(read) : 0;
      this.#properties.set(text, { kind: "number", values, fallback });
      this.#stanzas.define(text, "package", () => void values.set(packages.last, read()));
      if (!hasDefault) this.#mandatory.push({ text, values });
    } else if (formulaTypes.has(type)) {
      const values = new Map<number, ClauseRange>();
      const read = () => this.#values.formula();
      const fallback = hasDefault ? this.#values.inBrackets(read) : { start: 0, end: 0 };
      this.#properties.set(text, { kind: "formula", values, fallback });
      this.#stanzas.define(text, "package", () => void values.set(packages.last, read()));
      if (!hasDefault) this.#mandatory.push({ text, values });
    } else {
      if (hasDefault) scanner.bracketed();
      this.#properties.set(text, { kind: "other", type });
      this.#stanzas.define(text, "package", () => scanner.skipValue());
    }
  }
}
