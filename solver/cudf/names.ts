/**
 * Package names of a document, each told apart by a small number. A name is kept as the place of its
 * first occurrence among the document's bytes and becomes text only when somebody reads it.
 */
export class Names {
  readonly #bytes: Uint8Array;
  readonly #starts: number[] = [];
  readonly #ends: number[] = [];
  /**
   * Open addressing, at most half full. Four numbers a slot, so that a look-up touches one cache line:
   * the name's number plus one or 0 when the slot is free, hash, start, end.
   */
  #slots: Int32Array;

  constructor(bytes: Uint8Array) {
    this.#bytes = bytes;
    let slots = 1024;
    while (slots < bytes.length / 128) slots *= 2;
    this.#slots = new Int32Array(slots * 4);
  }

  /** How many different names there are; their numbers are 0 to `size - 1`, by first occurrence. */
  get size(): number {
    return this.#starts.length;
  }

  /** The number of the name that stands at `start` to `end`, whose hash is as by `nextHash`. */
  intern(start: number, end: number, hash: number): number {
    const slots = this.#slots;
    const mask = slots.length - 4;
    let slot = spread(hash) & mask;
    for (let found = slots[slot]!; found !== 0; found = slots[slot]!) {
      if (
        slots[slot + 1] === hash &&
        this.#isSame(slots[slot + 2]!, slots[slot + 3]!, start, end)
      ) {
        return found - 1;
      }
      slot = (slot + 4) & mask;
    }
    this.#starts.push(start);
    this.#ends.push(end);
    slots[slot] = this.#starts.length;
    slots[slot + 1] = hash;
    slots[slot + 2] = start;
    slots[slot + 3] = end;
    if (this.#starts.length * 8 > slots.length) this.#grow();
    return this.#starts.length - 1;
  }

  /** The name as it is written in the document, escapes included. */
  text(name: number): string {
    return textOf(this.#bytes, this.#starts[name]!, this.#ends[name]!);
  }

  #isSame(firstStart: number, firstEnd: number, start: number, end: number): boolean {
    if (firstEnd - firstStart !== end - start) return false;
    const bytes = this.#bytes;
    for (let offset = end - start - 1; offset >= 0; offset--) {
      if (bytes[firstStart + offset] !== bytes[start + offset]) return false;
    }
    return true;
  }

  #grow(): void {
    const old = this.#slots;
    const slots = new Int32Array(old.length * 2);
    const mask = slots.length - 4;
    for (let from = 0; from < old.length; from += 4) {
      if (old[from] === 0) continue;
      let slot = spread(old[from + 1]!) & mask;
      while (slots[slot] !== 0) slot = (slot + 4) & mask;
      slots.set(old.subarray(from, from + 4), slot);
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

/** Moves entropy to the bits that choose the slot; slots begin at multiples of 4. */
function spread(hash: number): number {
  return (hash ^ (hash >>> 15)) << 2;
}
