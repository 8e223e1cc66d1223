import { BROKEN, END, FILE_END, QUOTED, Scanner } from "./scanner";

/** A word of an entry and its place. */
export class Word {
  constructor(
    readonly text: string,
    readonly quoted: bool,
    readonly line: i32,
    readonly column: i32,
  ) {}
}

/** The words of one entry, to be taken one after another. */
export class Entry {
  readonly words: Word[] = [];
  indented: bool = false;
  /** What is wrong, when the scanner could not read it; empty when it could. */
  fault: string = "";
  /** Where the entry, or its fault, is. */
  line: i32 = 0;
  column: i32 = 0;
  private index: i32 = 0;

  /** The next entry that has words; null at the end of the file. */
  static read(scanner: Scanner): Entry | null {
    while (true) {
      const entry = new Entry();
      let kind = scanner.next();
      entry.indented = scanner.indented;
      entry.line = scanner.line;
      entry.column = scanner.column;
      while (kind != END && kind != FILE_END) {
        if (kind == BROKEN) {
          entry.fault = scanner.fault;
          entry.line = scanner.line;
          entry.column = scanner.column;
          scanner.skip();
          return entry;
        }
        entry.words.push(new Word(scanner.text, kind == QUOTED, scanner.line, scanner.column));
        kind = scanner.next();
      }
      if (entry.words.length > 0) return entry;
      if (kind == FILE_END) return null;
    }
  }

  /** The next word, not taken; null when there is none. */
  peek(): Word | null {
    return this.index < this.words.length ? this.words[this.index] : null;
  }

  /** Takes the next word; null when there is none. */
  take(): Word | null {
    return this.index < this.words.length ? this.words[this.index++] : null;
  }

  /** The word that was taken last. */
  get last(): Word {
    return this.words[max(this.index - 1, 0)];
  }

  /** Words that are not taken. */
  get left(): i32 {
    return this.words.length - this.index;
  }
}
