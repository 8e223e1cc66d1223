import type { Place } from "../model/place.ts";

/** The place of an offset in a source text. */
export function placeAt(text: string, file: string, offset: number): Place {
  const before = text.slice(0, offset);
  const lineStart = before.lastIndexOf("\n") + 1;
  let line = 1;
  for (let at = before.indexOf("\n"); at !== -1; at = before.indexOf("\n", at + 1)) line++;
  return { file, line, column: offset - lineStart + 1 };
}
