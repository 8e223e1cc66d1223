// Segments that go to the kernel together come out as they went in: joined by the unix runtime, taken apart by it again.
import { execFileSync, spawnSync } from "node:child_process";
import { join } from "node:path";
import fc from "fast-check";
import { afterAll, beforeAll, expect, test } from "vitest";
import { ethernet, ipv4, readIpv4, readTcp, tcp, udp } from "../net/support/frame.ts";
import { projectRoot, temporaryFolder } from "../support/unipkg.ts";

const runtime = join(projectRoot, "recipes/targets/unix/runtime");
const [us, peer] = ["10.0.0.2", "10.0.0.1"];
const folder = temporaryFolder();
const program = join(folder.path, "offload");

beforeAll(() => {
  const sources = [join(runtime, "offload.c"), join(projectRoot, "test/native/offload.c")];
  const safe = ["-O1", "-g", "-Wall", "-Wextra", "-fsanitize=address,undefined"];
  execFileSync("cc", [...safe, `-I${runtime}`, "-o", program, ...sources]);
});

afterAll(() => folder.remove());

function through(frames: readonly Uint8Array[]): { out: Buffer[]; pieces: number } {
  const input = frames.flatMap((frame) => [
    Uint8Array.of(frame.length & 255, frame.length >> 8),
    frame,
  ]);
  const { status, stdout, stderr } = spawnSync(program, {
    input: Buffer.concat(input),
    maxBuffer: 1 << 28,
  });
  expect(status, stderr.toString()).toBe(0);
  const out: Buffer[] = [];
  for (let at = 0; at < stdout.length; ) {
    const length = stdout.readUInt16LE(at);
    out.push(stdout.subarray(at + 2, at + 2 + length));
    at += 2 + length;
  }
  return { out, pieces: Number(stderr.toString()) };
}

/** One step of a conversation: a segment of text, or something else in between. */
const step = fc.oneof(
  {
    weight: 8,
    arbitrary: fc.record({
      kind: fc.constant("text"),
      length: fc.constantFrom(1448, 1448, 1448, 700, 1, 512),
      flags: fc.constantFrom(".", ".", ".", "P.", "F.", "S."),
    }),
  },
  fc.record({
    kind: fc.constantFrom("gap", "other port", "window", "timestamp", "udp", "short"),
    length: fc.constant(1448),
    flags: fc.constant("."),
  }),
);

test("what goes in comes out, but for the identification of packets, with right checksums", () => {
  fc.assert(
    fc.property(
      fc.array(step, { maxLength: 80 }),
      fc.integer({ min: 0, max: 0xffffffff }),
      (steps, first) => {
        let sequence = first;
        let window = 1000;
        let stamp = 5;
        const frames = steps.map(({ kind, length, flags }, index) => {
          if (kind === "gap") sequence += 1000;
          if (kind === "window") window++;
          if (kind === "timestamp") stamp++;
          const data = Buffer.alloc(kind === "short" ? 0 : length, index);
          const segment = {
            ...{
              sourcePort: kind === "other port" ? 81 : 80,
              destinationPort: 5000,
              acknowledgment: 9,
            },
            ...{
              sequence: sequence >>> 0,
              flags,
              window,
              data,
              options: { timestamps: [stamp, 7] as const },
            },
          };
          if (kind !== "other port" && kind !== "udp") sequence += data.length;
          const packet =
            kind === "udp"
              ? { protocol: 17, payload: udp(us, 1, peer, 2, data) }
              : { protocol: 6, payload: tcp(us, peer, segment) };
          return ethernet(
            1n,
            2n,
            0x0800,
            ipv4({ source: us, destination: peer, dontFragment: true, ...packet }),
          );
        });
        const { out, pieces } = through(frames);
        expect(pieces).toBeLessThanOrEqual(frames.length);
        const plain = (frame: Uint8Array) => {
          // Throws when a checksum is wrong.
          const packet = readIpv4(Buffer.from(frame).subarray(14));
          const content = packet.protocol === 6 ? readTcp(packet) : packet.payload;
          return {
            ethernet: Buffer.from(frame).toString("hex", 0, 14),
            content,
            dontFragment: packet.dontFragment,
          };
        };
        expect(out.map(plain)).toEqual(frames.map(plain));
      },
    ),
    { seed: 6, numRuns: Number(process.env["UNIPKG_CASES"] ?? 60) },
  );
});

test("a long run of full segments is few pieces", () => {
  const frames = Array.from({ length: 100 }, (_, index) => {
    const segment = {
      ...{ sourcePort: 80, destinationPort: 5000, sequence: index * 1448, acknowledgment: 9 },
      ...{ flags: ".", window: 10, options: {}, data: Buffer.alloc(1448, index) },
    };
    return ethernet(
      1n,
      2n,
      0x0800,
      ipv4({ source: us, destination: peer, protocol: 6, payload: tcp(us, peer, segment) }),
    );
  });
  expect(through(frames)).toMatchObject({ out: { length: 100 }, pieces: 3 });
});
