/**
 * Texts and tables of the source that nothing leads to any more, such as the messages of code that ran at build time:
 * AssemblyScript lays them out for all that it compiles.
 *
 * What may be an address counts as one: a constant of the code that is left, a word of memory. So nothing is lost that is
 * used; what is kept without need is little.
 */
import type { DataSegment, WasmModule } from "./native/module.ts";

interface Piece {
  readonly start: number;
  readonly end: number;
  live: boolean;
}

/**
 * Makes the dead pieces of static data zero.
 *
 * @param memory as the initialisers left it; garbage collected, free blocks zero
 * @param placed static data as they were laid out, one segment a piece
 * @param code the module after dead functions are gone
 * @param start first address of the program's data, the files lie below
 */
export function clearDeadData(
  memory: Uint8Array,
  placed: readonly DataSegment[],
  code: WasmModule,
  start: number,
): void {
  const pieces = placed
    .flatMap(({ offset, bytes }): Piece[] =>
      offset === null || bytes.length === 0
        ? []
        : [{ start: offset, end: offset + bytes.length, live: false }],
    )
    .sort((a, b) => a.start - b.start);
  const pending: Piece[] = [];
  const mark = (address: number) => {
    const piece = pieceAt(pieces, address);
    if (piece === null || piece.live) return;
    piece.live = true;
    pending.push(piece);
  };
  for (const { start: from, end } of code.functions) markConstants(code.bytes, from, end, mark);
  for (const { initial } of code.globals) mark(Number(initial.bits & 0xffffffffn));
  const words = new Uint32Array(memory.buffer, memory.byteOffset, memory.length >> 2);
  const markWords = (from: number, end: number) => {
    for (let word = from >> 2; word < end >> 2; word++) if (words[word] !== 0) mark(words[word]!);
  };
  markWords(pieces.at(-1)?.end ?? start, memory.length);
  for (let piece = pending.pop(); piece !== undefined; piece = pending.pop()) {
    markWords(piece.start, piece.end + 3);
  }
  for (const piece of pieces) if (!piece.live) memory.fill(0, piece.start, piece.end);
}

/** The piece that an address is in, or just behind: a pointer may stand at the end of what it has walked. */
function pieceAt(pieces: readonly Piece[], address: number): Piece | null {
  let low = 0;
  let high = pieces.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (pieces[middle]!.start <= address) low = middle + 1;
    else high = middle;
  }
  const piece = pieces[low - 1];
  return piece !== undefined && address <= piece.end ? piece : null;
}

/** Everything that reads as `i32.const` (opcode 0x41, a number in LEB128), whether an instruction begins there or not. */
function markConstants(
  bytes: Uint8Array,
  from: number,
  end: number,
  mark: (address: number) => void,
): void {
  for (let at = from; at < end; at++) {
    if (bytes[at] !== 0x41) continue;
    let value = 0;
    let shift = 0;
    for (let next = at + 1; next < end && shift < 35; next++) {
      const byte = bytes[next]!;
      value |= (byte & 0x7f) << shift;
      shift += 7;
      if (byte < 0x80) break;
    }
    // What is negative as a signed number is no address of data.
    if (value > 0) mark(value);
  }
}
