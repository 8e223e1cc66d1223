// The simulator's parts: virtual time, channels, switches, captures, the station.
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { fixedLeases } from "../../linker/ethernet/dhcp.ts";
import { Station } from "../../linker/ethernet/station.ts";
import { Capture } from "../../linker/simulator/capture.ts";
import { Channel, type Path } from "../../linker/simulator/channel.ts";
import { Random } from "../../linker/simulator/random.ts";
import { Schedule } from "../../linker/simulator/schedule.ts";
import { type Endpoint, Switch } from "../../linker/simulator/switch.ts";

const millisecond = 1e6;

function runAll(schedule: Schedule): void {
  for (let run = schedule.take(1e18); run !== null; run = schedule.take(1e18)) run();
}

test("a schedule is a stable sort by time", () => {
  fc.assert(
    fc.property(fc.array(fc.integer({ min: 0, max: 20 })), (times) => {
      const schedule = new Schedule();
      const happened: [number, number][] = [];
      for (const [index, time] of times.entries()) {
        schedule.at(time, () => happened.push([schedule.now, index]));
      }
      runAll(schedule);
      const sorted = times.map((time, index): [number, number] => [time, index]);
      expect(happened).toEqual(sorted.sort((a, b) => a[0] - b[0] || a[1] - b[1]));
    }),
    { seed: 1 },
  );
});

describe("a channel", () => {
  /** Sends `count` numbered frames of 1000 octets, one each `gap`: number and time of every arrival. */
  function arrivals(path: Path, count: number, gap: number): [frame: number, at: number][] {
    const schedule = new Schedule();
    const got: [number, number][] = [];
    const channel = new Channel(schedule, new Random(7), path, (frame) => {
      got.push([frame[0]! * 256 + frame[1]!, schedule.now]);
    });
    for (let index = 0; index < count; index++) {
      const frame = new Uint8Array(1000);
      frame[0] = index >> 8;
      frame[1] = index & 255;
      schedule.at(index * gap, () => channel.send(frame));
    }
    runAll(schedule);
    return got;
  }

  test("without faults brings every frame after its delay, in order", () => {
    expect(arrivals({ delay: 5 * millisecond }, 3, millisecond)).toEqual([
      [0, 5 * millisecond],
      [1, 6 * millisecond],
      [2, 7 * millisecond],
    ]);
  });

  test("with a bandwidth sends one frame after the other, and drops what its queue has no room for", () => {
    const path = { bandwidth: 8e6, queue: 2500 };
    // One octet a microsecond; three wait behind the one that is being sent.
    expect(arrivals(path, 6, 0).map(([frame, at]) => [frame, at / millisecond])).toEqual([
      [0, 1],
      [1, 2],
      [2, 3],
    ]);
  });

  test.each([
    ["loss", { loss: 0.1 }, 900],
    ["duplicate", { duplicate: 0.1 }, 1100],
    ["mtu", { mtu: 985 }, 0],
    ["none", { mtu: 986 }, 1000],
  ] as const)("with %s", (_, path, expected) => {
    const { length } = arrivals(path, 1000, millisecond);
    expect(Math.abs(length - expected)).toBeLessThanOrEqual(expected % 1000 === 0 ? 0 : 40);
  });

  test("that reorders brings all, some of them later than the next one", () => {
    const got = arrivals({ reorder: 0.2, delay: 10 * millisecond }, 1000, millisecond / 10);
    const order = got.map(([frame]) => frame);
    expect([...order].sort((a, b) => a - b)).toEqual(order.map((_, index) => index));
    const late = order.filter((frame, index) => frame < (order[index - 1] ?? 0)).length;
    expect(late).toBeGreaterThan(50);
  });

  test("that corrupts changes one bit, and never the sender's own bytes", () => {
    const schedule = new Schedule();
    const sent = new Uint8Array(100);
    let bits = 0;
    const channel = new Channel(schedule, new Random(3), { corrupt: 1 }, (frame) => {
      for (const octet of frame) for (let bit = 0; bit < 8; bit++) bits += (octet >> bit) & 1;
    });
    for (let count = 0; count < 50; count++) channel.send(sent);
    runAll(schedule);
    expect(bits).toBe(50);
    expect(sent.every((octet) => octet === 0)).toBe(true);
  });

  test("that is cut loses what is under way as well", () => {
    const schedule = new Schedule();
    let got = 0;
    const channel = new Channel(schedule, new Random(3), { delay: 10 }, () => got++);
    schedule.at(0, () => channel.send(new Uint8Array(60)));
    schedule.at(5, () => {
      channel.up = false;
      channel.send(new Uint8Array(60));
    });
    schedule.at(20, () => {
      channel.up = true;
      channel.send(new Uint8Array(60));
    });
    runAll(schedule);
    expect(got).toBe(1);
    expect(channel.tally).toMatchObject({ sent: 3, lost: 2 });
  });
});

