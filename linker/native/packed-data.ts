/**
 * The program's memory at its start, as it lies in the image: packed, since texts of 16 bits a letter and tables are half zeros. A byte
 * stands for itself, or some are copied from so far behind; each choice and number is coded by its odds (range-coder.ts):
 *
 *     0                        a byte, of 8 bits
 *     1 0 distance length      `length` bytes are as those `distance` before them; they may overlap
 *     1 1 length               as far behind as the last time
 *
 * The first bit's odds depend on whether the one before was a copy, a byte's on whether the one before it is zero.
 */
import type { Segment } from "../snapshot.ts";
import { RangeEncoder } from "./range-coder.ts";

export interface PackedData {
  /** Address of the first byte. */
  readonly start: number;
  /** How many bytes are to be unpacked. */
  readonly length: number;
  readonly bytes: Uint8Array;
}

/** Where odds are kept. */
const places = { copy: 0, again: 2, distance: 3, length: 67, byte: 131, end: 643 } as const;

/** Packs what is in memory from the first to the last segment, zeros in between. Where segments overlap, the later one counts. */
export function packData(segments: readonly Segment[]): PackedData {
  if (segments.length === 0) return { start: 0, length: 0, bytes: new Uint8Array() };
  let start = Number.MAX_SAFE_INTEGER;
  let end = 0;
  for (const { offset, bytes } of segments) {
    start = Math.min(start, offset);
    end = Math.max(end, offset + bytes.length);
  }
  const memory = new Uint8Array(end - start);
  for (const { offset, bytes } of segments) memory.set(bytes, offset - start);
  return { start, length: memory.length, bytes: pack(memory) };
}

function pack(memory: Uint8Array): Uint8Array {
  const coder = new RangeEncoder();
  const earlier = new Earlier(memory);
  let distance = 0;
  let copied = 0;
  let at = 0;
  while (at < memory.length) {
    const found = earlier.find(at, distance);
    earlier.add(at);
    // A later start that gains more than what the byte costs is better.
    const copy = found.gain > 0 && earlier.find(at + 1, distance).gain <= found.gain + 0.8;
    coder.bit(places.copy + copied, copy ? 1 : 0);
    copied = copy ? 1 : 0;
    if (!copy) {
      coder.tree(places.byte + (at > 0 && memory[at - 1] === 0 ? 256 : 0), 8, memory[at]!);
      at++;
      continue;
    }
    coder.bit(places.again, found.distance === distance ? 1 : 0);
    if (found.distance !== distance) coder.number(places.distance, found.distance);
    coder.number(places.length, found.length);
    distance = found.distance;
    for (const end = at++ + found.length; at < end; at++) earlier.add(at);
  }
  return coder.finish();
}

interface Copy {
  readonly length: number;
  readonly distance: number;
  /** Bytes that it saves, about; 0 when it is not worth while. */
  readonly gain: number;
}

const shortest = 4;
/** Places that are tried for one that repeats most. */
const tries = 64;
const leastGain = 0.9;
const none: Copy = { length: 0, distance: 0, gain: 0 };

/** Places by the four bytes that are there, the last first. Those within zeros are left out, but for the first. */
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
    if (key === 0 && this.#memory[at - 1] === 0) return;
    this.#before[at] = this.#heads.get(key) ?? -1;
    this.#heads.set(key, at);
  }

  /** What saves most. @param last the last copy's distance, which costs nothing to tell */
  find(at: number, last: number): Copy {
    let best = none;
    const consider = (distance: number, least: number) => {
      const length = this.#same(at, distance);
      const gain = length - cost(distance, last);
      if (length >= least && gain > Math.max(best.gain, leastGain)) {
        best = { length, distance, gain };
      }
    };
    if (last > 0 && last <= at) consider(last, 2);
    if (at > 0) consider(1, 3);
    let place = at < this.#memory.length ? (this.#heads.get(this.#key(at)) ?? -1) : -1;
    for (let count = 0; count < tries && place >= 0; count++) {
      consider(at - place, shortest);
      place = this.#before[place]!;
    }
    return best;
  }

  /** How many bytes are as those so far behind. */
  #same(at: number, distance: number): number {
    const memory = this.#memory;
    let end = at;
    while (end < memory.length && memory[end] === memory[end - distance]) end++;
    return end - at;
  }

  #key(at: number): number {
    const memory = this.#memory;
    return (
      (memory[at]! | (memory[at + 1]! << 8) | (memory[at + 2]! << 16) | (memory[at + 3]! << 24)) >>>
      0
    );
  }
}

/** Bytes that it takes to tell a copy. */
function cost(distance: number, last: number): number {
  if (distance === last) return 0.3;
  if (distance <= 32) return 0.6;
  if (distance <= 256) return 1.1;
  return distance <= 4096 ? 1.6 : 2.2;
}

/** The same backwards in C: a function that puts `image_data` into memory, which is zero before. */
export const unpackData = `static struct {
  const u8 *next;
  u32 range, code;
  /* Differences from a half, which all odds are at first. */
  u16 odds[${places.end}];
} coded;
static u32 coded_byte(void) {
  return coded.next < image_data + sizeof image_data - 1 ? *coded.next++ : 0;
}
static u32 coded_bit(u32 place) {
  u32 odds = coded.odds[place] ^ 1024, bit = 0;
  u32 bound = (coded.range >> 11) * odds;
  if (coded.code < bound) {
    coded.range = bound;
    odds += (2048 - odds) >> 4;
  } else {
    coded.range -= bound;
    coded.code -= bound;
    odds -= odds >> 4;
    bit = 1;
  }
  coded.odds[place] = odds ^ 1024;
  while (coded.range < 1u << 24) {
    coded.range <<= 8;
    coded.code = coded.code << 8 | coded_byte();
  }
  return bit;
}
static u32 coded_tree(u32 place, u32 bits) {
  u32 node = 1;
  for (u32 count = bits; count > 0; count--) node = node << 1 | coded_bit(place + node);
  return node - (1u << bits);
}
static u32 coded_number(u32 place) {
  u32 number = 1;
  for (u32 bits = coded_tree(place, 5); bits > 0; bits--) {
    number = number << 1 | coded_bit(place + 31 + bits);
  }
  return number;
}
void image_place_data(void) {
  u8 *to = (u8 *)(MEMORY + IMAGE_DATA_START), *end = to + IMAGE_DATA_LENGTH;
  u32 copied = 0, distance = 0;
  coded.next = image_data;
  coded.range = 0xffffffff;
  for (u32 count = 4; count > 0; count--) coded.code = coded.code << 8 | coded_byte();
  while (to < end) {
    copied = coded_bit(${places.copy} + copied);
    if (!copied) {
      u32 zero = to > (u8 *)(MEMORY + IMAGE_DATA_START) && to[-1] == 0;
      *to++ = coded_tree(${places.byte} + (zero << 8), 8);
      continue;
    }
    if (!coded_bit(${places.again})) distance = coded_number(${places.distance});
    /* Long gaps of zeros are not touched. */
    for (u32 length = coded_number(${places.length}); length > 0; length--, to++) {
      u8 byte = to[-(u64)distance];
      if (byte != 0) *to = byte;
    }
  }
}
`;
