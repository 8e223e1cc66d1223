/** Reads a byte sequence from front to back: little-endian numbers, LEB128, names. */
export class Reader {
  readonly bytes: Uint8Array;
  readonly #view: DataView;
  /** Next byte to be read. */
  at: number;
  /** First byte that does not belong to the sequence. */
  readonly end: number;

  constructor(bytes: Uint8Array, at = 0, end = bytes.length) {
    this.bytes = bytes;
    this.#view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    this.at = at;
    this.end = end;
  }

  get done(): boolean {
    return this.at >= this.end;
  }

  u8(): number {
    if (this.at >= this.end) throw new Malformed(this.at, "unexpected end");
    return this.bytes[this.at++]!;
  }

  /** Unsigned LEB128 of at most 32 bits. */
  u32(): number {
    let result = 0;
    for (let shift = 0; shift < 35; shift += 7) {
      const byte = this.u8();
      result += (byte & 0x7f) * 2 ** shift;
      if (byte < 0x80) return result;
    }
    throw new Malformed(this.at, "number too long");
  }

  /** Signed LEB128 of at most `bits` bits. */
  signed(bits: 32 | 33 | 64): bigint {
    let result = 0n;
    for (let shift = 0; shift < bits + 7; shift += 7) {
      const byte = this.u8();
      result |= BigInt(byte & 0x7f) << BigInt(shift);
      if (byte < 0x80) return BigInt.asIntN(shift + 7, result);
    }
    throw new Malformed(this.at, "number too long");
  }

  /** Four bytes as they are, as an unsigned number. */
  bits32(): number {
    const value = this.#view.getUint32(this.#skip(4), true);
    return value;
  }

  /** Eight bytes as they are, as an unsigned number. */
  bits64(): bigint {
    return this.#view.getBigUint64(this.#skip(8), true);
  }

  /** A length and as many bytes. */
  block(): Uint8Array {
    const length = this.u32();
    const start = this.#skip(length);
    return this.bytes.subarray(start, start + length);
  }

  name(): string {
    return new TextDecoder().decode(this.block());
  }

  /** A count and as many items. */
  list<T>(item: (index: number) => T): T[] {
    const count = this.u32();
    const items: T[] = [];
    for (let index = 0; index < count; index++) items.push(item(index));
    return items;
  }

  #skip(length: number): number {
    const start = this.at;
    if (start + length > this.end) throw new Malformed(start, "unexpected end");
    this.at += length;
    return start;
  }
}

/** The bytes are not what they must be. Caught where a module is decoded, never further out. */
export class Malformed extends Error {
  constructor(at: number, what: string) {
    super(`${what} at byte ${at}`);
  }
}