test("a switch floods what it does not know and forwards what it has learned", () => {
  const schedule = new Schedule();
  const device = new Switch();
  const got: string[] = [];
  const ports = ["a", "b", "c"].map((name): Endpoint => {
    const port = device.port();
    port.out = new Channel(schedule, new Random(1), {}, (frame) =>
      got.push(`${name}<${frame[11]}`),
    );
    return port;
  });
  const send = (port: number, from: number, to: number) => {
    const frame = new Uint8Array(60);
    frame.set([2, 0, 0, 0, 0, to], 0);
    if (to === 255) frame.fill(255, 0, 6);
    frame.set([2, 0, 0, 0, 0, from], 6);
    ports[port]!.receive(frame);
    runAll(schedule);
    return got.splice(0).join(" ");
  };
  expect(send(0, 1, 2)).toBe("b<1 c<1");
  expect(send(1, 2, 1)).toBe("a<2");
  expect(send(0, 1, 2)).toBe("b<1");
  expect(send(2, 3, 255)).toBe("a<3 b<3");
  // It has moved.
  expect(send(2, 1, 2)).toBe("b<1");
  expect(send(1, 2, 1)).toBe("c<2");
});

test("a capture keeps the last frames within its limit, and every block says its length twice", () => {
  const capture = new Capture(10_000);
  const number = capture.interface("client.0");
  for (let index = 0; index < 100; index++) {
    capture.add(index, number, index % 2 === 0 ? "in" : "out", new Uint8Array(1000 - index));
  }
  expect(capture.dropped).toBeGreaterThanOrEqual(89);
  const file = Buffer.from(capture.encode());
  const types: number[] = [];
  for (let at = 0; at < file.length; ) {
    const length = file.readUInt32LE(at + 4);
    expect(length % 4).toBe(0);
    expect(file.readUInt32LE(at + length - 4)).toBe(length);
    types.push(file.readUInt32LE(at));
    at += length;
  }
  expect(types.slice(0, 2)).toEqual([0x0a0d0d0a, 1]);
  expect(types.slice(2)).toEqual(Array.from({ length: 100 - capture.dropped }, () => 6));
});

test("the station lives through any frame", () => {
  const address = 0x0a000001;
  const leases = fixedLeases(new Map([[0x020000000001, 0x0a000002]]));
  const server = { address, mask: 0xffffff00, router: address, leases };
  const station = new Station(0x02ff00000000, server);
  const own = [0x02, 0xff, 0, 0, 0, 0];
  const header = fc.constantFrom(
    [...own, 2, 0, 0, 0, 0, 1, 8, 6, 0, 1, 8, 0, 6, 4],
    [...own, 2, 0, 0, 0, 0, 1, 8, 0, 0x45, 0],
    [255, 255, 255, 255, 255, 255, 2, 0, 0, 0, 0, 1, 8, 0, 0x45, 0, 0, 60],
  );
  fc.assert(
    fc.property(header, fc.uint8Array({ maxLength: 400 }), (head, rest) => {
      station.receive(Uint8Array.of(...head, ...rest));
    }),
    { seed: 5, numRuns: Number(process.env["UNIPKG_CASES"] ?? 5000) },
  );
});
