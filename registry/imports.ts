import { Parser } from "assemblyscript";
import type { Place } from "../model/place.ts";
import { failed, ok, type Problem, type Result } from "../model/problem.ts";

/**
 * Replaces the specifiers of imports and re-exports. AssemblyScript resolves a bare name such as `"tcp"` to
 * the same file for every importer; slots are bound for each consumer, so the specifiers are replaced by
 * relative paths before the compiler sees them. Lines stay as they are, and columns up to the specifier.
 *
 * @param file path of the source inside its package, for places
 * @param resolve gives the new specifier; null leaves the old one
 * @returns the new source; UP401 with its places when the source does not parse
 */
export function rewriteImports(
  source: string,
  file: string,
  resolve: (specifier: string, place: Place) => string | null,
): Result<string> {
  const parser = new Parser();
  parser.parseFile(source, file, false);
  if (parser.diagnostics.length > 0) {
    return failed(
      ...parser.diagnostics.map(
        (diagnostic): Problem => ({
          code: "UP401",
          message: diagnostic.message,
          ...(diagnostic.range === null
            ? {}
            : { place: placeAt(source, file, diagnostic.range.start) }),
        }),
      ),
    );
  }
  let result = "";
  let copied = 0;
  for (const statement of parser.sources[0]?.statements ?? []) {
    if (!("path" in statement)) continue;
    const path = statement.path as { value: string; range: { start: number; end: number } } | null;
    if (path === null) continue;
    const specifier = resolve(path.value, placeAt(source, file, path.range.start));
    if (specifier === null) continue;
    result += source.slice(copied, path.range.start) + JSON.stringify(specifier);
    copied = path.range.end;
  }
  return ok(result + source.slice(copied));
}

/** The place of an offset in a source text. */
export function placeAt(source: string, file: string, offset: number): Place {
  const lines = source.slice(0, offset).split("\n");
  return { file, line: lines.length, column: (lines.at(-1)?.length ?? 0) + 1 };
}
