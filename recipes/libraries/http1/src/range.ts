// @seldom
import { ranges as limit } from "config";

/** What a `Range` field asks of a representation (RFC 9110, 14.1.2 and 14.2). */
export class Ranges {
  /** Starts and ends, in turn, in the order of the request; each end is exclusive. */
  private bounds: i32[] = [];

  /** How many ranges the representation can satisfy. */
  get count(): i32 {
    return this.bounds.length >> 1;
  }

  start(index: i32): i32 {
    return this.bounds[2 * index];
  }

  end(index: i32): i32 {
    return this.bounds[2 * index + 1];
  }

  /**
   * Reads a field's value for a representation of `length` bytes. Null when it is to be ignored: another unit, not
   * well-formed, ranges that overlap, or too many of them (14.2 and 17.15 leave that to the server). A result
   * without ranges cannot be satisfied.
   */
  static read(value: string, length: i32): Ranges | null {
    if (length == 0 || !isInBytes(value)) return null;
    const found = new Ranges();
    const items = value.slice(UNIT.length).split(",");
    let asked = 0;
    for (let index = 0; index < items.length; index++) {
      const item = items[index].trim();
      if (item.length == 0) continue;
      if (++asked > limit || !found.add(item, length)) return null;
    }
    return asked == 0 ? null : found;
  }

  /** False when the item is not well-formed or overlaps another. */
  private add(item: string, length: i32): bool {
    const dash = item.indexOf("-");
    if (dash < 0) return false;
    const first = dash == 0 ? -1 : numberOf(item, 0, dash);
    const last = dash + 1 == item.length ? -1 : numberOf(item, dash + 1, item.length);
    if (first == BAD || last == BAD || (first < 0 && last < 0)) return false;
    if (first < 0) return last == 0 || this.keep(max(length - last, 0), length);
    if (last >= 0 && last < first) return false;
    if (first >= length) return true;
    return this.keep(first, last < 0 ? length : min(last, length - 1) + 1);
  }

  private keep(start: i32, end: i32): bool {
    for (let index = 0; index < this.count; index++) {
      if (start < this.end(index) && end > this.start(index)) return false;
    }
    this.bounds.push(start);
    this.bounds.push(end);
    return true;
  }
}

const BAD: i32 = -2;
const UNIT: string = "bytes=";

/** Units are named in any case (RFC 9110, 14.1). */
function isInBytes(value: string): bool {
  if (value.length < UNIT.length) return false;
  for (let index = 0; index < UNIT.length; index++) {
    // Setting this bit makes letters small and leaves `=` as it is.
    if ((value.charCodeAt(index) | 0x20) != UNIT.charCodeAt(index)) return false;
  }
  return true;
}

/** A number of digits only, i32.MAX_VALUE at most; BAD for other text. */
function numberOf(text: string, start: i32, end: i32): i32 {
  let value: i64 = 0;
  for (let index = start; index < end; index++) {
    const digit = text.charCodeAt(index) - 0x30;
    if (digit < 0 || digit > 9) return BAD;
    value = min<i64>(value * 10 + digit, i32.MAX_VALUE);
  }
  return <i32>value;
}
