import { failed, ok, type Result } from "../model/problem.ts";

/** The runtime's place in the program's tree. */
export const runtimeFile = "unipkg/runtime.ts";

/** The allocator's variable that says where its heap begins: its root (evaluate.ts clears what is free). */
export const allocatorRoot = "unipkg/allocator/ROOT";

const wasmPage = 65536;

/**
 * AssemblyScript's runtime `minimal` (allocator TLSF, collector TCMS, called between events), with four things more:
 *
 * - The collector's count of bytes that all objects take is the global `__managed`, by which the event loop knows when a
 *   collection is due.
 * - The address where memory ends at last is the global `__memory_limit`: what was said when the image was linked, and less
 *   once the host has refused to give that much.
 * - The allocator doubles memory when it needs more. Where that is too much, it takes as much as there is; and when that does not
 *   do, the program ends with `out of memory` and not with an instruction that cannot be reached.
 * - `__room` says beforehand whether it would come to that: free memory is in pieces, so that no count of bytes does.
 *
 * @param library AssemblyScript's own standard library, path -> text
 * @param maximumPages limit of the linear memory in pages of 64 KiB
 */
export function runtimeFiles(
  library: Readonly<Record<string, string>>,
  maximumPages: number,
): Result<ReadonlyMap<string, string>> {
  const collector = library["rt/tcms"];
  const allocator = library["rt/tlsf"];
  const counter = /^@lazy let total: usize = 0;$/m;
  const growth =
    /\n {2}if \(memory\.grow\(pagesWanted\) < 0\) \{\n {4}if \(memory\.grow\(pagesNeeded\) < 0\) unreachable\(\);\n {2}\}\n {2}let pagesAfter = memory\.size\(\);\n/;
  if (
    collector === undefined ||
    allocator === undefined ||
    !counter.test(collector) ||
    !growth.test(allocator)
  ) {
    return failed({
      code: "UP501",
      message: "this AssemblyScript has another runtime than the one unipkg knows",
      hint: "install unipkg with the exact AssemblyScript that it names",
    });
  }
  const counting = collector
    .replace(counter, "@global @lazy let __managed: usize = 0;")
    .replaceAll(/\btotal\b/g, "__managed");
  // The last page of 4 GiB ends beyond what 32 bits can say.
  const limit = Math.min(maximumPages, wasmPage - 1) * wasmPage;
  const growing = `@global let __memory_limit: usize = ${limit};\n${allocator.replace(growth, growthByHalves)}${room}`;
  return ok(
    new Map([
      [runtimeFile, 'import "./allocator";\nimport "./collector";\n'],
      ["unipkg/allocator.ts", withPaths(growing)],
      ["unipkg/collector.ts", withPaths(counting)],
    ]),
  );
}

const growthByHalves = `
  while (memory.grow(pagesWanted) < 0) {
    if (pagesWanted == pagesNeeded) throw new Error("out of memory");
    pagesWanted = max(pagesNeeded, pagesWanted >> 1);
  }
  let pagesAfter = memory.size();
  if (pagesAfter < pagesBefore << 1) __memory_limit = min(__memory_limit, <usize>pagesAfter << 16);
`;

/** As `allocateBlock` and `growMemory` would find it. */
const room = `
// @ts-ignore: decorator
@global
export function __room(size: usize): bool {
  if (!ROOT) initialize();
  const payload = prepareSize(size + 64);
  if (searchBlock(ROOT, payload)) return true;
  const rounded = payload >= SB_SIZE ? roundSize(payload) : payload;
  return <u64>rounded + (BLOCK_OVERHEAD << 1) + (<u64>memory.size() << 16) <= <u64>__memory_limit;
}
`;

/** Imports of the standard library's own folder, as they are named from elsewhere. */
function withPaths(text: string): string {
  return text
    .replaceAll(/from "\.\/(\w+)"/g, 'from "rt/$1"')
    .replaceAll(/from "\.\.\/util\//g, 'from "util/');
}
