/**
 * Source maps, version 3, of WebAssembly: one generated line whose columns are byte offsets of the
 * module. https://tc39.es/ecma426/
 */

/** A line of a source, both as the source map has them, lines counted from 1. */
export interface SourceLine {
  readonly file: string;
  readonly line: number;
}

/** Which source line each instruction came from. */
export class SourceMap {
  /** Files that anything came from. */
  readonly files: readonly string[];
  /** Offsets, ascending. */
  readonly #offsets: number[] = [];
  /** Null where the compiler says that no source is behind it. */
  readonly #lines: (SourceLine | null)[] = [];

  /** A map that cannot be read is an empty one: an image without source lines still works. */
  constructor(text: string) {
    const map = parse(text);
    this.files = map.sources;
    let offset = 0;
    let source = 0;
    let line = 0;
    for (const segment of map.mappings.split(";", 1)[0]!.split(",")) {
      const fields = decode(segment);
      if (fields.length === 0) continue;
      offset += fields[0]!;
      source += fields[1] ?? 0;
      line += fields[2] ?? 0;
      const file = map.sources[source];
      this.#offsets.push(offset);
      this.#lines.push(fields.length < 4 || file === undefined ? null : { file, line: line + 1 });
    }
  }

  /** The line that the instruction at a byte offset of the module came from; null when none is known. */
  at(offset: number): SourceLine | null {
    let low = 0;
    let high = this.#offsets.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if (this.#offsets[middle]! <= offset) low = middle + 1;
      else high = middle;
    }
    return low === 0 ? null : this.#lines[low - 1]!;
  }

  /** The first known line from `start` on and before `end`, of `file` unless that is null. */
  first(start: number, end: number, file: string | null): SourceLine | null {
    for (let index = 0; index < this.#offsets.length; index++) {
      const offset = this.#offsets[index]!;
      if (offset >= end) return null;
      const line = this.#lines[index] ?? null;
      if (offset >= start && line !== null && (file ?? line.file) === line.file) return line;
    }
    return null;
  }
}

function parse(text: string): { sources: readonly string[]; mappings: string } {
  try {
    const { sources, mappings } = JSON.parse(text) as { sources: string[]; mappings: string };
    if (Array.isArray(sources) && typeof mappings === "string") return { sources, mappings };
  } catch {
    // As if there were none.
  }
  return { sources: [], mappings: "" };
}

const digits = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

/** Base64 VLQ: five bits a digit, the lowest first, the sign in the lowest bit of all. */
function decode(segment: string): number[] {
  const fields: number[] = [];
  let value = 0;
  let shift = 0;
  for (const digit of segment) {
    const bits = digits.indexOf(digit);
    value += (bits & 31) * 2 ** shift;
    shift += 5;
    if (bits < 32) {
      fields.push(value % 2 === 1 ? -(value - 1) / 2 : value / 2);
      value = 0;
      shift = 0;
    }
  }
  return fields;
}
