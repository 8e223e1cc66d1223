import { beforeAll, describe, expect, test } from "vitest";
import { stackModule } from "./support/build.ts";
import * as frame from "./support/frame.ts";
import { Random } from "./support/random.ts";
import { Stack } from "./support/stack.ts";
import type { WasmModule } from "./support/webassembly.ts";

/**
 * Frames that nobody should send, to a stack that serves: it must not trap, not hang and not grow. `NET_FUZZ` is how
 * many frames; the same seed gives the same frames.
 */
const frames = Number(process.env["NET_FUZZ"] ?? 60_000);

/** Linear memory at most: 3 MiB at rest, 8 MiB of pieces that the pool keeps for reuse, and buffers of 64 connections. */
const most = 16 << 20;

let module: WasmModule;
beforeAll(async () => {
  module = await stackModule();
});

const ours = 0x020000000001n;
const theirs = 0x020000000002n;
const us = "10.0.0.1";
const them = "10.0.0.2";

/** A stack with listeners, a socket and a client that connects again and again. */
class Target {
  readonly stack: Stack;
  now = 1e9;
  /** The latest segment that it sent, for frames that fit. */
  latest: frame.TcpSegment | null = null;

  constructor(seed: number, address: string | undefined) {
    this.stack = new Stack(module, {
      ...(address === undefined ? {} : { address }),
      hardware: ours,
      seed,
      now: this.now,
      settings: {
        backlog: 8,
        connectionLimit: 64,
        timeWait: 2,
        synRetries: 2,
        dataRetries: 3,
        keepAlive: 5,
      },
    });
    this.stack.transmit = (bytes) => this.check(bytes);
    this.stack.begin();
    this.stack.listen(80, (connection) => {
      connection.write(new Uint8Array(3000));
      return { onData: (data) => connection.write(data), onEnd: () => connection.close() };
    });
    const socket = this.stack.bind(53, (address4, port, data) => {
      socket.send(address4, port, data);
    })!;
  }

  step(random: Random): void {
    if (random.chance(0.02)) this.stack.connect(them, 80, { onOpen: () => undefined });
    if (!random.chance(0.1)) return;
    this.now += random.below(5e8);
    while (this.stack.deadline <= this.now) this.stack.advance(Math.max(this.stack.deadline, 0));
    this.stack.setTime(this.now);
  }

  /** What it sends is well-formed whatever it was sent. */
  private check(bytes: Uint8Array): boolean {
    const { type, payload } = frame.readEthernet(bytes);
    if (type === 0x0806) return true;
    const packet = frame.readIpv4(payload);
    if (packet.protocol === 6) this.latest = frame.readTcp(packet);
    return true;
  }
}

