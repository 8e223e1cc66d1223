import { get32, get64, put32, put64 } from "disk";
import { crc32c } from "./crc32c";
import { inUnits } from "./geometry";
import { Record } from "./record";

/** Bytes before the first record. */
export const CHUNK_HEADER: i32 = 32;

/**
 * Records that were written together, and are there together or not at all; zeros fill its last unit:
 *
 *     0       4     8       16        20       24      28  32
 *     ├ magic ┼ crc ┼ epoch ┼ ordinal ┼ length ┼ count ┼ 0 ┼ records ─┤     the crc is of all that follows it
 */
export class Chunk {
  private constructor(
    /** Where its records begin and end in the bytes that it was read from. */
    public start: i32,
    public end: i32,
    public ordinal: u32,
    public count: i32,
  ) {}

  /** The chunk of an epoch at `start`; null when there is no whole one before `limit`. */
  static read(bytes: Uint8Array, start: i32, limit: i32, epoch: u64): Chunk | null {
    if (limit - start < CHUNK_HEADER) return null;
    if (get32(bytes, start) != MAGIC || get64(bytes, start + 8) != epoch) return null;
    const length = get32(bytes, start + 20);
    const first = start + CHUNK_HEADER;
    if (length > <u32>(limit - first)) return null;
    const end = first + <i32>length;
    if (get32(bytes, start + 4) != crc32c(bytes, start + 8, end)) return null;
    return new Chunk(first, end, get32(bytes, start + 16), <i32>get32(bytes, start + 24));
  }

  /** Whether it consists of as many whole records as it says. */
  isSound(bytes: Uint8Array): bool {
    let start = this.start;
    let count = 0;
    while (start < this.end) {
      const record = Record.read(bytes, start, this.end);
      if (record === null) return false;
      start = record.end;
      count++;
    }
    return count == this.count;
  }

  /** Where the next one begins. */
  get next(): i32 {
    return this.start - CHUNK_HEADER + inUnits(CHUNK_HEADER + this.end - this.start);
  }
}

/** Makes a chunk of the records that `bytes` has from CHUNK_HEADER on; returns its length in whole units. */
export function sealChunk(
  bytes: Uint8Array,
  length: i32,
  count: i32,
  epoch: u64,
  ordinal: u32,
): i32 {
  const end = CHUNK_HEADER + length;
  const whole = inUnits(end);
  bytes.fill(0, end, whole);
  put32(bytes, 0, MAGIC);
  put64(bytes, 8, epoch);
  put32(bytes, 16, ordinal);
  put32(bytes, 20, length);
  put32(bytes, 24, count);
  put32(bytes, 28, 0);
  put32(bytes, 4, crc32c(bytes, 8, end));
  return whole;
}

/** `chnk`. */
const MAGIC: u32 = 0x6b6e6863;
