/**
 * The program's memory at its start, as it lies in the image: packed, since texts of 16 bits a letter and tables are half zeros.
 *
 *     c < 128        c + 1 bytes follow as they are
 *     c >= 128       two bytes of distance: c - 124 bytes (4 to 131) are copied from so far behind
 *     c >= 128, 0 0  four bytes of length: so many zeros, which are there already
 *
 * Numbers are little endian. A copy may overlap what it makes: distance 1 repeats one byte.
 */
import type { Segment } from "../snapshot.ts";

export interface PackedData {
  /** Address of the first byte. */
  readonly start: number;
  readonly bytes: Uint8Array;
}

const shortest = 4;
const longest = 131;
const farthest = 0xffff;
const mostPlain = 128;
/** Fewer zeros than that are cheaper as a copy. */
const shortestGap = 2 * longest;
/** Places that are tried for one that repeats most. */
const tries = 32;

/** Packs what is in memory from the first to the last segment, zeros in between. Where segments overlap, the later one counts. */
export function packData(segments: readonly Segment[]): PackedData {
  if (segments.length === 0) return { start: 0, bytes: new Uint8Array() };
  let start = Number.MAX_SAFE_INTEGER;
  let end = 0;
  for (const { offset, bytes } of segments) {
    start = Math.min(start, offset);
    end = Math.max(end, offset + bytes.length);
  }
  const memory = new Uint8Array(end - start);
  for (const { offset, bytes } of segments) memory.set(bytes, offset - start);
  return { start, bytes: pack(memory) };
}

function pack(memory: Uint8Array): Uint8Array {
  const packed: number[] = [];
  const earlier = new Earlier(memory);
  let plain = 0;
  let at = 0;
  const flush = () => {
    for (; plain < at; plain += mostPlain) {
      const part = memory.subarray(plain, Math.min(plain + mostPlain, at));
      packed.push(part.length - 1, ...part);
    }
    plain = at;
  };
  const skip = (length: number) => {
    for (const end = at + length; at < end; at++) earlier.add(at);
    plain = at;
  };
  while (at < memory.length) {
    const zeros = zerosAt(memory, at);
    if (zeros >= shortestGap) {
      flush();
      packed.push(128, 0, 0, ...littleEndian(zeros, 4));
      // What is before a gap is too far away, or is not looked for: zeros are in no list.
      at += zeros;
      plain = at;
      continue;
    }
    const found = earlier.find(at);
    // A later start that gains more than one byte is better.
    if (found.length < shortest || earlier.find(at + 1).length > found.length + 1) {
      earlier.add(at++);
      continue;
    }
    flush();
    packed.push(found.length + 124, ...littleEndian(found.distance, 2));
    skip(found.length);
  }
  flush();
  return Uint8Array.from(packed);
}

/** Places by the four bytes that are there, the last first. */
class Earlier {
  readonly #memory: Uint8Array;
  readonly #heads = new Map<number, number>();
  readonly #before: Int32Array;

  constructor(memory: Uint8Array) {
    this.#memory = memory;
    this.#before = new Int32Array(memory.length);
  }

  add(at: number): void {
    const key = this.#key(at);
    this.#before[at] = this.#heads.get(key) ?? -1;
    this.#heads.set(key, at);
  }

  find(at: number): { readonly length: number; readonly distance: number } {
    const memory = this.#memory;
    const most = Math.min(longest, memory.length - at);
    let length = 0;
    let distance = 0;
    let place = at < memory.length ? (this.#heads.get(this.#key(at)) ?? -1) : -1;
    for (let count = 0; count < tries && place >= 0 && at - place <= farthest; count++) {
      let same = 0;
      while (same < most && memory[place + same] === memory[at + same]) same++;
      if (same > length) {
        length = same;
        distance = at - place;
      }
      place = this.#before[place]!;
    }
    return { length, distance };
  }

  #key(at: number): number {
    const memory = this.#memory;
    return (
      (memory[at]! | (memory[at + 1]! << 8) | (memory[at + 2]! << 16) | (memory[at + 3]! << 24)) >>>
      0
    );
  }
}

function zerosAt(memory: Uint8Array, at: number): number {
  let end = at;
  while (memory[end] === 0) end++;
  return end - at;
}

function littleEndian(value: number, bytes: number): number[] {
  return Array.from({ length: bytes }, (_, index) => (value >>> (8 * index)) & 255);
}

/** The same backwards in C: a function that puts `image_data` into memory, which is zero before. */
export const unpackData = `void image_place_data(void) {
  const u8 *from = image_data, *end = image_data + sizeof image_data - 1;
  u8 *to = (u8 *)(MEMORY + IMAGE_DATA_START);
  while (from < end) {
    u32 length = *from++;
    if (length < 128) {
      for (length++; length > 0; length--) *to++ = *from++;
      continue;
    }
    u32 distance = from[0] | (u32)from[1] << 8;
    from += 2;
    if (distance == 0) {
      to += from[0] | (u32)from[1] << 8 | (u32)from[2] << 16 | (u32)from[3] << 24;
      from += 4;
    } else {
      for (length -= 124; length > 0; length--, to++) *to = *(to - distance);
    }
  }
}
`;
