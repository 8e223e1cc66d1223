import { get32, get64, put32, put64 } from "disk";
import { crc32c } from "./crc32c";
import { Geometry, MOST_SEGMENTS, SUPERBLOCK, UNIT } from "./geometry";

/** A segment that is part of the log. */
export class Listed {
  constructor(
    public segment: i32,
    /** Chosen at random when the segment became a part: chunks of other times have another. */
    public epoch: u64,
    /** Bytes that are written, whole units; OPEN for the last segment, the head, which is still written to. */
    public used: i32,
  ) {}
}

export const OPEN: i32 = -1;

/**
 * What the log is made of. Two places take turns: the one is written when the other lasts.
 *
 *     0       8         12      16           24     28        32         36      64
 *     ├ magic ┼ version ┼ crc ──┼ generation ┼ unit ┼ segment ┼ segments ┼ n ────┼ n times: epoch 8, segment 4, used 4
 */
export class Superblock {
  constructor(
    public generation: u64,
    public geometry: Geometry,
    /** In the order in which they were written; the last is the head. */
    public list: Listed[],
  ) {}

  /** Writes it to `bytes`, SUPERBLOCK of them. */
  write(bytes: Uint8Array): void {
    bytes.fill(0);
    put64(bytes, 0, MAGIC);
    put32(bytes, 8, VERSION);
    put64(bytes, 16, this.generation);
    put32(bytes, 24, UNIT);
    put32(bytes, 28, this.geometry.segmentSize);
    put32(bytes, 32, this.geometry.segments);
    put32(bytes, 36, this.list.length);
    for (let index = 0; index < this.list.length; index++) {
      const entry = this.list[index];
      const place = LIST + index * ENTRY;
      put64(bytes, place, entry.epoch);
      put32(bytes, place + 8, entry.segment);
      put32(bytes, place + 12, entry.used);
    }
    put32(bytes, 12, crc32c(bytes, 16, SUPERBLOCK));
  }

  /** Reads one that is whole; null otherwise. */
  static read(bytes: Uint8Array): Superblock | null {
    if (get64(bytes, 0) != MAGIC || get32(bytes, 8) != VERSION) return null;
    if (get32(bytes, 12) != crc32c(bytes, 16, SUPERBLOCK)) return null;
    const count = <i32>get32(bytes, 36);
    if (get32(bytes, 24) != <u32>UNIT || count < 0 || count > MOST_SEGMENTS) return null;
    const geometry = new Geometry(<i32>get32(bytes, 28), <i32>get32(bytes, 32));
    const list: Listed[] = [];
    for (let index = 0; index < count; index++) {
      const place = LIST + index * ENTRY;
      const segment = <i32>get32(bytes, place + 8);
      list.push(new Listed(segment, get64(bytes, place), <i32>get32(bytes, place + 12)));
    }
    return new Superblock(get64(bytes, 16), geometry, list);
  }

  /** Whether a disk of this size can have it: what a checksum cannot tell. */
  fits(bytes: u64): bool {
    if (!this.geometry.fits(bytes)) return false;
    const seen = new Set<i32>();
    for (let index = 0; index < this.list.length; index++) {
      const segment = this.list[index].segment;
      const used = this.list[index].used;
      if (<u32>segment >= <u32>this.geometry.segments || seen.has(segment)) return false;
      seen.add(segment);
      const isHead = index == this.list.length - 1;
      if (isHead != (used == OPEN)) return false;
      if (!isHead && (used < 0 || used > this.geometry.segmentSize || used % UNIT != 0))
        return false;
    }
    return true;
  }
}

/**
 * Whether the bytes of both places are those of a disk that never had anything else: zeros, or a part of the first
 * superblock of a new store, which the power failing left behind.
 */
export function isBlank(first: Uint8Array, second: Uint8Array, fresh: Uint8Array): bool {
  for (let index = 0; index < SUPERBLOCK; index++) {
    if (second[index] != 0) return false;
    if (first[index] != 0 && first[index] != fresh[index]) return false;
  }
  return true;
}

/** `unipkgKV`. */
const MAGIC: u64 = 0x564b676b70696e75;
const VERSION: u32 = 1;
const LIST: i32 = 64;
const ENTRY: i32 = 16;
