import { failed, ok, type Problem, type Result } from "../model/problem.ts";

/** The runtime's place in the program's tree. */
export const runtimeFile = "unipkg/runtime.ts";

/**
 * AssemblyScript's runtime `minimal` (allocator TLSF, collector TCMS, called between events), with two things
 * more. The collector's count of bytes that all objects take is the global `__managed`, by which the event loop knows
 * when a collection is due. And memory that it gives is zero: asc counts every runtime that is not its own as
 * `incremental`, for which the standard library leaves that to the collector.
 *
 * @param library AssemblyScript's own standard library, path -> text
 */
export function runtimeFiles(
  library: Readonly<Record<string, string>>,
): Result<ReadonlyMap<string, string>> {
  let collector = library["rt/tcms"] ?? "";
  for (const [known, ours] of changes) {
    const found = [...collector.matchAll(new RegExp(known, "g"))].length;
    if (found !== 1) return failed(unknownCollector);
    collector = collector.replace(known, ours);
  }
  const counting = collector
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

/** Each text is in the collector once. */
const changes: readonly (readonly [RegExp, string])[] = [
  [/@lazy let total: usize = 0;/, "@global @lazy let __managed: usize = 0;"],
  // The ends of __new and __renew.
  [
    /(\n {2}total \+= obj\.size;\n) {2}return changetype<usize>\(obj\) \+ TOTAL_OVERHEAD;/,
    "$1  memory.fill(changetype<usize>(obj) + TOTAL_OVERHEAD, 0, size);\n  return changetype<usize>(obj) + TOTAL_OVERHEAD;",
  ],
  [/ {2}total -= oldObj\.size;/, "  let oldSize: usize = oldObj.rtSize;\n  total -= oldObj.size;"],
  [
    /(\n {2}total \+= newObj\.size;\n)/,
    "$1  if (size > oldSize) memory.fill(newPtr + oldSize, 0, size - oldSize);\n",
  ],
];

const unknownCollector: Problem = {
  code: "UP501",
  message: "this AssemblyScript has another collector than the one unipkg knows",
  hint: "install unipkg with the exact AssemblyScript that it names",
};
