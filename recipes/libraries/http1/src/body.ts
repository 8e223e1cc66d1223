import { bodyBytes } from "config";

/** The body of a request while it comes. Memory grows with what has come, not with what was announced. */
export class Body {
  private buffer: Uint8Array = empty;
  private length: i32 = 0;

  /** Adds bytes; false when the whole would be longer than is allowed. */
  add(bytes: Uint8Array, start: i32, end: i32): bool {
    const whole = this.length + (end - start);
    if (whole > bodyBytes) return false;
    if (whole > this.buffer.length) {
      const larger = new Uint8Array(min(max(whole, 2 * this.buffer.length), bodyBytes));
      larger.set(this.buffer);
      this.buffer = larger;
    }
    this.buffer.set(bytes.subarray(start, end), this.length);
    this.length = whole;
    return true;
  }

  get size(): i32 {
    return this.length;
  }

  /** All bytes. */
  get bytes(): Uint8Array {
    return this.length == 0 ? empty : this.buffer.subarray(0, this.length);
  }
}

/** No bytes. */
export const empty: Uint8Array = new Uint8Array(0);
