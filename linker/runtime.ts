import { failed, ok, type Result } from "../model/problem.ts";

/** The runtime's place in the program's tree. */
export const runtimeFile = "unipkg/runtime.ts";

/**
 * AssemblyScript's runtime `minimal` (allocator TLSF, collector TCMS, called between events), with one thing
 * more: the collector's count of bytes that all objects take is the global `__managed`, by which the event loop knows
 * when a collection is due.
 *
 * @param library AssemblyScript's own standard library, path -> text
 */
export function runtimeFiles(
  library: Readonly<Record<string, string>>,
): Result<ReadonlyMap<string, string>> {
  const collector = library["rt/tcms"];
  const counter = /^@lazy let total: usize = 0;$/m;
  if (collector === undefined || !counter.test(collector)) {
    return failed({
      code: "UP501",
      message: "this AssemblyScript has another collector than the one unipkg knows",
      hint: "install unipkg with the exact AssemblyScript that it names",
    });
  }
  const counting = collector
    .replace(counter, "@global @lazy let __managed: usize = 0;")
    .replaceAll(/\btotal\b/g, "__managed")
    .replaceAll(/from "\.\/(\w+)"/g, 'from "rt/$1"')
    .replaceAll(/from "\.\.\/util\//g, 'from "util/');
  return ok(
    new Map([
      [runtimeFile, 'import "rt/tlsf";\nimport "./collector";\n'],
      ["unipkg/collector.ts", counting],
    ]),
  );
}
