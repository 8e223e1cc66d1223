import type { ExportStatement, ImportStatement, Node } from "assemblyscript";
import type { Place } from "../model/place.ts";
import { failed, ok, type Problem, type Result } from "../model/problem.ts";
import { NodeKind, parseAlone } from "./compiler.ts";
import { placeAt } from "./source-place.ts";

/**
 * Replaces the specifiers of a source's imports and re-exports, and leaves every other character as it is: lines
 * stay, and so do columns up to a specifier. Found by AssemblyScript's own parser, so that comments and
 * strings do not matter. A source that does not parse is UP401, with the parser's own messages.
 *
 * @param file the path in messages
 * @param resolve the new specifier for one as written, null to leave it
 */
export function rewriteImports(
  source: string,
  file: string,
  resolve: (specifier: string, place: Place) => string | null,
): Result<string> {
  let parsed: ReturnType<typeof parseAlone>;
  try {
    parsed = parseAlone(source, file);
  } catch (error) {
    // The parser is recursive, and asserts on some wrong sources.
    return failed({
      code: "UP401",
      message: `${file} cannot be parsed: ${(error as Error).message}`,
      place: { file, line: 1, column: 1 },
    });
  }
  const problems = parsed.diagnostics
    .filter(({ category }) => category === errorCategory)
    .map(
      (diagnostic): Problem => ({
        code: "UP401",
        message: diagnostic.message.replace(/\.$/, ""),
        place: placeAt(source, file, diagnostic.range?.start ?? 0),
      }),
    );
  if (problems.length > 0) return { ok: false, problems: problems.slice(0, 20) };
  let rewritten = "";
  let done = 0;
  for (const statement of parsed.source.statements) {
    const specifier = specifierOf(statement);
    if (specifier === null) continue;
    const { start, end } = specifier.range;
    const replacement = resolve(specifier.value, placeAt(source, file, start));
    if (replacement === null) continue;
    rewritten += source.slice(done, start) + JSON.stringify(replacement);
    done = end;
  }
  return ok(rewritten + source.slice(done));
}

/** `DiagnosticCategory.Error` of the compiler. */
export const errorCategory = 3;

function specifierOf(statement: Node): ImportStatement["path"] | null {
  switch (statement.kind as number) {
    case NodeKind.Import:
      return (statement as ImportStatement).path;
    case NodeKind.Export:
      return (statement as ExportStatement).path;
    default:
      return null;
  }
}
