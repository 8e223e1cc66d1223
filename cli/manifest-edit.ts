import { findNodeAtLocation, type Node, parseTree } from "jsonc-parser";

/**
 * Changes to a manifest's text that leave every other byte as it is. A new entry is written as its
 * neighbours are: their indentation, line ends, spaces and order.
 */

/** Sets the entry at `path`, making the objects on the way; an entry that exists gets the new value only. */
export function withEntry(text: string, path: readonly string[], value: string): string {
  const root = treeOf(text);
  if (root === undefined) throw new Error("edits are made to valid manifests only");
  let object = root;
  for (const [depth, name] of path.entries()) {
    const next = property(object, name)?.children?.[1];
    const last = depth === path.length - 1;
    if (next === undefined) {
      // Made one object at a time, so that each is laid out as its surroundings are.
      const made = insert(text, object, name, last ? JSON.stringify(value) : "{}");
      return last ? made : withEntry(made, path, value);
    }
    if (last) return replace(text, next.offset, next.length, JSON.stringify(value));
    object = next;
  }
  return text;
}

/** Removes the entry at `path`; nothing changes when there is none. */
export function withoutEntry(text: string, path: readonly string[]): string {
  let object = treeOf(text);
  for (const name of path.slice(0, -1)) {
    object = object === undefined ? undefined : property(object, name)?.children?.[1];
  }
  const entries = object?.children ?? [];
  const index = entries.findIndex((entry) => nameOf(entry) === path.at(-1));
  const entry = entries[index];
  if (object === undefined || entry === undefined) return text;
  const before = entries[index - 1];
  const after = entries[index + 1];
  if (before !== undefined) return replace(text, end(before), end(entry) - end(before), "");
  if (after !== undefined) return replace(text, entry.offset, after.offset - entry.offset, "");
  return replace(text, object.offset, object.length, "{}");
}

/** Where the entry at `path` begins, its name included, lines and columns from 1; null when there is none. */
export function entryPosition(
  text: string,
  path: readonly string[],
): { readonly line: number; readonly column: number } | null {
  const root = treeOf(text);
  const entry = root && findNodeAtLocation(root, [...path])?.parent;
  if (entry === undefined) return null;
  const before = text.slice(0, entry.offset).split("\n");
  return { line: before.length, column: before.at(-1)!.length + 1 };
}

/** Paths of all entries that require the slot: plainly, optionally, on some targets. */
export function requirementPaths(text: string, slot: string): readonly (readonly string[])[] {
  const root = treeOf(text);
  const block = root && findNodeAtLocation(root, ["unipkg"]);
  if (block === undefined) return [];
  const targets = (findNodeAtLocation(block, ["when"])?.children ?? []).map(nameOf);
  const owners = [[], ...targets.map((target) => ["when", target])];
  return owners
    .flatMap((owner) => ["requires", "optional"].map((list) => [...owner, list, slot]))
    .filter((path) => findNodeAtLocation(block, path) !== undefined)
    .map((path) => ["unipkg", ...path]);
}

/** Path of the range of the requirement at `path`, which is a range itself or an object with one. */
export function rangePath(text: string, path: readonly string[]): readonly string[] {
  const root = treeOf(text);
  const value = root && findNodeAtLocation(root, [...path]);
  return value?.type === "object" ? [...path, "range"] : path;
}

/** A byte order mark is no JSON, but Windows editors write it. */
function treeOf(text: string): Node | undefined {
  return parseTree(text.replace(/^\uFEFF/, " "));
}

function insert(text: string, object: Node, name: string, value: string): string {
  const entries = object.children ?? [];
  const first = entries[0];
  if (first === undefined) {
    const entry = `${JSON.stringify(name)}: ${value}`;
    const newline = newlineOf(text);
    if (newline === null) return replace(text, object.offset, object.length, `{ ${entry} }`);
    const indent = indentAt(text, object.offset);
    const body = `{${newline}${indent}${unitOf(text)}${entry}${newline}${indent}}`;
    return replace(text, object.offset, object.length, body);
  }
  const [key, content] = first.children!;
  const entry = `${JSON.stringify(name)}${text.slice(end(key!), content!.offset)}${value}`;
  const second = entries[1];
  const separator =
    second === undefined
      ? `,${text.slice(object.offset + 1, first.offset)}`
      : text.slice(end(first), second.offset);
  const names = entries.map(nameOf);
  const isSorted = names.every((known, index) => index === 0 || names[index - 1]! < known);
  const follower = isSorted ? entries.find((known) => nameOf(known) > name) : undefined;
  return follower === undefined
    ? replace(text, end(entries.at(-1)!), 0, `${separator}${entry}`)
    : replace(text, follower.offset, 0, `${entry}${separator}`);
}

function property(object: Node, name: string): Node | undefined {
  return object.children?.find((entry) => nameOf(entry) === name);
}

function nameOf(entry: Node): string {
  return String(entry.children?.[0]?.value);
}

function end(node: Node): number {
  return node.offset + node.length;
}

function replace(text: string, offset: number, length: number, by: string): string {
  return text.slice(0, offset) + by + text.slice(offset + length);
}

/** The file's line end; null when it is one line. */
function newlineOf(text: string): string | null {
  return /\r?\n(?=[^\r\n])/.exec(text)?.[0] ?? null;
}

/** One step of indentation, as the file's first indented line shows it. */
function unitOf(text: string): string {
  return /\n([ \t]+)\S/.exec(text)?.[1] ?? "  ";
}

/** White space in front of the line that holds `offset`. */
function indentAt(text: string, offset: number): string {
  const line = text.lastIndexOf("\n", offset) + 1;
  return /^[ \t]*/.exec(text.slice(line, offset))?.[0] ?? "";
}
