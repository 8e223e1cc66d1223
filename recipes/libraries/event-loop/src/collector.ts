/**
 * Collects garbage if enough was made since the last time. Called with an empty stack only: the runtime
 * (AssemblyScript's `minimal`) sees references in objects and globals, not in local variables.
 *
 * The linker's runtime tells how many bytes the objects take (`__managed`, see linker/runtime.ts). They may double,
 * and grow by 1 MiB at least, so that the work of a collection is shared by as much allocation; but by no more than half of what
 * is left of the program's memory. Without it the rounds are counted.
 */
export function collectIfDue(): void {
  if (isDefined(__managed)) {
    // @ts-expect-error: the linker's runtime has them
    if (__managed < limit && end == __memory_limit) return;
    __collect();
    // @ts-expect-error: the linker's runtime has it
    end = __memory_limit;
    // @ts-expect-error: the linker's runtime has it
    const used: usize = __managed;
    const heap = end - __heap_base;
    const left = heap > used ? heap - used : 0;
    limit = used + min<usize>(max<usize>(used, SLACK), left / 2);
  } else {
    if (++rounds < ROUNDS && memory.size() == pages) return;
    __collect();
    rounds = 0;
    pages = memory.size();
  }
}

const SLACK: usize = 1 << 20;
const ROUNDS: i32 = 64;

let limit: usize = 0;
/** Where memory ends, as it was known at the last collection. */
let end: usize = 0;
let rounds: i32 = 0;
let pages: i32 = 0;
