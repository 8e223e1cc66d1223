import { beforeAll, describe, expect, test } from "vitest";
import { stackModule } from "./support/build.ts";
import * as frame from "./support/frame.ts";
import { Stack, type StackOptions } from "./support/stack.ts";
import type { WasmModule } from "./support/webassembly.ts";

let module: WasmModule;
beforeAll(async () => {
  module = await stackModule();
});

const ours = 0x020000000001n;
const theirs = 0x020000000002n;
const broadcast = 0xffffffffffffn;
const us = "10.0.0.1";
const them = "10.0.0.2";

/** A stack whose frames are kept. */
class Bench {
  readonly stack: Stack;
  readonly sent: Uint8Array[] = [];
  now = 1e9;

  constructor(options: Partial<StackOptions> = {}) {
    this.stack = new Stack(module, {
      address: `${us}/24`,
      gateway: "10.0.0.254",
      hardware: ours,
      seed: 1,
      now: this.now,
      ...options,
    });
    this.stack.transmit = (sent) => {
      this.sent.push(sent);
      return true;
    };
    this.stack.begin();
    this.sent.length = 0;
  }

  /** Lets time pass. */
  wait(seconds: number): void {
    const until = this.now + seconds * 1e9;
    while (this.stack.deadline <= until) {
      this.now = Math.max(this.now, this.stack.deadline);
      this.stack.advance(this.now);
    }
    this.now = until;
    this.stack.setTime(until);
  }

  arp(operation: number, sender: string, target: string, hardware = theirs): void {
    const payload = frame.arp(operation, hardware, sender, 0n, target);
    this.stack.deliver(
      frame.ethernet(operation === 1 ? broadcast : ours, hardware, 0x0806, payload),
    );
  }

  packet(
    packet: Partial<frame.Packet> & { protocol: number; payload: Uint8Array },
    to = ours,
  ): void {
    const bytes = frame.ipv4({ source: them, destination: us, ...packet });
    this.stack.deliver(frame.ethernet(to, theirs, 0x0800, bytes));
  }

  /** What was sent since the last call, without the headers that are the same always. */
  take(): { type: number; to: bigint; payload: Buffer }[] {
    return this.sent.splice(0).map((bytes) => frame.readEthernet(bytes));
  }

  /** The packets that were sent since the last call; others are not expected. */
  packets(): ReturnType<typeof frame.readIpv4>[] {
    return this.take().map(({ type, payload }) => {
      expect(type).toBe(0x0800);
      return frame.readIpv4(payload);
    });
  }
}

const text = (string: string) => Buffer.from(string);