/** A frame that is right but for what chance changes. */
function make(random: Random, latest: frame.TcpSegment | null): Uint8Array {
  const kind = random.below(10);
  let type = 0x0800;
  let payload: Uint8Array;
  const data = new Uint8Array(random.below(random.chance(0.1) ? 1400 : 60)).map(() =>
    random.below(256),
  );
  const packet = (protocol: number, inner: Uint8Array): Uint8Array =>
    frame.ipv4({
      source: random.chance(0.95)
        ? them
        : random.pick(["10.0.0.255", "224.0.0.1", us, "0.0.0.0", "192.0.2.7"]),
      destination: random.chance(0.95)
        ? us
        : random.pick(["255.255.255.255", "10.0.0.255", "10.0.0.9"]),
      protocol,
      identification: random.below(4),
      moreFragments: random.chance(0.1),
      fragmentOffset: random.chance(0.1) ? 8 * random.below(8191) : 0,
      payload: inner,
    });
  if (kind < 6) {
    const near = (value: number) =>
      (value + random.pick([0, 0, 0, 1, -1, 100, 1000, 70000, -5000])) >>> 0;
    payload = packet(
      6,
      frame.tcp(them, us, {
        sourcePort:
          latest !== null && random.chance(0.7) ? latest.destinationPort : 1 + random.below(40),
        destinationPort:
          latest !== null && random.chance(0.7) ? latest.sourcePort : random.pick([80, 80, 81]),
        sequence:
          latest !== null && random.chance(0.9)
            ? near(latest.acknowledgment)
            : random.below(2 ** 32),
        acknowledgment:
          latest !== null && random.chance(0.9)
            ? near(latest.sequence + latest.data.length + (/[SF]/.test(latest.flags) ? 1 : 0))
            : random.below(2 ** 32),
        flags: random.chance(0.9)
          ? random.pick(["S", "S.", ".", ".", "P.", "P.", "F.", "R", "R."])
          : [..."FSRP.U"].filter(() => random.chance(0.5)).join(""),
        window: random.pick([0, 1, 1000, 65535]),
        options: {
          ...(random.chance(0.5) ? { mss: random.pick([0, 1, 536, 1460, 65535]) } : {}),
          ...(random.chance(0.5) ? { wscale: random.below(20) } : {}),
          ...(random.chance(0.5) ? { sackOK: true } : {}),
          ...(random.chance(0.5)
            ? { timestamps: [random.below(2 ** 32), random.below(2 ** 32)] as const }
            : {}),
          ...(random.chance(0.3)
            ? {
                sack: Array.from({ length: 1 + random.below(2) }, () => {
                  const left = near(latest?.sequence ?? 0);
                  return [left, near(left + 500)] as const;
                }),
              }
            : {}),
        },
        data,
      }),
    );
  } else if (kind === 6) {
    payload = packet(
      17,
      frame.udp(them, random.pick([67, 53, 5000]), us, random.pick([53, 68, 99]), data),
    );
  } else if (kind === 7) {
    payload = packet(
      1,
      frame.icmp(
        random.pick([0, 3, 3, 5, 8, 8, 11, 13]),
        random.below(6),
        random.below(2 ** 32),
        data,
      ),
    );
  } else if (kind === 8) {
    type = 0x0806;
    payload = frame.arp(
      random.below(3),
      random.chance(0.5) ? theirs : BigInt(random.below(2 ** 32)),
      random.pick([them, "10.0.0.7", us]),
      0n,
      random.pick([us, them]),
    );
  } else {
    // A DHCP answer, or something like it.
    const reply = Buffer.alloc(240 + random.below(60), random.below(256));
    reply.set([2, 1, 6], 0);
    reply.set(frame.macOctets(ours), 28);
    reply.writeUInt32BE(0x63825363, 236);
    payload = packet(17, frame.udp(them, 67, us, 68, reply));
  }
  const bytes = Buffer.from(
    frame.ethernet(random.chance(0.95) ? ours : 0xffffffffffffn, theirs, type, payload),
  );
  if (random.chance(0.5)) return bytes;
  // Half of the frames are damaged, and of these half have their checksums made good again, to get further in.
  const changes = 1 + random.below(4);
  for (let i = 0; i < changes; i++) bytes[random.below(bytes.length)] = random.below(256);
  const cut = random.chance(0.2) ? bytes.subarray(0, random.below(bytes.length + 1)) : bytes;
  return random.chance(0.5) ? cut : repaired(cut);
}

/** Makes the checksums of a damaged frame good again, where it is whole enough to have them. */
function repaired(bytes: Buffer): Buffer {
  const at = 14;
  if (bytes.length < at + 20 || bytes.readUInt16BE(12) !== 0x0800) return bytes;
  const header = (bytes[at]! & 15) * 4;
  const total = bytes.readUInt16BE(at + 2);
  if (header < 20 || bytes.length < at + total || total < header + 20) return bytes;
  bytes.writeUInt16BE(0, at + 10);
  bytes.writeUInt16BE(frame.internetChecksum(bytes.subarray(at, at + header)), at + 10);
  const protocol = bytes[at + 9]!;
  const body = bytes.subarray(at + header, at + total);
  const where = protocol === 6 ? 16 : protocol === 17 ? 6 : 2;
  const pseudo =
    protocol === 1
      ? Buffer.alloc(0)
      : Buffer.concat([
          bytes.subarray(at + 12, at + 20),
          Buffer.from([0, protocol, body.length >> 8, body.length & 255]),
        ]);
  body.writeUInt16BE(0, where);
  body.writeUInt16BE(frame.internetChecksum(pseudo, body), where);
  return bytes;
}

describe("fuzzing", () => {
  test.each([
    ["with an address", `${us}/24`],
    ["that asks DHCP", undefined],
  ])("a stack %s does not trap, hang or grow", (_name, address) => {
    const random = new Random(address === undefined ? 2 : 1);
    const target = new Target(1, address);
    for (let i = 0; i < frames / 2; i++) {
      const bytes = make(random, target.latest);
      try {
        target.stack.deliver(bytes);
        target.step(random);
      } catch (error) {
        throw new Error(
          `frame ${i} ${Buffer.from(bytes).toString("hex")}: ${(error as Error).message}`,
          { cause: error },
        );
      }
      if (i % 20_000 === 19_999) {
        expect(target.stack.connections).toBeLessThanOrEqual(64 + 4096);
        expect(target.stack.memorySize).toBeLessThanOrEqual(most);
      }
    }
    expect(target.stack.memorySize).toBeLessThanOrEqual(most);
    // When all is quiet, nothing is left.
    const stack = target.stack;
    for (let waited = 0; waited < 2000 && stack.connections > 0; waited++) {
      target.now += 1e9;
      while (stack.deadline <= target.now) stack.advance(stack.deadline);
      stack.setTime(target.now);
    }
    expect(stack.connections).toBe(0);
    expect(stack.buffers).toBe(0);
  });
});
