// Frames in a stream: whatever the pieces, and whatever the bytes.
import fc from "fast-check";
import { expect, test } from "vitest";
import {
  FrameReader,
  framedLength,
  longestFrame,
  putFrame,
} from "../../linker/ethernet/framing.ts";

const numRuns = Number(process.env["UNIPKG_CASES"] ?? 500);

/** All frames, in pieces of the lengths; null when the reader gives up. */
function read(stream: Uint8Array, pieces: readonly number[]): number[][] | null {
  const reader = new FrameReader();
  const frames: number[][] = [];
  let at = 0;
  for (let index = 0; at < stream.length; index++) {
    const length = pieces.length === 0 ? stream.length : pieces[index % pieces.length]!;
    const chunk = stream.slice(at, at + length);
    at += length;
    if (!reader.push(chunk, (frame) => frames.push([...frame]))) return null;
    // What is handed out is the reader's again.
    chunk.fill(0xee);
  }
  return frames;
}

const pieces = fc.array(fc.integer({ min: 1, max: 4000 }), { maxLength: 8 });

test("what was put in comes out, however it was cut", () => {
  const frames = fc.array(fc.uint8Array({ maxLength: longestFrame, size: "max" }), {
    maxLength: 12,
  });
  fc.assert(
    fc.property(frames, pieces, (wanted, cuts) => {
      const total = wanted.reduce((sum, frame) => sum + framedLength(frame), 0);
      const stream = new Uint8Array(total);
      let at = 0;
      for (const frame of wanted) at = putFrame(stream, at, frame);
      expect(at).toBe(total);
      expect(read(stream, cuts)).toEqual(wanted.map((frame) => [...frame]));
    }),
    { seed: 1, numRuns },
  );
});

test("any bytes end in the same, however they were cut: frames, or a refusal", () => {
  const small = fc.integer({ min: 0, max: 30 }).map((length) => [0, 0, 0, length]);
  const bytes = fc
    .array(fc.oneof(small, fc.array(fc.nat(255), { maxLength: 40 })), { maxLength: 20 })
    .map((parts) => Uint8Array.from(parts.flat()));
  fc.assert(
    fc.property(bytes, pieces, (stream, cuts) => {
      expect(read(stream, cuts)).toEqual(read(stream, []));
    }),
    { seed: 2, numRuns },
  );
});

test("a length that no frame has is refused as soon as it is there", () => {
  for (const length of [longestFrame + 1, 0x10000, 0xffffffff]) {
    const prefix = new Uint8Array(4);
    new DataView(prefix.buffer).setUint32(0, length);
    expect(read(prefix, [])).toBeNull();
    expect(read(prefix, [1])).toBeNull();
  }
  // What a page can make a browser send to a port of this machine.
  expect(read(Buffer.from("POST / HTTP/1.1\r\n"), [])).toBeNull();
});
