// Segments of TCP in large frames, both ways, against frames that the test makes and cuts itself. The image sends every frame back.
import { join } from "node:path";
import fc from "fast-check";
import { beforeAll, describe, expect, test } from "vitest";
import type { ImageParts } from "../../linker/node-host/image.ts";
import { link } from "../recipes/link.ts";
import { projectRoot } from "../support/unipkg.ts";
import { Domain } from "./domain.ts";
import { Netback } from "./netback.ts";
import { cut, headersOf, joined, type SegmentShape, segment, usualShape } from "./segments.ts";

let parts: ImageParts;

beforeAll(async () => {
  const app = join(projectRoot, "test/recipes/apps/netdev-probe");
  parts = await link(app, {}, { netdev: "netfront" });
});

async function connected(takes: boolean): Promise<{ domain: Domain; back: Netback }> {
  const domain = await Domain.start(parts, (each) => {
    Netback.prepare(each);
    Netback.offload(each, takes);
  });
  const back = new Netback(domain);
  back.connect();
  return { domain, back };
}

const text = (length: number, from = 0) =>
  Buffer.from(Array.from({ length }, (_, index) => (7 * index + from + (index >> 8)) & 0xff));

const hex = (frames: readonly Buffer[]) => frames.map((each) => each.toString("hex"));

const padded = (frame: Buffer) =>
  Buffer.concat([frame, Buffer.alloc(Math.max(0, 60 - frame.length))]);

/** Without the identification of IPv4, which says nothing of a packet that is not to be fragmented (RFC 6864), and its header's checksum. */
function anonymous(frame: Buffer): Buffer {
  if (frame.readUInt16BE(12) !== 0x0800) return frame;
  return Buffer.from(frame).fill(0, 18, 20).fill(0, 24, 26);
}

const shapes = fc.record({
  six: fc.boolean(),
  options: fc.constantFrom(0, 12, 40),
  sequence: fc.nat({ max: 0xffff_ffff }),
  flags: fc.constantFrom(0x10, 0x18),
  identification: fc.constantFrom(0, 0xfffe),
});

describe("to the back end", () => {
  test("segments that follow one another go as one frame", async () => {
    const { back } = await connected(true);
    const all = text(30 * 1448);
    for (const frame of cut(usualShape, all, 1448)) back.deliver(frame);
    const notified = back.notified;
    back.ring();
    expect(back.details).toHaveLength(1);
    const [{ bytes, ...told }] = back.details as [(typeof back.details)[0]];
    expect(told).toEqual({ blank: true, segments: { size: 1448, type: 1 }, parts: 11 });
    expect(bytes.equals(joined(usualShape, all))).toBe(true);
    // Of the frame, and of pages that are free again.
    expect(back.notified - notified).toBeLessThanOrEqual(2);
  });

  test("those of any shape do, and all comes back as it was", async () => {
    const { back } = await connected(true);
    const size = fc.integer({ min: 512, max: 1400 });
    const length = fc.integer({ min: 1, max: 80_000 });
    await fc.assert(
      fc.asyncProperty(shapes, size, length, async (shape, each, total) => {
        const all = text(total, each);
        const frames = cut(shape, all, each);
        back.sent.length = 0;
        back.details.length = 0;
        for (const frame of frames) back.deliver(frame);
        back.ring();
        const again = back.details.flatMap(({ bytes, segments, blank }) => {
          if (segments === null) {
            expect(blank).toBe(false);
            return [bytes];
          }
          expect(segments).toEqual({ size: each, type: shape.six ? 2 : 1 });
          const transport = shape.six ? 54 : 34;
          const own = {
            ...shape,
            sequence: bytes.readUInt32BE(transport + 4),
            flags: bytes[transport + 13]!,
            identification: shape.six ? 0 : bytes.readUInt16BE(18),
          };
          const inside = bytes.subarray(headersOf(shape));
          expect(bytes.equals(joined(own, inside))).toBe(true);
          return cut(own, inside, each);
        });
        expect(hex(again.map(anonymous))).toEqual(hex(frames.map(padded).map(anonymous)));
        expect(Math.max(...back.details.map(({ bytes }) => bytes.length))).toBeLessThan(65536);
        if (frames.length > 60) expect(back.details.length).toBeLessThan(frames.length / 10);
        expect(back.pages).toBe(256);
      }),
      { seed: 5, numRuns: Number(process.env["UNIPKG_CASES"] ?? 40) },
    );
  });

  const next = { ...usualShape, sequence: usualShape.sequence + 1000 };
  test.each([
    ["a gap", segment({ ...next, sequence: next.sequence + 1 }, text(1000))],
    ["a number again", segment(usualShape, text(1000))],
    ["another acknowledgment", segment(next, text(1000)).fill(9, 42, 46)],
    ["another window", segment(next, text(1000)).fill(9, 48, 50)],
    ["other options", segment(next, text(1000)).fill(9, 60, 64)],
    ["another port", segment(next, text(1000)).fill(9, 36, 38)],
    ["another address", segment(next, text(1000)).fill(9, 30, 34)],
    ["an end", segment({ ...next, flags: 0x11 }, text(1000))],
    ["more text", segment(next, text(1001))],
    ["no text", segment(next, text(0))],
    ["another version", segment({ ...next, six: true }, text(1000))],
    ["no TCP", Buffer.alloc(1066, 1)],
  ])("what does not follow goes by itself: %s", async (_, other) => {
    const { back } = await connected(true);
    const first = segment(usualShape, text(1000));
    back.deliver(first);
    back.deliver(other);
    back.ring();
    expect(back.details.map(({ segments }) => segments)).toEqual([null, null]);
    expect(hex(back.sent)).toEqual(hex([first, other]));
  });

  test("a short one, and one that is to be pushed, are the last", async () => {
    const { back } = await connected(true);
    const pushed = { ...usualShape, flags: 0x18 };
    for (const frame of cut(pushed, text(2500), 1000)) back.deliver(frame);
    for (const frame of cut({ ...pushed, sequence: usualShape.sequence + 2500 }, text(2000), 1000))
      back.deliver(frame);
    back.ring();
    expect(back.details.map(({ bytes }) => bytes.length - 66)).toEqual([2500, 2000]);
    expect(back.details.map(({ bytes }) => bytes[47])).toEqual([0x18, 0x18]);
  });

  test("a back end that takes whole frames only gets those", async () => {
    const { back } = await connected(false);
    const frames = cut(usualShape, text(20 * 1448), 1448);
    for (const frame of frames) back.deliver(frame);
    back.ring();
    expect(hex(back.sent)).toEqual(hex(frames));
  });

  test("one that is replaced is asked anew what it takes", async () => {
    const { domain, back } = await connected(true);
    const frames = cut(usualShape, text(20 * 1448), 1448);
    const send = () => {
      back.details.length = 0;
      for (const frame of frames) back.deliver(frame);
      back.ring();
      return back.details.length;
    };
    const replace = (takes: boolean) => {
      back.enter(6);
      Netback.offload(domain, takes);
      back.enter(2);
      back.connect();
    };
    expect(send()).toBe(1);
    replace(false);
    expect(send()).toBe(20);
    replace(true);
    expect(send()).toBe(1);
  });

  test("one that goes while segments wait has none of them twice", async () => {
    const { domain, back } = await connected(true);
    back.stalled = true;
    for (const frame of cut(usualShape, text(100_000), 1448)) back.deliver(frame);
    back.ring();
    back.enter(6);
    back.stalled = false;
    back.enter(2);
    back.connect();
    expect(back.sent).toEqual([]);
    back.deliver(segment(usualShape, text(700)));
    back.ring();
    expect(hex(back.sent)).toEqual(hex([segment(usualShape, text(700))]));
    expect(domain.printed).toMatch(/up\ndown\nup\n$/);
  });
});

