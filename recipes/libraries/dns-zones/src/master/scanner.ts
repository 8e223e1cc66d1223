/** Words of a zone file (RFC 1035, 5.1), line by line; parentheses join lines, `;` begins a comment. */

/** Kind: end of an entry. */
export const END: i32 = 0;

/** Kind: a word without quotes. */
export const WORD: i32 = 1;

/** Kind: a text in quotes. */
export const QUOTED: i32 = 2;

/** Kind: the file is over. */
export const FILE_END: i32 = 3;

/** Kind: something that cannot be read; `fault` says why. */
export const BROKEN: i32 = 4;

/** Reads the words of one file. Escapes stay in the text: what they mean depends on where they stand. */
export class Scanner {
  /** The word's text, an octet a character; without its quotes. */
  text: string = "";
  /** Where the word begins. */
  line: i32 = 1;
  column: i32 = 1;
  /** Of a broken word: what is wrong. */
  fault: string = "";
  /** Whether blanks come before the first word of the entry, so that it has no owner. */
  indented: bool = false;

  private position: i32 = 0;
  private currentLine: i32 = 1;
  private lineStart: i32 = 0;
  /** Parentheses that are open, and where the last one is. */
  private depth: i32 = 0;
  private openLine: i32 = 0;
  private openColumn: i32 = 0;
  private atEntry: bool = true;

  constructor(
    private readonly at: usize,
    private readonly length: i32,
  ) {}

  /** The next word's kind. */
  next(): i32 {
    if (this.atEntry) {
      this.atEntry = false;
      this.indented = this.isBlank(this.peek());
    }
    while (true) {
      const octet = this.peek();
      this.line = this.currentLine;
      this.column = this.position - this.lineStart + 1;
      if (octet < 0) return this.finish();
      if (octet == LF) {
        this.newLine();
        if (this.depth > 0) continue;
        this.atEntry = true;
        return END;
      }
      if (this.isBlank(octet)) {
        this.position++;
      } else if (octet == SEMICOLON) {
        while (this.peek() >= 0 && this.peek() != LF) this.position++;
      } else if (octet == OPEN) {
        this.depth++;
        this.openLine = this.line;
        this.openColumn = this.column;
        this.position++;
      } else if (octet == CLOSE) {
        this.position++;
        if (this.depth == 0) return this.broken("a parenthesis is closed that was not opened");
        this.depth--;
      } else if (octet == QUOTE) {
        return this.quoted();
      } else {
        return this.word();
      }
    }
  }

  /** Goes to the end of the entry. */
  skip(): void {
    for (let kind = this.next(); kind != END && kind != FILE_END; kind = this.next()) {}
  }

  private word(): i32 {
    const start = this.position;
    while (true) {
      const octet = this.peek();
      if (octet < 0 || octet == LF || this.isBlank(octet) || octet == SEMICOLON) break;
      if (octet == OPEN || octet == CLOSE || octet == QUOTE) break;
      this.position++;
      if (octet == BACKSLASH && this.peek() >= 0 && this.peek() != LF) this.position++;
    }
    this.text = this.slice(start, this.position);
    return WORD;
  }

  private quoted(): i32 {
    const start = ++this.position;
    while (true) {
      const octet = this.peek();
      if (octet < 0 || octet == LF) return this.broken("a quoted text does not end on its line");
      if (octet == QUOTE) break;
      this.position++;
      if (octet == BACKSLASH && this.peek() >= 0 && this.peek() != LF) this.position++;
    }
    this.text = this.slice(start, this.position++);
    return QUOTED;
  }

  private finish(): i32 {
    if (this.depth == 0) return FILE_END;
    this.depth = 0;
    this.line = this.openLine;
    this.column = this.openColumn;
    return this.broken("a parenthesis is never closed");
  }

  private broken(fault: string): i32 {
    this.fault = fault;
    return BROKEN;
  }

  private newLine(): void {
    this.position++;
    this.currentLine++;
    this.lineStart = this.position;
  }

  private peek(): i32 {
    return this.position < this.length ? load<u8>(this.at + this.position) : -1;
  }

  private isBlank(octet: i32): bool {
    return octet == SPACE || octet == TAB || octet == CR;
  }

  private slice(start: i32, end: i32): string {
    // At once: a text made of one character after another would leave as many behind.
    const length = end - start;
    const text = __new((<usize>length) << 1, idof<string>());
    for (let index = 0; index < length; index++) {
      store<u16>(text + (index << 1), load<u8>(this.at + start + index));
    }
    return changetype<string>(text);
  }
}

const TAB: i32 = 0x09;
const LF: i32 = 0x0a;
const CR: i32 = 0x0d;
const SPACE: i32 = 0x20;
const QUOTE: i32 = 0x22;
const OPEN: i32 = 0x28;
const CLOSE: i32 = 0x29;
const SEMICOLON: i32 = 0x3b;
const BACKSLASH: i32 = 0x5c;
