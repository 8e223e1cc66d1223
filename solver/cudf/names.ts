/**
 * Package names of a document, each told apart by a small number. A name is kept as the place of its
 * first occurrence among the document's bytes and becomes text only when somebody reads it.
 */
export class Names {
  readonly #bytes: Uint8Array;
  readonly #starts: number[] = [];
  readonly #ends: number[] = [];
  readonly #hashes: number[] = [];
  /** Open addressing: the name's number plus one, 0 when free. At most half full. */
  #slots = new Int32Array(1 << 12);

  constructor(bytes: Uint8Array) {
    this.#bytes = bytes;
  }

  /** How many different names there are; their numbers are 0 to `size - 1`, by first occurrence. */
  get size(): number {
    return this.#starts.length;
  }

  /** The number of the name that stands at `start` to `end`, whose hash is as by `nextHash`. */
  intern(start: number, end: number, hash: number): number {
    const mask = this.#slots.length - 1;
    let slot = spread(hash) & mask;
    for (;;) {
      const found = this.#slots[slot]! - 1;
      if (found < 0) break;
      if (this.#hashes[found] === hash && this.#isAt(found, start, end)) return found;
      slot = (slot + 1) & mask;
    }
    const fresh = this.#starts.length;
    this.#starts.push(start);
    this.#ends.push(end);
    this.#hashes.push(hash);
    this.#slots[slot] = fresh + 1;
    if (this.#starts.length * 2 > this.#slots.length) this.#grow();
    return fresh;
  }

  /** The name as it is written in the document, escapes included. */
  text(name: number): string {
    return textOf(this.#bytes, this.#starts[name]!, this.#ends[name]!);
  }

  #isAt(name: number, start: number, end: number): boolean {
    const first = this.#starts[name]!;
    if (this.#ends[name]! - first !== end - start) return false;
    for (let offset = end - start - 1; offset >= 0; offset--) {
      if (this.#bytes[first + offset] !== this.#bytes[start + offset]) return false;
    }
    return true;
  }

  #grow(): void {
    const slots = new Int32Array(this.#slots.length * 4);
    const mask = slots.length - 1;
    for (let name = 0; name < this.#hashes.length; name++) {
      let slot = spread(this.#hashes[name]!) & mask;
      while (slots[slot] !== 0) slot = (slot + 1) & mask;
      slots[slot] = name + 1;
    }
    this.#slots = slots;
  }
}

/** The hash of a text that is one byte longer; the empty text's is 0. */
export function nextHash(hash: number, byte: number): number {
  return (Math.imul(hash, 31) + byte) | 0;
}

/** Bytes as text, Latin-1, which keeps every byte. */
export function textOf(bytes: Uint8Array, start: number, end: number): string {
  let text = "";
  for (let at = start; at < end; at++) text += String.fromCharCode(bytes[at]!);
  return text;
}

/** Moves entropy to the low bits, which choose the slot. */
function spread(hash: number): number {
  return hash ^ (hash >>> 15) ^ (hash >>> 7);
}
