import { type Node, type ParseError, parseTree, printParseErrorCode } from "jsonc-parser";
import type { Place } from "../model/place.ts";
import type { Problem, ProblemCode } from "../model/problem.ts";
import { nearest } from "../solver/suggest.ts";

/** A value of a JSON text with the keys that lead to it: `unipkg`, `provides`, `tcp`. */
export interface JsonValue {
  readonly path: readonly string[];
  readonly node: Node;
}

/** What the problems of a text are called. */
export interface JsonCodes {
  /** It is not JSON. */
  readonly syntax: ProblemCode;
  /** A value is wrong or missing. */
  readonly value: ProblemCode;
}

const manifestCodes: JsonCodes = { syntax: "UP101", value: "UP102" };

/**
 * Reads a JSON text value by value and notes a problem, with its place, for everything that is not as it
 * should be, so that all mistakes of a file are told at once. Never throws, whatever the text.
 */
export class JsonReader {
  /** In the order found. */
  readonly problems: Problem[] = [];
  readonly #file: string;
  readonly #codes: JsonCodes;
  readonly #lineStarts: number[] = [0];

  /** @param file what the text is called in messages */
  constructor(text: string, file: string, codes: JsonCodes = manifestCodes) {
    this.#file = file;
    this.#codes = codes;
    for (let at = text.indexOf("\n"); at !== -1; at = text.indexOf("\n", at + 1)) {
      this.#lineStarts.push(at + 1);
    }
  }

  /** The whole text as an object; null (with a problem noted) when it is not JSON, or another value. */
  root(text: string): JsonValue | null {
    if (nesting(text) > deepest) {
      this.#noteSyntax("lists and objects are nested too deep", 0);
      return null;
    }
    // A byte order mark is no JSON (RFC 8259, 8.1), but Windows editors write it and npm takes it.
    const errors: ParseError[] = [];
    const tree = parseTree(text.replace(/^\uFEFF/, " "), errors, { disallowComments: true });
    for (const { error, offset } of errors.slice(0, 5)) {
      this.#noteSyntax(describe(printParseErrorCode(error)), offset);
    }
    if (errors.length > 0) return null;
    if (tree?.type !== "object") {
      this.#noteSyntax("it must hold an object, { … }", tree?.offset ?? 0);
      return null;
    }
    return { path: [], node: tree };
  }

  /** All problems in the order of the text. */
  problemsByPlace(): readonly Problem[] {
    const spot = ({ place }: Problem) => (place?.line ?? 0) * 100_000 + (place?.column ?? 0);
    return [...this.problems].sort((a, b) => spot(a) - spot(b));
  }

  /** Notes a wrong or missing value; `message` without the key, which is put in front. */
  fault(value: JsonValue, message: string, hint?: string): void {
    const key = value.path.length === 0 ? this.#file : `\`${value.path.join(".")}\``;
    this.problems.push({
      code: this.#codes.value,
      message: `${key} ${message}`,
      place: this.place(value),
      ...(hint === undefined ? {} : { hint }),
    });
  }

  /** Where a value begins. */
  place({ node }: JsonValue): Place {
    return this.#placeAt(node.offset);
  }

  /** Entries of an object in its own order; none, and a fault, when it is no object or has a key twice. */
  entries(value: JsonValue): readonly (readonly [string, JsonValue])[] {
    if (value.node.type !== "object") {
      this.fault(value, "must be an object, { … }");
      return [];
    }
    const seen = new Set<string>();
    const entries: [string, JsonValue][] = [];
    for (const { children } of value.node.children ?? []) {
      const [key, node] = children ?? [];
      if (key === undefined || node === undefined) continue;
      const name = String(key.value);
      const entry = { path: [...value.path, name], node };
      if (seen.has(name)) this.fault({ ...entry, node: key }, "is there twice");
      else entries.push([name, entry]);
      seen.add(name);
    }
    return entries;
  }

  /** Entries of an object by key, with a fault for every key that is not known. */
  fields(value: JsonValue, known: readonly string[]): ReadonlyMap<string, JsonValue> {
    const fields = new Map(this.entries(value));
    for (const [name, field] of fields) {
      if (known.includes(name)) continue;
      const [near] = nearest(name, known);
      const key = field.node.parent?.children?.[0] ?? field.node;
      this.fault(
        { ...field, node: key },
        "is not a key that unipkg knows here",
        near === undefined ? `known keys: ${known.join(", ")}` : `did you mean \`${near}\`?`,
      );
    }
    return fields;
  }

  /** A field that must be there, or a fault of the object that owns it. */
  required(
    fields: ReadonlyMap<string, JsonValue>,
    owner: JsonValue,
    key: string,
  ): JsonValue | undefined {
    const value = fields.get(key);
    if (value === undefined) this.fault(owner, `needs the key \`${key}\``);
    return value;
  }

  text(value: JsonValue): string | null {
    if (value.node.type === "string") return value.node.value as string;
    this.fault(value, "must be a text");
    return null;
  }

  bool(value: JsonValue): boolean {
    if (value.node.type === "boolean") return value.node.value as boolean;
    this.fault(value, "must be true or false");
    return false;
  }

  /** The items of a list. */
  items(value: JsonValue): readonly JsonValue[] {
    if (value.node.type === "array") {
      return (value.node.children ?? []).map((node, index) => ({
        path: [...value.path, String(index)],
        node,
      }));
    }
    this.fault(value, "must be a list, [ … ]");
    return [];
  }

  #noteSyntax(message: string, offset: number): void {
    this.problems.push({
      code: this.#codes.syntax,
      message: `${this.#file} is not valid JSON: ${message}`,
      place: this.#placeAt(offset),
    });
  }

  #placeAt(offset: number): Place {
    let line = 0;
    for (let most = this.#lineStarts.length; most - line > 1; ) {
      const middle = (line + most) >> 1;
      if (this.#lineStarts[middle]! <= offset) line = middle;
      else most = middle;
    }
    return { file: this.#file, line: line + 1, column: offset - this.#lineStarts[line]! + 1 };
  }
}

/** No manifest needs more; the parser is recursive, and a hostile one must not exhaust the stack. */
const deepest = 64;

function nesting(text: string): number {
  let depth = 0;
  let most = 0;
  for (const [token] of text.matchAll(/"(?:[^"\\\n]|\\.)*"|[[\]{}]/g)) {
    if (token === "{" || token === "[") most = Math.max(most, ++depth);
    else if (token === "}" || token === "]") depth--;
  }
  return most;
}

/** `CommaExpected` -> `comma expected`. */
function describe(code: string): string {
  return code.replaceAll(/[A-Z]/g, (letter) => ` ${letter.toLowerCase()}`).trim();
}

/** A word that is known and near to the value, as a hint. */
export function suggestion(value: JsonValue, known: readonly string[]): string | undefined {
  const [near] = nearest(String(value.node.value), known);
  return near === undefined ? undefined : `did you mean \`${near}\`?`;
}

/** A record with its keys sorted by UTF-16 code units. */
export function sorted<T>(entries: readonly (readonly [string, T])[]): Readonly<Record<string, T>> {
  return Object.fromEntries([...entries].sort(([a], [b]) => (a < b ? -1 : 1)));
}
