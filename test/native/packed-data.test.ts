// Packed data against a reader that was written from the format's description, and against what the image does with it.
import fc from "fast-check";
import { expect, test } from "vitest";
import { type PackedData, packData } from "../../linker/native/packed-data.ts";
import type { Segment } from "../../linker/snapshot.ts";

/** By the format's description, with odds as fractions of 2048. */
function unpack({ length, bytes }: PackedData): Uint8Array {
  const odds = new Map<string, number>();
  let range = 2 ** 32 - 1;
  let next = 0;
  let code = 0;
  const byte = () => {
    code = code * 256 + (bytes[next++] ?? 0);
  };
  for (let count = 0; count < 4; count++) byte();
  const bit = (place: string): number => {
    const zero = odds.get(place) ?? 1024;
    const bound = Math.floor(range / 2048) * zero;
    const one = code >= bound;
    odds.set(place, one ? zero - Math.floor(zero / 16) : zero + Math.floor((2048 - zero) / 16));
    if (one) code -= bound;
    range = one ? range - bound : bound;
    for (; range < 2 ** 24; range *= 256) byte();
    return one ? 1 : 0;
  };
  const tree = (place: string, bits: number): number => {
    let path = "1";
    while (path.length <= bits) path += bit(`${place} ${path}`);
    return Number.parseInt(path, 2) - 2 ** bits;
  };
  const number = (place: string): number => {
    let value = 1;
    for (let bits = tree(place, 5); bits > 0; bits--) value = value * 2 + bit(`${place}, ${bits}`);
    return value;
  };
  const memory = new Uint8Array(length);
  let copied = 0;
  let distance = 0;
  for (let to = 0; to < length; ) {
    copied = bit(`copy after ${copied}`);
    if (copied === 0) {
      memory[to] = tree(to > 0 && memory[to - 1] === 0 ? "byte after zero" : "byte", 8);
      to++;
      continue;
    }
    if (bit("again") === 0) distance = number("distance");
    expect(distance).toBeLessThanOrEqual(to);
    for (let count = number("length"); count > 0; count--, to++)
      memory[to] = memory[to - distance]!;
    expect(to).toBeLessThanOrEqual(length);
  }
  expect(next).toBeGreaterThanOrEqual(bytes.length);
  return memory;
}

function whole(segments: readonly Segment[], start: number): Uint8Array {
  const end = Math.max(...segments.map(({ offset, bytes }) => offset + bytes.length));
  const memory = new Uint8Array(end - start);
  for (const { offset, bytes } of segments) memory.set(bytes, offset - start);
  return memory;
}

test("what is packed is unpacked as it was, whatever the segments", () => {
  const letters = fc.array(fc.constantFrom(0, 0, 0, 65, 66, 255), { maxLength: 600 });
  const segment = fc.record({
    offset: fc.oneof(fc.nat(2000), fc.nat(200_000)),
    bytes: fc.oneof(
      fc.uint8Array({ minLength: 1, maxLength: 300 }),
      letters.map((list) => Uint8Array.from(list)),
    ),
  });
  fc.assert(
    fc.property(fc.array(segment, { minLength: 1, maxLength: 12 }), (segments) => {
      const filled = segments.filter(({ bytes }) => bytes.length > 0);
      if (filled.length === 0) return;
      const packed = packData(filled);
      expect(Buffer.compare(unpack(packed), whole(filled, packed.start))).toBe(0);
    }),
    { numRuns: 300, seed: 5 },
  );
});

test("texts of 16 bits a letter, runs and long gaps take little room", () => {
  const text =
    "a text in two bytes a letter, as AssemblyScript has them, of words and words and more words";
  const size = (bytes: Uint8Array) => packData([{ offset: 0, bytes }]).bytes.length;
  expect(size(Buffer.from(text, "utf16le"))).toBeLessThan(text.length);
  expect(size(new Uint8Array(5000).fill(7))).toBeLessThan(10);
  const far = { offset: 900_000, bytes: Uint8Array.of(1) };
  const gap = packData([{ offset: 64, bytes: Uint8Array.of(1) }, far]);
  expect(gap).toMatchObject({ start: 64, length: 900_001 - 64 });
  expect(gap.bytes.length).toBeLessThan(14);
  expect(packData([])).toEqual({ start: 0, length: 0, bytes: new Uint8Array() });
});
