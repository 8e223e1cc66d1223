// Packed data against a reader that was written from the format's description, and against what the image does with it.
import fc from "fast-check";
import { expect, test } from "vitest";
import { packData } from "../../linker/native/packed-data.ts";
import type { Segment } from "../../linker/snapshot.ts";

function unpack(packed: Uint8Array, length: number): Uint8Array {
  const memory = new Uint8Array(length);
  let to = 0;
  for (let at = 0; at < packed.length; ) {
    const c = packed[at++]!;
    if (c < 128) {
      memory.set(packed.subarray(at, at + c + 1), to);
      at += c + 1;
      to += c + 1;
      continue;
    }
    const distance = packed[at]! + 256 * packed[at + 1]!;
    at += 2;
    if (distance === 0) {
      to += Buffer.from(packed).readUInt32LE(at);
      at += 4;
    } else {
      expect(distance).toBeLessThanOrEqual(to);
      for (let count = c - 124; count > 0; count--, to++) memory[to] = memory[to - distance]!;
    }
  }
  expect(to).toBeLessThanOrEqual(length);
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
      const { start, bytes } = packData(filled);
      const memory = whole(filled, start);
      expect(Buffer.compare(unpack(bytes, memory.length), memory)).toBe(0);
    }),
    { numRuns: 300, seed: 5 },
  );
});

test("texts of 16 bits a letter, runs and long gaps take little room", () => {
  const text = Buffer.from("a text in two bytes a letter, as AssemblyScript has them", "utf16le");
  expect(packData([{ offset: 0, bytes: text }]).bytes.length).toBeLessThan(text.length);
  expect(packData([{ offset: 0, bytes: new Uint8Array(5000).fill(7) }]).bytes.length).toBeLessThan(
    125,
  );
  const far = { offset: 900_000, bytes: Uint8Array.of(1) };
  expect(packData([{ offset: 64, bytes: Uint8Array.of(1) }, far])).toEqual({
    start: 64,
    bytes: Uint8Array.of(0, 1, 128, 0, 0, ...[0x5f, 0xbb, 0x0d, 0], 0, 1),
  });
  expect(packData([]).bytes).toHaveLength(0);
});
