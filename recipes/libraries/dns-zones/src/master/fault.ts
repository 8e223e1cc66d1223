/**
 * What is wrong with zone files, for `abort` to tell at build time (docs/package.md, Build time). All that is wrong is
 * told at once, up to a limit.
 */
export class Faults {
  private count: i32 = 0;
  private file: string = "";
  private line: i32 = 0;
  private column: i32 = 0;
  private text: string = "";

  /** @param hint what to do about it; empty for none */
  add(file: string, line: i32, column: i32, message: string, hint: string): void {
    this.count++;
    if (this.count > LIMIT) return;
    if (this.count == 1) {
      this.file = file;
      this.line = line;
      this.column = column;
      this.text = message;
    } else {
      this.text += `\nalso ${file}:${line}:${column}: ${message}`;
    }
    if (hint.length > 0) this.text += `\nhint: ${hint}`;
  }

  get isEmpty(): bool {
    return this.count == 0;
  }

  /** Ends the build when anything is wrong. */
  tell(): void {
    if (this.count > 0) abort(this.text, this.file, this.line, this.column);
  }
}

const LIMIT: i32 = 20;