describe("ARP", () => {
  test("RFC 826: a request for our address is answered, and its sender learned", () => {
    const bench = new Bench();
    bench.arp(1, them, us);
    const [answer] = bench.take();
    expect(answer?.to).toBe(theirs);
    expect(Buffer.compare(answer!.payload, Buffer.from(frame.arp(2, ours, us, theirs, them)))).toBe(
      0,
    );
    bench.stack.bind(1000, () => undefined)!.send(them, 2000, text("x"));
    expect(bench.take().map(({ type, to }) => [type, to])).toEqual([[0x0800, theirs]]);
  });

  test("RFC 826: a request for another is not answered, nor is its sender learned", () => {
    const bench = new Bench();
    bench.arp(1, them, "10.0.0.9");
    expect(bench.take()).toEqual([]);
    bench.stack.bind(1000, () => undefined)!.send(them, 2000, text("x"));
    expect(bench.take().map(({ type, to }) => [type, to])).toEqual([[0x0806, broadcast]]);
  });

  test("RFC 1122, 2.3.2: packets wait for the address; the oldest go when there are too many", () => {
    const bench = new Bench();
    const socket = bench.stack.bind(1000, () => undefined)!;
    for (let i = 0; i < 12; i++) expect(socket.send(them, 2000, text(String(i)))).toBe(true);
    expect(bench.take()).toHaveLength(1);
    bench.arp(2, them, us);
    expect(bench.packets().map(({ payload }) => String(Buffer.from(payload).subarray(8)))).toEqual([
      "4",
      "5",
      "6",
      "7",
      "8",
      "9",
      "10",
      "11",
    ]);
  });

  test("RFC 1122, 2.3.2.1: a silent neighbour is asked three times, once a second, then given up", () => {
    const bench = new Bench();
    bench.stack.bind(1000, () => undefined)!.send(them, 2000, text("x"));
    bench.wait(10);
    expect(bench.take().map(({ type }) => type)).toEqual([0x0806, 0x0806, 0x0806]);
    expect(bench.stack.deadline).toBe(Number.POSITIVE_INFINITY);
  });

  test("a connection to a silent neighbour ends as unreachable", () => {
    const bench = new Bench();
    const reasons: number[] = [];
    bench.stack.connect(them, 80, { onClose: (reason) => reasons.push(reason) });
    bench.wait(10);
    expect(reasons).toEqual([3]);
    expect(bench.stack.connections).toBe(0);
  });

  test("an address is confirmed at its owner after a minute, while it is used", () => {
    const bench = new Bench();
    bench.arp(1, them, us);
    bench.take();
    const socket = bench.stack.bind(1000, () => undefined)!;
    bench.wait(61);
    socket.send(them, 2000, text("x"));
    expect(bench.take().map(({ type, to }) => [type, to])).toEqual([
      [0x0806, theirs],
      [0x0800, theirs],
    ]);
  });

  test("the table has a limit, and the neighbour that was not used for longest goes", () => {
    const bench = new Bench({ settings: { neighbourLimit: 4 } });
    for (let i = 10; i < 200; i++) {
      bench.wait(0.001);
      bench.arp(1, `10.0.0.${i}`, us, 0x020000000000n + BigInt(i));
    }
    bench.take();
    const socket = bench.stack.bind(1000, () => undefined)!;
    socket.send("10.0.0.199", 1, text("x"));
    socket.send("10.0.0.10", 1, text("x"));
    expect(bench.take().map(({ type }) => type)).toEqual([0x0800, 0x0806]);
  });

  test("what is not on the link goes to the gateway", () => {
    const bench = new Bench();
    bench.stack.bind(1000, () => undefined)!.send("192.0.2.1", 2000, text("x"));
    const [request] = bench.take();
    expect(request!.payload.subarray(24, 28).join(".")).toBe("10.0.0.254");
    const bare = new Bench({ gateway: "0.0.0.0" });
    expect(bare.stack.bind(1000, () => undefined)!.send("192.0.2.1", 2000, text("x"))).toBe(false);
  });
});

describe("ICMP", () => {
  test("RFC 1122, 3.2.2.6: an echo request is answered with its data, fragments and all", () => {
    const bench = new Bench();
    bench.arp(1, them, us);
    bench.take();
    bench.packet({ protocol: 1, payload: frame.icmp(8, 0, 0x12345678, text("hello")) });
    const [reply] = bench.packets();
    expect(Buffer.from(reply!.payload)).toEqual(
      Buffer.from(frame.icmp(0, 0, 0x12345678, text("hello"))),
    );
    const large = new Uint8Array(4000).map((_, i) => i * 7);
    const whole = frame.icmp(8, 0, 1, large);
    for (let at = 0; at < whole.length; at += 1480) {
      bench.packet({
        protocol: 1,
        identification: 77,
        fragmentOffset: at,
        moreFragments: at + 1480 < whole.length,
        payload: whole.subarray(at, at + 1480),
      });
    }
    const pieces = bench.packets();
    expect(
      pieces.map(({ fragmentOffset, moreFragments }) => [fragmentOffset, moreFragments]),
    ).toEqual([
      [0, true],
      [1480, true],
      [2960, false],
    ]);
    expect(Buffer.concat(pieces.map(({ payload }) => payload))).toEqual(
      Buffer.from(frame.icmp(0, 0, 1, large)),
    );
  });

  test("RFC 1122, 3.2.2: nothing is said about errors, groups, wrong checksums and later fragments", () => {
    const bench = new Bench();
    bench.arp(1, them, us);
    bench.take();
    const datagram = frame.udp(them, 1, us, 2, text("x"));
    const bad = Buffer.from(frame.icmp(8, 0, 1, text("x")));
    bad[7]! ^= 1;
    bench.packet({ protocol: 1, payload: bad });
    bench.packet({
      protocol: 1,
      payload: frame.icmp(
        3,
        3,
        0,
        frame.ipv4({ source: us, destination: them, protocol: 17, payload: datagram }),
      ),
    });
    bench.packet(
      {
        protocol: 17,
        destination: "10.0.0.255",
        payload: frame.udp(them, 1, "10.0.0.255", 2, text("x")),
      },
      broadcast,
    );
    bench.packet(
      { protocol: 1, destination: "10.0.0.255", payload: frame.icmp(8, 0, 1, text("x")) },
      broadcast,
    );
    bench.packet({ protocol: 17, source: "10.0.0.255", payload: datagram });
    bench.packet({ protocol: 17, source: "224.0.0.1", payload: datagram });
    bench.packet({ protocol: 17, payload: datagram }, broadcast);
    expect(bench.take()).toEqual([]);
  });

  test("RFC 1122, 3.2.2.1: closed ports and unknown protocols are unreachable, within a limit", () => {
    const bench = new Bench({ settings: { errorRate: 3 } });
    bench.arp(1, them, us);
    bench.take();
    const datagram = frame.udp(them, 1, us, 2, text("some data"));
    bench.packet({ protocol: 17, payload: datagram });
    bench.packet({ protocol: 200, payload: text("what is this") });
    const [port, protocol] = bench.packets();
    expect([...port!.payload.subarray(0, 2), ...protocol!.payload.subarray(0, 2)]).toEqual([
      3, 3, 3, 2,
    ]);
    const quoted = frame.ipv4({ source: them, destination: us, protocol: 17, payload: datagram });
    expect(Buffer.from(port!.payload.subarray(8))).toEqual(Buffer.from(quoted.subarray(0, 28)));
    for (let i = 0; i < 10; i++) bench.packet({ protocol: 17, payload: datagram });
    expect(bench.packets()).toHaveLength(1);
    bench.wait(1);
    bench.packet({ protocol: 17, payload: datagram });
    expect(bench.packets()).toHaveLength(1);
  });
});

