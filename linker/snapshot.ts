/**
 * What is kept of a program's memory between build and start: the parts that are not zero.
 *
 * The collector has run by then, but what was free once still holds what it was used for. Free blocks are made zero
 * first, all but what the allocator itself keeps in them, so that they take no room in the image.
 */

/** A piece of memory and its place. */
export interface Segment {
  readonly offset: number;
  readonly bytes: Uint8Array;
}

/** A new segment costs about as much as this many zeros. */
const shortestGap = 16;

/** The parts of `memory` from `start` on that are not zero; short runs of zeros are kept within. */
export function segmentsOf(memory: Uint8Array, start: number): Segment[] {
  const segments: Segment[] = [];
  const words = new Uint32Array(memory.buffer, memory.byteOffset, memory.length >> 2);
  let from = -1;
  let end = -1;
  for (let word = start >> 2; word < words.length; word++) {
    if (words[word] === 0) continue;
    const at = word * 4;
    if (from >= 0 && at - end > shortestGap) {
      segments.push({ offset: from, bytes: memory.slice(from, end) });
      from = -1;
    }
    if (from < 0) from = at;
    end = at + 4;
  }
  if (from >= 0) segments.push({ offset: from, bytes: memory.slice(from, end) });
  return segments;
}

/*
 * The layout of AssemblyScript's allocator (std/assembly/rt/tlsf.ts), with the names that it has there:
 *
 *     ROOT                     + HL_END: tail    + ROOT_SIZE
 *    ├ bit maps, free lists ──┼ address ────────┼ block ┼ block ┼ … ┼ tail
 *
 * A block is four bytes of `mmInfo` (its size, FREE in bit 0) and its content. A free one has `prev`, `next` in its
 * first eight bytes, and `back` in its last four. Blocks begin 4 bytes before a multiple of 16.
 */
const listsEnd = 1568;
const rootSize = listsEnd + 4;
const overhead = 4;

/**
 * Makes the free blocks of the heap zero, all but the allocator's own words.
 *
 * @param root address of the allocator's root; 0 when nothing was ever allocated
 * @returns false when the heap is not what is described above, and nothing more was touched
 */
export function clearFreeBlocks(memory: Uint8Array, root: number): boolean {
  if (root === 0) return true;
  const view = new DataView(memory.buffer, memory.byteOffset, memory.length);
  const tail = view.getUint32(root + listsEnd, true);
  let block = ((root + rootSize + overhead + 15) & ~15) - overhead;
  while (block < tail) {
    const info = view.getUint32(block, true);
    const size = info & ~3;
    const content = block + overhead;
    if (size < 12 || content + size > tail) return false;
    if ((info & 1) !== 0) {
      if (view.getUint32(content + size - 4, true) !== block) return false;
      memory.fill(0, content + 8, content + size - 4);
    }
    block = content + size;
  }
  return block === tail;
}
