import { textOf } from "./names.ts";
import { colon, type Scanner, SyntaxFault } from "./scanner.ts";

export type StanzaKind = "preamble" | "package" | "request";

/** A property that a stanza may have, and how its value is read. */
interface Key {
  readonly text: string;
  readonly stanza: StanzaKind;
  /** The last stanza that had it: a second time is a mistake. */
  seen: number;
  read(): void;
}

/**
 * The stanzas of a document, one after the other: which there may be, which properties each may have, and that it has
 * none twice. What a property means is for whoever defines it.
 */
export class Stanzas {
  readonly #scanner: Scanner;
  /** By `kindOfKey`. */
  readonly #keys: Key[][] = [];
  /** Number of the stanza; properties of one stanza are distinct. */
  #number = 0;
  #kind: StanzaKind | null = null;
  #preambleSeen = false;
  #requestSeen = false;
  /** Where the stanza begins. */
  at = 0;

  constructor(scanner: Scanner) {
    this.#scanner = scanner;
  }

  get requestSeen(): boolean {
    return this.#requestSeen;
  }

  /** A property of a kind of stanzas; `read` reads its value. The first one of a stanza has the stanza's name. */
  define(text: string, stanza: StanzaKind, read: () => void): void {
    const kind = kindOfKey(text.length, text.charCodeAt(0));
    this.#keys[kind] ??= [];
    const same = this.#keys[kind];
    if (same.some((key) => key.text === text)) {
      throw this.#scanner.fault(`the property "${text}" is declared already`);
    }
    same.push({ text, stanza, seen: 0, read });
  }

  /** Reads them all. `ended` is called at the end of each. */
  read(ended: (kind: StanzaKind) => void): void {
    const scanner = this.#scanner;
    const end = () => {
      if (this.#kind !== null) ended(this.#kind);
      this.#kind = null;
    };
    while (!scanner.atEnd()) {
      if (scanner.skipBlankLine()) end();
      else if (!scanner.skipComment()) this.#readProperty();
    }
    end();
  }

  #readProperty(): void {
    const scanner = this.#scanner;
    const start = scanner.at;
    const end = scanner.key();
    const key = this.#keyAt(start, end);
    if (key === undefined) {
      throw new SyntaxFault(start, `unknown property "${textOf(scanner.bytes, start, end)}"`);
    }
    if (this.#kind === null) this.#begin(key, start);
    else if (key.stanza !== this.#kind || key.text === this.#kind) {
      const separate = key.text === key.stanza ? ": an empty line must come before a stanza" : "";
      throw new SyntaxFault(
        start,
        key.seen === this.#number
          ? `a second "${key.text}" in one stanza${separate}`
          : `"${key.text}" in a ${this.#kind} stanza${separate}`,
      );
    }
    if (key.seen === this.#number) {
      throw new SyntaxFault(start, `a second "${key.text}" in one stanza`);
    }
    key.seen = this.#number;
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

  #begin(key: Key, start: number): void {
    if (key.text !== key.stanza) {
      throw new SyntaxFault(
        start,
        `a stanza begins with "preamble", "package" or "request", not with "${key.text}"`,
      );
    }
    this.#kind = key.stanza;
    this.#number += 1;
    this.at = start;
    if (key.stanza === "preamble") {
      if (this.#preambleSeen || this.#number > 1) {
        throw new SyntaxFault(start, "the preamble must be the first stanza");
      }
      this.#preambleSeen = true;
    } else if (key.stanza === "request") {
      if (this.#requestSeen) throw new SyntaxFault(start, "a second request");
      this.#requestSeen = true;
    }
  }
}

/** Keys of one kind are told apart by their text; there are seldom two. */
function kindOfKey(length: number, first: number): number {
  return Math.min(length, 31) * 128 + (first & 127);
}
