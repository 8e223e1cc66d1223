import { beforeAll, describe, expect, test } from "vitest";
import { stackModule } from "./support/build.ts";
import * as frame from "./support/frame.ts";
import { hostileFrame, type Latest, ours, them, them6, us, us6 } from "./support/hostile.ts";
import { Random } from "./support/random.ts";
import { Stack } from "./support/stack.ts";
import type { WasmModule } from "./support/webassembly.ts";

/**
 * Frames that nobody should send, to a stack that serves: it must not trap, not hang and not grow. `NET_FUZZ` is how
 * many frames, `NET_FUZZ_SEED` which ones: the same seed gives the same frames. In CI it is about a minute.
 */
const frames = Number(
  process.env["NET_FUZZ"] ?? (process.env["CI"] === undefined ? 240_000 : 1_200_000),
);
const firstSeed = Number(process.env["NET_FUZZ_SEED"] ?? 1);

/** Linear memory at most: 3 MiB at rest, 8 MiB of pieces that the pool keeps for reuse, and buffers of 64 connections. */
const most = 16 << 20;

let module: WasmModule;
beforeAll(async () => {
  module = await stackModule();
});

interface Kind {
  readonly name: string;
  readonly address?: string;
  readonly address6?: string;
}

const kinds: readonly Kind[] = [
  { name: "with an address", address: `${us}/24` },
  { name: "that asks DHCP" },
  { name: "with an address of IPv6", address: `${us}/24`, address6: `${us6}/64` },
  { name: "that asks routers", address: `${us}/24`, address6: "auto" },
];

/** A stack with listeners, a socket and a client that connects again and again. */
class Target {
  readonly stack: Stack;
  readonly six: boolean;
  now = 1e9;
  latest: Latest | null = null;

  constructor(seed: number, { address, address6 }: Kind) {
    this.six = address6 !== undefined;
    this.stack = new Stack(module, {
      ...(address === undefined ? {} : { address }),
      ...(address6 === undefined ? {} : { address6 }),
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
    const socket = this.stack.bind(53, (sender, port, data) => {
      socket.send(sender, port, data);
    })!;
  }

  step(random: Random): void {
    if (random.chance(0.02)) {
      const peer = this.six && random.chance(0.5) ? them6 : them;
      this.stack.connect(peer, 80, { onOpen: () => undefined });
    }
    if (random.chance(0.01)) {
      const peer = this.six && random.chance(0.5) ? them6 : them;
      this.stack.ping(peer, new Uint8Array(random.below(2000)), 1e9, () => undefined);
    }
    if (!random.chance(0.1)) return;
    this.now += random.below(5e8);
    while (this.stack.deadline <= this.now) this.stack.advance(Math.max(this.stack.deadline, 0));
    this.stack.setTime(this.now);
  }

  /** What it sends is well-formed whatever it was sent. */
  private check(bytes: Uint8Array): boolean {
    const { type, payload } = frame.readEthernet(bytes);
    if (type === 0x0806) return true;
    const packet = type === 0x86dd ? frame.readIpv6(payload) : frame.readIpv4(payload);
    const protocol = "nextHeader" in packet ? packet.nextHeader : packet.protocol;
    if (protocol === 6) {
      const { source, destination } = packet;
      this.latest = { segment: frame.readTcp(packet), source, destination };
    } else if ("nextHeader" in packet && protocol === 58) frame.readIcmpv6(packet);
    return true;
  }
}

describe("fuzzing", () => {
  test.each(kinds.map((kind, index) => [kind.name, kind, index] as const))(
    "a stack %s does not trap, hang or grow",
    (_name, kind, index) => {
      const seed = firstSeed * kinds.length + index;
      const random = new Random(seed);
      const target = new Target(seed, kind);
      for (let i = 0; i < frames / kinds.length; i++) {
        const bytes = hostileFrame(random, target.latest, target.six);
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
    },
    600_000,
  );
});
