// @often
import { SP, ZERO } from "./ascii";

/** Bytes on their way out. One is shared by all connections: what a connection cannot send at once it keeps as a copy. */
export class Output {
  length: i32 = 0;
  private bytes: Uint8Array = new Uint8Array(OUTPUT_BYTES);

  /** Room that is left for bodies. */
  get room(): i32 {
    return max(OUTPUT_BYTES - this.length, 0);
  }

  /** What is there now, until the next change. */
  get view(): Uint8Array {
    return this.bytes.subarray(0, this.length);
  }

  /** A copy of what is there from a position on. */
  copyFrom(start: i32): Uint8Array {
    return this.bytes.slice(start, this.length);
  }

  /** Adds bytes as they are. */
  add(bytes: Uint8Array): void {
    this.reserve(bytes.length);
    this.bytes.set(bytes, this.length);
    this.length += bytes.length;
  }

  /** Adds text of pure ASCII. */
  ascii(text: string): void {
    this.reserve(text.length);
    const bytes = this.bytes;
    const start = this.length;
    const length = text.length;
    for (let index = 0; index < length; index++) {
      // There is room: it was reserved.
      unchecked((bytes[start + index] = <u8>text.charCodeAt(index)));
    }
    this.length = start + length;
  }

  /** Adds the value of a field as UTF-8. Control characters, which could end the field, become blanks. */
  value(text: string): void {
    const length = text.length;
    this.reserve(3 * length);
    const bytes = this.bytes;
    for (let index = 0; index < length; index++) {
      const unit = text.charCodeAt(index);
      if (unit < 0x80) {
        const octet = unit < 0x20 || unit == 0x7f ? SP : <u8>unit;
        // There is room: it was reserved.
        unchecked((bytes[this.length++] = octet));
        continue;
      }
      const code = text.codePointAt(index);
      if (code < 0x800) {
        this.put(<u8>(0xc0 | (code >> 6)));
      } else {
        if (code < 0x10000) {
          this.put(<u8>(0xe0 | (code >> 12)));
        } else {
          this.put(<u8>(0xf0 | (code >> 18)));
          this.put(<u8>(0x80 | ((code >> 12) & 0x3f)));
          index++;
        }
        this.put(<u8>(0x80 | ((code >> 6) & 0x3f)));
      }
      this.put(<u8>(0x80 | (code & 0x3f)));
    }
  }

  number(value: i32): void {
    this.reserve(10);
    let power = 1;
    while (value / power >= 10) power *= 10;
    for (; power > 0; power /= 10) this.put(ZERO + <u8>((value / power) % 10));
  }

  private put(octet: u8): void {
    this.bytes[this.length++] = octet;
  }

  /** Heads may be longer than the room for bodies. */
  private reserve(length: i32): void {
    const whole = this.length + length;
    if (whole <= this.bytes.length) return;
    const larger = new Uint8Array(max(whole, 2 * this.bytes.length));
    larger.set(this.bytes.subarray(0, this.length));
    this.bytes = larger;
  }
}

/** Bodies up to this length go out with their head in one write. */
const OUTPUT_BYTES: i32 = 32768;