describe("fragments", () => {
  const data = new Uint8Array(5000).map((_, i) => i * 13);
  const whole = frame.udp(them, 7, us, 1000, data);
  const piece = (at: number, length: number, identification = 5) => ({
    protocol: 17,
    identification,
    fragmentOffset: at,
    moreFragments: at + length < whole.length,
    payload: whole.subarray(at, at + length),
  });

  test("RFC 791: fragments in any order, some twice, make one datagram", () => {
    const bench = new Bench();
    const got: Uint8Array[] = [];
    bench.stack.bind(1000, (_address, _port, bytes) => got.push(bytes));
    for (const at of [3000, 0, 1000, 1000, 4000, 2000]) {
      bench.packet(piece(at, at === 4000 ? 1008 : 1000));
    }
    expect(got.map((bytes) => Buffer.compare(bytes, data))).toEqual([0]);
    bench.wait(60);
    expect(bench.take()).toEqual([]);
  });

  test("fragments that overlap are given up, as are those of packets that are too long", () => {
    const bench = new Bench();
    const got: Uint8Array[] = [];
    bench.stack.bind(1000, (_address, _port, bytes) => got.push(bytes));
    for (const at of [0, 992, 2000, 3000, 4000]) bench.packet(piece(at, at === 4000 ? 1008 : 1008));
    for (let at = 0; at <= 65528; at += 1000) {
      bench.packet({ ...piece(0, 1000, 6), fragmentOffset: at, moreFragments: true });
    }
    expect(got).toEqual([]);
  });

  test("RFC 792: a packet that does not become whole is told to its sender, if its beginning is there", () => {
    const bench = new Bench();
    bench.arp(1, them, us);
    bench.take();
    bench.packet(piece(0, 1000, 1));
    bench.packet(piece(1000, 1000, 2));
    bench.wait(31);
    expect(bench.packets().map(({ payload }) => [...payload.subarray(0, 2)])).toEqual([[11, 1]]);
  });

  test("memory has a limit: old packets go for new ones", () => {
    const bench = new Bench({ settings: { reassemblyMemory: 65536 } });
    const got: Uint8Array[] = [];
    bench.stack.bind(1000, (_address, _port, bytes) => got.push(bytes));
    const before = bench.stack.memorySize;
    for (let i = 0; i < 5000; i++) bench.packet(piece(1000 * (i % 4), 1000, 1000 + i));
    for (const at of [0, 1000, 2000, 3000, 4000])
      bench.packet(piece(at, at === 4000 ? 1008 : 1000, 9));
    expect(got).toHaveLength(1);
    expect(bench.stack.memorySize - before).toBeLessThan(2 << 20);
  });
});

