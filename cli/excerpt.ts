import type { Place } from "../model/place.ts";

/**
 * The source line of a place with carets under the word that begins there:
 *
 *        |
 *     12 |     "tcpipp": "^1.0.0"
 *        |     ^^^^^^^^
 *
 * Nothing when the text has no such line.
 */
export function excerpt(
  text: string,
  place: Place,
  gutter: (text: string) => string,
  mark: (text: string) => string,
): string[] {
  const line = text.split(/\r?\n/)[place.line - 1];
  if (line === undefined || place.column > line.length + 1) return [];
  const number = String(place.line);
  const margin = " ".repeat(number.length);
  const before = line.slice(0, place.column - 1);
  // Tabs stay tabs, so that the carets stand under their word at any tab width.
  const indent = before.replace(/[^\t]/g, " ");
  const word = /^("(?:[^"\\]|\\.)*"|[\w$]+|.?)/.exec(line.slice(place.column - 1))?.[0] ?? "";
  return [
    ` ${margin} ${gutter("|")}`,
    ` ${gutter(number)} ${gutter("|")} ${line}`,
    ` ${margin} ${gutter("|")} ${indent}${mark("^".repeat(Math.max(1, word.length)))}`,
  ];
}
