/**
 * Where things are on the disk. All is written in units of 4 KiB, so that a write that is torn, on a disk with sectors
 * of 512 bytes or 4 KiB, harms nothing that was written before it:
 *
 *     0             16 KiB        32 KiB      + SEGMENT
 *     ├ superblock ─┼ superblock ─┼ segment 0 ─┼ segment 1 ─┼ …
 */
export class Geometry {
  constructor(
    /** Bytes of a segment: a power of two. */
    public segmentSize: i32,
    public segments: i32,
  ) {}

  /** For a new store on a disk of this size; null when it is too small. `wanted` is the size of a segment, 0 for any. */
  static choose(bytes: u64, wanted: u32): Geometry | null {
    if (bytes <= <u64>SEGMENTS_START) return null;
    const room = bytes - <u64>SEGMENTS_START;
    let size = max<u64>(<u64>wanted, MINIMUM);
    if ((size & (size - 1)) != 0) return null;
    while (room / size > <u64>MOST_SEGMENTS) size *= 2;
    // Beyond 15 GiB only a part of the disk is used: a segment has to fit into memory.
    size = min<u64>(size, MAXIMUM);
    const segments = <i32>min<u64>(room / size, <u64>MOST_SEGMENTS);
    return segments < FEWEST_SEGMENTS ? null : new Geometry(<i32>size, segments);
  }

  /** Whether a disk of this size has room for it, and it is one that can be. */
  fits(bytes: u64): bool {
    const size = <u64>this.segmentSize;
    if (size < MINIMUM || size > MAXIMUM || (size & (size - 1)) != 0) return false;
    if (this.segments < FEWEST_SEGMENTS || this.segments > MOST_SEGMENTS) return false;
    return <u64>SEGMENTS_START + <u64>this.segments * size <= bytes;
  }

  /** Byte of the disk where a segment begins. */
  startOf(segment: i32): u64 {
    return <u64>SEGMENTS_START + <u64>segment * <u64>this.segmentSize;
  }

  /**
   * The most bytes of a batch. With a quarter of a segment, segments that are filled as far as the next batch allows are
   * three quarters full at least, so that collecting them gains room as long as the live part is below that.
   */
  get batchLimit(): i32 {
    return this.segmentSize / 4 - UNIT;
  }

  /** The most bytes of records that are live: three fifths, four segments being kept for the collector. */
  get liveLimit(): u64 {
    return ((<u64>this.segments - 4) * <u64>this.segmentSize * 3) / 5;
  }
}

export const UNIT: i32 = 4096;

/** Bytes of a superblock. */
export const SUPERBLOCK: i32 = 4 * UNIT;

export const SEGMENTS_START: i32 = 2 * SUPERBLOCK;

/** What a superblock can list. */
export const MOST_SEGMENTS: i32 = 960;

const FEWEST_SEGMENTS: i32 = 6;
const MINIMUM: u64 = 65536;
const MAXIMUM: u64 = 1 << 24;

/** `length` rounded up to whole units. */
export function inUnits(length: i32): i32 {
  return (length + UNIT - 1) & ~(UNIT - 1);
}