describe("UDP", () => {
  test("datagrams go both ways, empty ones and ones larger than a frame too", () => {
    const bench = new Bench();
    bench.arp(1, them, us);
    bench.take();
    const got: unknown[] = [];
    const socket = bench.stack.bind(1000, (address, port, bytes) =>
      got.push([address, port, String(Buffer.from(bytes))]),
    )!;
    bench.packet({ protocol: 17, payload: frame.udp(them, 7, us, 1000, text("hello")) });
    bench.packet({ protocol: 17, payload: frame.udp(them, 7, us, 1000, text("")) });
    expect(got).toEqual([
      [them, 7, "hello"],
      [them, 7, ""],
    ]);
    const large = new Uint8Array(65507).map((_, i) => i * 3);
    expect(socket.send(them, 7, large)).toBe(true);
    const pieces = bench.packets();
    expect(Buffer.concat(pieces.map(({ payload }) => payload))).toEqual(
      Buffer.from(frame.udp(us, 1000, them, 7, large)),
    );
    expect(socket.send(them, 7, new Uint8Array(65508))).toBe(false);
    expect(socket.send(them, 0, text("x"))).toBe(false);
  });

  test("RFC 768: a checksum is checked when there is one", () => {
    const bench = new Bench();
    let got = 0;
    bench.stack.bind(1000, () => got++);
    const good = Buffer.from(frame.udp(them, 7, us, 1000, text("hello")));
    const none = Buffer.from(good);
    none.writeUInt16BE(0, 6);
    const bad = Buffer.from(good);
    bad[8]! ^= 1;
    const long = Buffer.from(good);
    long.writeUInt16BE(14, 4);
    for (const payload of [good, none, bad, long]) bench.packet({ protocol: 17, payload });
    expect(got).toBe(2);
  });

  test("a port has one owner; 0 is any that is free; a closed one is free again", () => {
    const bench = new Bench();
    const first = bench.stack.bind(1000, () => undefined)!;
    expect(bench.stack.bind(1000, () => undefined)).toBeNull();
    first.close();
    expect(bench.stack.bind(1000, () => undefined)?.port).toBe(1000);
    const ports = [0, 0, 0].map(() => bench.stack.bind(0, () => undefined)!.port);
    expect(new Set(ports).size).toBe(3);
    for (const port of ports) expect(port).toBeGreaterThanOrEqual(32768);
  });
});

describe("what is not for us", () => {
  test("frames and packets for others, with bad headers or source routes, are not taken", () => {
    const bench = new Bench();
    let got = 0;
    bench.stack.bind(1000, () => got++);
    const payload = frame.udp(them, 7, us, 1000, text("x"));
    const good = Buffer.from(frame.ipv4({ source: them, destination: us, protocol: 17, payload }));
    const send = (bytes: Uint8Array, to = ours) =>
      bench.stack.deliver(frame.ethernet(to, theirs, 0x0800, bytes));
    send(good);
    expect(got).toBe(1);
    send(good, 0x020000000009n);
    bench.packet({
      protocol: 17,
      destination: "10.0.0.3",
      payload: frame.udp(them, 7, "10.0.0.3", 1000, text("x")),
    });
    bench.packet({
      protocol: 17,
      source: "127.0.0.1",
      payload: frame.udp("127.0.0.1", 7, us, 1000, text("x")),
    });
    bench.packet({ protocol: 17, source: us, payload: frame.udp(us, 7, us, 1000, text("x")) });
    const version = Buffer.from(good);
    version[0] = 0x65;
    const checksum = Buffer.from(good);
    checksum[10]! ^= 1;
    send(version);
    send(checksum);
    send(good.subarray(0, 19));
    send(good.subarray(0, good.length - 1));
    const routed = Buffer.concat([
      good.subarray(0, 20),
      Buffer.from([131, 7, 4, 1, 2, 3, 4, 0]),
      good.subarray(20),
    ]);
    routed[0] = 0x47;
    routed.writeUInt16BE(routed.length, 2);
    routed.writeUInt16BE(0, 10);
    routed.writeUInt16BE(frame.internetChecksum(routed.subarray(0, 28)), 10);
    send(routed);
    expect(got).toBe(1);
    // Another option does no harm, nor does padding behind the packet.
    routed.set([1, 1, 1, 1, 1, 1, 1, 0], 20);
    routed.writeUInt16BE(0, 10);
    routed.writeUInt16BE(frame.internetChecksum(routed.subarray(0, 28)), 10);
    send(routed);
    send(Buffer.concat([good, Buffer.alloc(20, 0xff)]));
    expect(got).toBe(3);
  });
});
