/**
 * Adaptive binary arithmetic coding, as LZMA has it (G. N. N. Martin, "Range encoding", 1979; I. Pavlov's LZMA specification, "Range
 * coder"): each bit costs what it surprises, by odds that are learnt from the bits before it in the same place.
 */

/** Of 11 bits; a place's odds move by 1/16 with each of its bits. */
const half = 1024;
const certain = 2048;
const inertia = 4;

export class RangeEncoder {
  readonly #odds = new Map<number, number>();
  readonly #bytes: number[] = [];
  #low = 0;
  #range = 0xffffffff;
  /** The last byte that is made, which a carry may still change, and how many of 255 follow it. */
  #last = 0;
  #full = -1;

  /** One bit whose odds are kept at `place`. */
  bit(place: number, value: number): void {
    const odds = this.#odds.get(place) ?? half;
    const bound = (this.#range >>> 11) * odds;
    if (value === 0) {
      this.#range = bound;
      this.#odds.set(place, odds + ((certain - odds) >> inertia));
    } else {
      this.#low += bound;
      this.#range -= bound;
      this.#odds.set(place, odds - (odds >> inertia));
    }
    while (this.#range < 2 ** 24) {
      this.#range *= 256;
      this.#shift();
    }
  }

  /** A number of `bits` bits, the highest first. It takes 2 ** `bits` places from `place` on. */
  tree(place: number, bits: number, value: number): void {
    let node = 1;
    for (let at = bits - 1; at >= 0; at--) {
      const bit = (value >>> at) & 1;
      this.bit(place + node, bit);
      node = node * 2 + bit;
    }
  }

  /** A number from 1 on of up to 32 bits: how many bits it has, then all but the first. It takes 64 places. */
  number(place: number, value: number): void {
    const bits = 31 - Math.clz32(value);
    this.tree(place, 5, bits);
    for (let at = bits - 1; at >= 0; at--) this.bit(place + 32 + at, (value >>> at) & 1);
  }

  /** All bytes; nothing can be added. */
  finish(): Uint8Array {
    for (let count = 0; count < 5; count++) this.#shift();
    // Bytes beyond the end are read as zeros.
    while (this.#bytes.at(-1) === 0) this.#bytes.pop();
    return Uint8Array.from(this.#bytes);
  }

  /** Moves the highest byte of `#low` out, as soon as no carry can reach it. */
  #shift(): void {
    const carry = this.#low >= 2 ** 32 ? 1 : 0;
    const next = Math.floor(this.#low / 2 ** 24) % 256;
    if (carry === 1 || next !== 255) {
      if (this.#full >= 0) this.#bytes.push((this.#last + carry) % 256);
      for (; this.#full > 0; this.#full--) this.#bytes.push((255 + carry) % 256);
      this.#last = next;
      this.#full = 0;
    } else {
      this.#full++;
    }
    this.#low = (this.#low % 2 ** 24) * 256;
  }
}
