import { type Operator, operator } from "./document.ts";
import { type Names, nextHash, textOf } from "./names.ts";

/** The text is not as it must be at a byte. Caught by the reader of the document. */
export class SyntaxFault extends Error {
  readonly at: number;

  constructor(at: number, message: string) {
    super(message);
    this.at = at;
  }
}

const tab = 9;
const newline = 10;
const carriageReturn = 13;
const space = 32;
const exclamation = 33;
const quote = 34;
const hash = 35;
const minus = 45;
const zero = 48;
const nine = 57;
const less = 60;
const greater = 62;
const backslash = 92;
export const comma = 44;
export const colon = 58;
export const equals = 61;
export const openBracket = 91;
export const closeBracket = 93;
export const pipe = 124;

/** Bytes of a name: all but blanks, controls and those that have a meaning between names. */
const inName = new Uint8Array(256).fill(1, 33);
for (const byte of [exclamation, comma, less, equals, greater, pipe]) inName[byte] = 0;

/** Bytes of a property's name or a type: `[a-z][a-z0-9-]*`; capitals are left to be unknown. */
const inWord = new Uint8Array(256);
for (const byte of new TextEncoder().encode(
  "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_",
)) {
  inWord[byte] = 1;
}

/**
 * Walks over the bytes of a document, one token at a time. Lines that begin with a blank continue the
 * line before, lines that begin with `#` are comments.
 */
export class Scanner {
  readonly bytes: Uint8Array;
  at = 0;

  constructor(bytes: Uint8Array) {
    this.bytes = bytes;
  }

  atEnd(): boolean {
    return this.at >= this.bytes.length;
  }

  /** The line of a byte, from 1. */
  lineAt(at: number): number {
    let line = 1;
    for (let index = 0; index < at && index < this.bytes.length; index++) {
      if (this.bytes[index] === newline) line += 1;
    }
    return line;
  }

  fault(message: string): SyntaxFault {
    return new SyntaxFault(this.at, message);
  }

  /** At the start of a line: passes over it if it has nothing but blanks. */
  skipBlankLine(): boolean {
    const { bytes } = this;
    let at = this.at;
    while (isBlank(bytes[at])) at += 1;
    if (at < bytes.length && bytes[at] !== newline) return false;
    this.at = at + 1;
    return true;
  }

  /** At the start of a line: passes over it if it is a comment. */
  skipComment(): boolean {
    if (this.bytes[this.at] !== hash) return false;
    this.at = this.#lineEnd(this.at) + 1;
    return true;
  }

  /** Passes over the name of a property at the start of a line, and tells where it ends. */
  key(): number {
    const { bytes } = this;
    const start = this.at;
    let at = start;
    while (inWord[bytes[at]!] === 1) at += 1;
    if (at === start) {
      throw this.fault(
        isBlank(bytes[at]) ? "the line continues no property" : "the line has no property",
      );
    }
    this.at = at;
    return at;
  }

  /** Whether the bytes from `start` to `end` are this text. */
  isAt(text: string, start: number, end: number): boolean {
    if (text.length !== end - start) return false;
    for (let index = 0; index < text.length; index++) {
      if (this.bytes[start + index] !== text.charCodeAt(index)) return false;
    }
    return true;
  }

  /** Passes over blanks, and over the end of a line that the next one continues. */
  skipBlanks(): void {
    const { bytes } = this;
    for (;;) {
      const byte = bytes[this.at];
      if (byte === space) this.at += 1;
      else if (byte === newline) {
        const next = this.#continuation(this.at);
        if (next < 0) return;
        this.at = next;
      } else if (isBlank(byte)) this.at += 1;
      else return;
    }
  }

  atValueEnd(): boolean {
    this.skipBlanks();
    return this.at >= this.bytes.length || this.bytes[this.at] === newline;
  }

  /** Passes over the rest of a value, whatever it is. */
  skipValue(): void {
    const { bytes } = this;
    const { length } = bytes;
    let at = this.at;
    for (;;) {
      at = bytes.indexOf(newline, at);
      if (at < 0) at = length;
      const next = at < length ? this.#continuation(at) : -1;
      if (next < 0) break;
      at = next;
    }
    this.at = at;
  }

  /** Nothing but blanks may be left of the property. */
  endOfProperty(): void {
    if (!this.atValueEnd()) throw this.fault(`unexpected ${this.#shown()}`);
    this.at += 1;
  }

