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

  add(bytes: Uint8Array, start: i32, end: i32): void {
    this.reserve(end - start);
    this.bytes.set(bytes.subarray(start, end), this.length);
    this.length += end - start;
  }

  /** Adds text of pure ASCII. */
  ascii(text: string): void {
    this.reserve(text.length);
    for (let index = 0; index < text.length; index++) this.put(<u8>text.charCodeAt(index));
  }

  /** Adds the value of a field as UTF-8. Control characters, which could end the field, become blanks. */
  value(text: string): void {
    this.reserve(3 * text.length);
    for (let index = 0; index < text.length; index++) {
      const unit = text.charCodeAt(index);
      if (unit < 0x80) {
        this.put(unit < 0x20 || unit == 0x7f ? SP : <u8>unit);
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
