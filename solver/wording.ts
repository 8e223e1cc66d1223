import type { Effect } from "../model/effect.ts";

/** `a`, `a and b`, `a, b and c`; of more than `most`, the first ones and how many others. */
export function list(words: readonly string[], join = "and", most = 6): string {
  if (words.length <= 1) return words[0] ?? "nothing";
  if (words.length > most) {
    return `${words.slice(0, most - 1).join(", ")} ${join} ${words.length - most + 1} others`;
  }
  return `${words.slice(0, -1).join(", ")} ${join} ${words.at(-1)}`;
}

/** Versions as a person would list them, the newest first: `1.2.0, 1.1.0 and 1.0.0`. */
export function versions(all: readonly string[]): string {
  return list(all, "and", 4);
}

/** A package with the range that somebody wants; the range alone says nothing when it is `*`. */
export function ranged(name: string, range: string): string {
  return range === "*" || range === "" ? name : `${name} ${range}`;
}

/** What modules with the effect do, one and several: `calls`, `call`, and "the host module `socket`". */
export function effectVerb(
  effect: Effect,
): readonly [verb: readonly [string, string], what: string] {
  switch (effect) {
    case "float":
      return [["computes", "compute"], "with floating point"];
    case "unsafe-memory":
      return [["reads or writes", "read or write"], "memory by address"];
    default:
      return [["calls", "call"], `the host module \`${effect.slice("host:".length)}\``];
  }
}