describe("from the back end", () => {
  test("a frame of several segments is cut into them", async () => {
    const { back } = await connected(false);
    await fc.assert(
      fc.asyncProperty(
        shapes,
        fc.integer({ min: 600, max: 1400 }),
        fc.integer({ min: 1, max: 65_000 }),
        fc.constantFrom(4096, 1000, 3333),
        async (shape, size, total, part) => {
          const all = text(total, size);
          // CWR and FIN, too: whoever made the frame may have had them.
          const flags = shape.flags | (total % 2) | (total % 3 === 0 ? 0x80 : 0);
          const own: SegmentShape = { ...shape, flags };
          const shown = joined(own, all);
          back.sent.length = 0;
          back.deliverSegments(shown, size, shape.six ? 2 : 1, part);
          back.ring();
          expect(hex(back.sent)).toEqual(hex(cut(own, all, size).map(padded)));
          expect(back.pages).toBe(256);
        },
      ),
      { seed: 6, numRuns: Number(process.env["UNIPKG_CASES"] ?? 40) },
    );
  });

  test("a request that is answered out of its turn ends the device, not the image", async () => {
    const { domain, back } = await connected(false);
    back.deliver(segment(usualShape, text(700)), { flags: 8, id: 1 });
    back.deliver(segment(usualShape, text(700)));
    back.ring();
    expect(back.sent).toEqual([]);
    expect(domain.wish.kind).not.toBe("end");
    expect(domain.printed).toMatch(/up\ndown\n$/);
  });

  test("more than a frame can be is left out, as is what is no TCP or of another kind", async () => {
    const { domain, back } = await connected(false);
    const large = joined(usualShape, text(60_000));
    const padding = Buffer.alloc(10_000);
    back.deliverSegments(Buffer.concat([large, padding]), 1448, 1);
    back.deliverSegments(large.subarray(0, 3000), 1448, 1);
    back.deliverSegments(large, 0, 1, 4096, 2);
    const noTcp = Buffer.from(large);
    noTcp[23] = 17;
    back.deliverSegments(noTcp, 1448, 1);
    back.deliver(segment(usualShape, text(700)));
    back.ring();
    expect(hex(back.sent)).toEqual(hex([segment(usualShape, text(700))]));
    expect(back.pages).toBe(256);
    expect(domain.printed).toMatch(/up\n$/);
  });
});