  accept(byte: number): boolean {
    this.skipBlanks();
    if (this.bytes[this.at] !== byte) return false;
    this.at += 1;
    return true;
  }

  expect(byte: number): void {
    if (!this.accept(byte)) {
      throw this.fault(`"${String.fromCharCode(byte)}" expected, not ${this.#shown()}`);
    }
  }

  word(what: string): string {
    this.skipBlanks();
    const start = this.at;
    while (inWord[this.bytes[this.at]!] === 1) this.at += 1;
    if (this.at === start) throw this.fault(`${what} expected, not ${this.#shown()}`);
    return textOf(this.bytes, start, this.at);
  }

  /** A whole number that a double can hold exactly. */
  integer(): number {
    this.skipBlanks();
    const { bytes } = this;
    const start = this.at;
    let at = bytes[start] === minus ? start + 1 : start;
    const digits = at;
    let value = 0;
    while (bytes[at]! >= zero && bytes[at]! <= nine) {
      value = value * 10 + (bytes[at]! - zero);
      at += 1;
    }
    if (at === digits) throw this.fault(`a number expected, not ${this.#shown()}`);
    if (value > Number.MAX_SAFE_INTEGER) throw this.fault("the number is too large");
    this.at = at;
    return digits > start ? -value : value;
  }

  /** The name of a package or of what it provides, as its number. */
  name(names: Names): number {
    this.skipBlanks();
    const { bytes } = this;
    const start = this.at;
    let at = start;
    let found = 0;
    let byte = bytes[at]!;
    while (inName[byte] === 1) {
      found = nextHash(found, byte);
      at += 1;
      byte = bytes[at]!;
    }
    if (at === start) throw this.fault(`a name expected, not ${this.#shown()}`);
    this.at = at;
    return names.intern(start, at, found);
  }

  /** A comparison, or `any` when there is none. */
  operator(): Operator {
    this.skipBlanks();
    const byte = this.bytes[this.at];
    const withEquals = this.bytes[this.at + 1] === equals;
    let found: Operator;
    if (byte === equals) found = operator.equal;
    else if (byte === greater) found = withEquals ? operator.atLeast : operator.more;
    else if (byte === less) found = withEquals ? operator.atMost : operator.less;
    else if (byte === exclamation && withEquals) found = operator.unequal;
    else return operator.any;
    this.at += byte !== equals && withEquals ? 2 : 1;
    return found;
  }

  /** The value of `true!` or `false!`, null when neither is here. */
  truth(): boolean | null {
    this.skipBlanks();
    for (const [text, value] of constants) {
      if (!this.isAt(text, this.at, this.at + text.length)) continue;
      this.at += text.length;
      return value;
    }
    return null;
  }

  /** Passes over `[…]`, in which a string may have brackets. */
  bracketed(): void {
    this.expect(openBracket);
    let quoted = false;
    for (;;) {
      this.skipBlanks();
      const byte = this.bytes[this.at];
      if (byte === undefined || byte === newline) throw this.fault('"]" expected');
      this.at += quoted && byte === backslash ? 2 : 1;
      if (byte === quote) quoted = !quoted;
      else if (!quoted && byte === closeBracket) return;
    }
  }

  /** What stands here, for a message. */
  #shown(): string {
    if (this.at >= this.bytes.length) return "the end of the document";
    if (this.bytes[this.at] === newline) return "the end of the line";
    const end = Math.min(this.#lineEnd(this.at), this.at + 20);
    const text = textOf(this.bytes, this.at, end).split(/\s/)[0] ?? "";
    // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what must not reach a terminal
    return `"${text.replace(/[\x00-\x1f\x7f-\xff]/g, "?")}"`;
  }

  #lineEnd(from: number): number {
    let at = from;
    while (at < this.bytes.length && this.bytes[at] !== newline) at += 1;
    return at;
  }

  /** For the end of a line: where its continuation begins, or -1 when it has none. */
  #continuation(lineEnd: number): number {
    const { bytes } = this;
    let start = lineEnd + 1;
    while (bytes[start] === hash) start = this.#lineEnd(start) + 1;
    if (!isBlank(bytes[start])) return -1;
    let at = start;
    while (isBlank(bytes[at])) at += 1;
    // A line of blanks ends the stanza, as an empty one does.
    return at >= bytes.length || bytes[at] === newline ? -1 : at;
  }
}

const constants = [
  ["true!", true],
  ["false!", false],
] as const;

function isBlank(byte: number | undefined): boolean {
  return byte === space || byte === tab || byte === carriageReturn;
}
