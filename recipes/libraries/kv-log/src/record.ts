import { get16, get32, put16, put32 } from "disk";
import { crc32c } from "./crc32c";

/** Kinds of records. */
export const SET: u8 = 1;
export const DELETE: u8 = 2;

/** Bytes before the key. */
export const RECORD_HEADER: i32 = 12;

/** The most bytes of a key in UTF-8. */
export const KEY_LIMIT: i32 = 1024;

/**
 * One change as it is stored:
 *
 *     0     4      5   6            8              12
 *     ├ crc ┼ kind ┼ 0 ┼ key length ┼ value length ┼ key ─┼ value ─┤     the crc is of all that follows it
 */
export class Record {
  private constructor(
    public kind: u8,
    /** Where it begins and ends in the bytes that it was read from. */
    public start: i32,
    public end: i32,
    private bytes: Uint8Array,
    private valueStart: i32,
  ) {}

  /** The record at `start` that ends at `limit` at most; null when there is no whole one. */
  static read(bytes: Uint8Array, start: i32, limit: i32): Record | null {
    if (limit - start < RECORD_HEADER) return null;
    const kind = bytes[start + 4];
    const keyLength = <i32>get16(bytes, start + 6);
    const valueLength = get32(bytes, start + 8);
    const valueStart = start + RECORD_HEADER + keyLength;
    if (valueStart > limit || valueLength > <u32>(limit - valueStart)) return null;
    if ((kind != SET && kind != DELETE) || keyLength == 0) return null;
    const end = valueStart + <i32>valueLength;
    if (get32(bytes, start) != crc32c(bytes, start + 4, end)) return null;
    return new Record(kind, start, end, bytes, valueStart);
  }

  get length(): i32 {
    return this.end - this.start;
  }

  get key(): string {
    const address = this.bytes.dataStart + <usize>(this.start + RECORD_HEADER);
    return String.UTF8.decodeUnsafe(address, this.valueStart - this.start - RECORD_HEADER);
  }

  /** The value, a copy. */
  get value(): Uint8Array {
    return this.bytes.slice(this.valueStart, this.end);
  }
}

/** Writes a record to `bytes`, which have room for it, at `start`; returns where it ends. */
export function writeRecord(
  bytes: Uint8Array,
  start: i32,
  kind: u8,
  key: Uint8Array,
  value: Uint8Array,
): i32 {
  const end = start + RECORD_HEADER + key.length + value.length;
  bytes[start + 4] = kind;
  bytes[start + 5] = 0;
  put16(bytes, start + 6, key.length);
  put32(bytes, start + 8, value.length);
  bytes.set(key, start + RECORD_HEADER);
  bytes.set(value, start + RECORD_HEADER + key.length);
  put32(bytes, start, crc32c(bytes, start + 4, end));
  return end;
}
