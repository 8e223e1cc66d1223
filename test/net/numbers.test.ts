import { beforeAll, describe, expect, test } from "vitest";
import { stackModule } from "./support/build.ts";
import * as frame from "./support/frame.ts";
import { millisecond, Simulation, second } from "./support/simulation.ts";
import { type Connection, Stack } from "./support/stack.ts";
import { Sink, Source } from "./support/stream.ts";
import type { WasmModule } from "./support/webassembly.ts";

/** Numbers that follow from formulas: those that nobody may guess, and those of congestion. */

let module: WasmModule;
beforeAll(async () => {
  module = await stackModule();
});

const ours = 0x020000000001n;
const theirs = 0x020000000002n;
const us = "10.0.0.1";
const them = "10.0.0.2";

/** A stack whose peer is known, and the segments that it sends. */
function bench(seed: number, now = 1e9) {
  const stack = new Stack(module, { address: `${us}/24`, hardware: ours, seed, now });
  const sent: frame.TcpSegment[] = [];
  stack.transmit = (bytes) => {
    const { type, payload } = frame.readEthernet(bytes);
    if (type === 0x0800) sent.push(frame.readTcp(frame.readIpv4(payload)));
    return true;
  };
  stack.begin();
  const request = frame.arp(1, theirs, them, 0n, us);
  stack.deliver(frame.ethernet(0xffffffffffffn, theirs, 0x0806, request));
  const deliver = (part: Partial<frame.TcpSegment>, damage = 0) => {
    const segment = Buffer.from(
      frame.tcp(them, us, {
        ...{ sourcePort: 5000, destinationPort: 80, sequence: 100, acknowledgment: 0 },
        ...{ flags: "S", window: 65535, options: {}, data: new Uint8Array(0) },
        ...part,
      }),
    );
    segment[16]! ^= damage;
    const packet = frame.ipv4({ source: them, destination: us, protocol: 6, payload: segment });
    stack.deliver(frame.ethernet(ours, theirs, 0x0800, packet));
    return sent.splice(0);
  };
  return { stack, sent, deliver };
}

describe("RFC 6528: initial sequence numbers", () => {
  /** The number that the same four addresses and ports, or others, get after so many seconds. */
  const numberOf = (seed: number, seconds: number, sourcePort = 5000) => {
    const { stack, deliver } = bench(seed, 1e9 + seconds * 1e9);
    stack.listen(80, () => ({}));
    return deliver({ sourcePort })[0]!.sequence;
  };

  test("section 3: of one connection they follow a clock of 4 microseconds", () => {
    const first = numberOf(1, 0);
    expect((numberOf(1, 1) - first) >>> 0).toBe(250_000);
    expect((numberOf(1, 3600) - first) >>> 0).toBe((3600 * 250_000) % 2 ** 32);
  });

  test("section 3: those of other ports, and of other secrets, tell nothing of it", () => {
    const near = (a: number, b: number) => Math.min((a - b) >>> 0, (b - a) >>> 0) < 2 ** 12;
    const first = numberOf(1, 0);
    const others = Array.from({ length: 50 }, (_, i) => numberOf(1, 0, 5001 + i));
    const secrets = Array.from({ length: 50 }, (_, i) => numberOf(2 + i, 0));
    expect([...others, ...secrets].filter((number) => near(number, first))).toEqual([]);
    expect(new Set([...others, ...secrets]).size).toBe(100);
  });
});

describe("RFC 6056: local ports", () => {
  const portsOf = (seed: number, count: number) => {
    const { stack } = bench(seed);
    return Array.from({ length: count }, () => stack.connect(them, 80, {})!.localPort);
  };

  test("3.3: they are spread over their range, each once, and another run has others", () => {
    const ports = portsOf(1, 1000);
    expect(new Set(ports).size).toBe(1000);
    expect(Math.min(...ports)).toBeGreaterThanOrEqual(32768);
    expect(Math.max(...ports)).toBeLessThan(61000);
    // Each tenth of the range has its share; by chance alone a count is below 55 once in 10^6 runs.
    const tenths = Array<number>(10).fill(0);
    for (const port of ports) tenths[Math.floor(((port - 32768) * 10) / 28232)]!++;
    expect(Math.min(...tenths)).toBeGreaterThan(55);
    const next = ports.filter((port, i) => i > 0 && Math.abs(port - ports[i - 1]!) < 10);
    expect(next.length).toBeLessThan(20);
    expect(portsOf(2, 10)).not.toEqual(ports.slice(0, 10));
  });
});

describe("RFC 9293, 3.1 (MUST-2, MUST-3): checksums", () => {
  test("a segment with a wrong one is dropped, and every one sent is right", () => {
    const { stack, deliver } = bench(1);
    stack.listen(80, () => ({}));
    expect(deliver({}, 1)).toEqual([]);
    expect(stack.connections).toBe(0);
    expect(deliver({})).toMatchObject([{ flags: "S." }]);
  });
});

describe("RFC 9293, 3.9.2.3 (MUST-57): a connection is to one host", () => {
  test.each(["10.0.0.255", "255.255.255.255", "224.0.0.1", us])("not to %s", (address) => {
    expect(bench(1).stack.connect(address, 80, {})).toBeNull();
  });
});

describe("RFC 9438: CUBIC", () => {
  /** Segments sent in each round trip of 100 ms, from the loss of one segment on. */
  function windows(roundTrips: number, lossAfter: number): number[] {
    const net = new Simulation(module, 1);
    const client = net.host({ address: `${us}/24`, settings: { sendBuffer: 1 << 22 } });
    const server = net.host({ address: `${them}/24`, settings: { receiveBuffer: 1 << 22 } });
    net.link(client, server, { delay: 50 * millisecond });
    const sink = new Sink();
    server.listen(80, () => ({ onData: (data) => sink.take(data) }));
    let segments = 0;
    let lostAt = 0;
    const counts: number[] = [];
    const transmit = client.transmit;
    client.transmit = (bytes) => {
      if (bytes.length < 1000) return transmit(bytes);
      segments++;
      if (segments === lossAfter) {
        lostAt = net.now;
        return true;
      }
      if (lostAt > 0) {
        const index = Math.floor((net.now - lostAt) / (100 * millisecond));
        counts[index] = (counts[index] ?? 0) + 1;
      }
      return transmit(bytes);
    };
    const source = new Source(1e9, () => undefined);
    const connection: Connection = client.connect(them, 80, {
      onOpen: () => source.pump(connection),
      onWritable: () => source.pump(connection),
    })!;
    net.run(second * (4 + roundTrips / 10));
    return counts.slice(0, roundTrips);
  }

  test("4.2, 4.6: after a loss the window is 0.7 of what it was, and grows by the cubic around its old size", () => {
    const counts = windows(100, 400);
    // W(t) = 0.4 (t - K)^3 + W_max, with K = cbrt(0.3 W_max / 0.4), from the first whole round trip after the loss on:
    // so it comes to rest at W_max, by what it was reduced.
    const most = counts[1]! / 0.7;
    const rise = Math.cbrt((0.3 * most) / 0.4);
    for (let index = 1; index < 100; index++) {
      const elapsed = (index - 1) / 10;
      const wanted = 0.4 * (elapsed - rise) ** 3 + most;
      expect(Math.abs(counts[index]! - wanted) / wanted, `${index}: ${wanted}`).toBeLessThan(0.04);
    }
  });
});
