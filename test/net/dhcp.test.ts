import { beforeAll, describe, expect, test } from "vitest";
import { stackModule } from "./support/build.ts";
import * as frame from "./support/frame.ts";
import { Stack } from "./support/stack.ts";
import type { WasmModule } from "./support/webassembly.ts";

let module: WasmModule;
beforeAll(async () => {
  module = await stackModule();
});

const ours = 0x020000000001n;
const serverHardware = 0x0200000000fen;
const serverAddress = "10.0.0.254";
const types = ["", "DISCOVER", "OFFER", "REQUEST", "DECLINE", "ACK", "NAK"];

interface Message {
  readonly at: number;
  readonly type: string;
  readonly from: string;
  readonly to: string;
  readonly client: string;
  readonly requested: string | undefined;
  readonly server: string | undefined;
  readonly transaction: number;
}

/** A stack without an address, and a server that answers as the test says. */
class Bench {
  readonly stack: Stack;
  now = 1e9;
  /** What the client sent, in order. */
  readonly messages: Message[] = [];
  /** What the server answers a message with; null for nothing. */
  answer: (message: Message) => { type: string; address?: string; lease?: number } | null = () =>
    null;
  /** Addresses that others on the link have. */
  readonly taken = new Set<string>();
  private readonly replies: Uint8Array[] = [];

  constructor() {
    this.stack = new Stack(module, { hardware: ours, seed: 3, now: this.now });
    this.stack.transmit = (bytes) => {
      this.onFrame(bytes);
      return true;
    };
  }

  wait(seconds: number): void {
    const until = this.now + seconds * 1e9;
    this.deliver();
    while (this.stack.deadline <= until) {
      this.now = Math.max(this.now, this.stack.deadline);
      this.stack.advance(this.now);
      this.deliver();
    }
    this.now = until;
    this.stack.setTime(until);
  }

  get summary(): string[] {
    return this.messages.splice(0).map(({ type, to }) => `${type} ${to}`);
  }

  private deliver(): void {
    for (let next = this.replies.shift(); next !== undefined; next = this.replies.shift()) {
      this.stack.deliver(next);
    }
  }

  private onFrame(bytes: Uint8Array): void {
    const { type, payload, from } = frame.readEthernet(bytes);
    if (type === 0x0806) {
      const target = payload.subarray(24, 28).join(".");
      const isRequest = payload.readUInt16BE(6) === 1;
      const hardware = target === serverAddress ? serverHardware : 0x020000000077n;
      if (isRequest && (this.taken.has(target) || target === serverAddress)) {
        this.replies.push(
          frame.ethernet(from, hardware, 0x0806, frame.arp(2, hardware, target, from, "0.0.0.0")),
        );
      }
      return;
    }
    const packet = frame.readIpv4(payload);
    if (packet.protocol !== 17) return;
    const message = Buffer.from(packet.payload).subarray(8);
    expect([packet.payload[1], packet.payload[3]]).toEqual([68, 67]);
    expect(message.length).toBeGreaterThanOrEqual(300);
    const options = new Map<number, Buffer>();
    for (let at = 240; message[at] !== 255; at += 2 + message[at + 1]!) {
      options.set(message[at]!, message.subarray(at + 2, at + 2 + message[at + 1]!));
    }
    const sent: Message = {
      at: this.now,
      type: types[options.get(53)![0]!]!,
      from: packet.source,
      to: packet.destination,
      client: message.subarray(12, 16).join("."),
      requested: options.get(50)?.join("."),
      server: options.get(54)?.join("."),
      transaction: message.readUInt32BE(4),
    };
    this.messages.push(sent);
    const answer = this.answer(sent);
    if (answer !== null)
      this.reply(sent, answer.type, answer.address ?? "10.0.0.5", answer.lease ?? 3600);
  }

  reply(message: Message, type: string, address: string, lease: number): void {
    const reply = Buffer.alloc(240);
    reply[0] = 2;
    reply[1] = 1;
    reply[2] = 6;
    reply.writeUInt32BE(message.transaction, 4);
    reply.set(type === "NAK" ? [0, 0, 0, 0] : frame.octets(address), 16);
    reply.set(frame.macOctets(ours), 28);
    reply.writeUInt32BE(0x63825363, 236);
    const seconds = [24, 16, 8, 0].map((shift) => (lease >>> shift) & 255);
    const options = [
      ...[53, 1, types.indexOf(type), 54, 4, ...frame.octets(serverAddress)],
      ...(type === "NAK"
        ? []
        : [51, 4, ...seconds, 1, 4, 255, 255, 255, 0, 3, 4, ...frame.octets(serverAddress)]),
      255,
    ];
    const data = Buffer.concat([reply, Buffer.from(options)]);
    const to = message.client === "0.0.0.0" ? address : message.client;
    const payload = frame.udp(serverAddress, 67, to, 68, data);
    const packet = frame.ipv4({ source: serverAddress, destination: to, protocol: 17, payload });
    this.replies.push(frame.ethernet(ours, serverHardware, 0x0800, packet));
  }
}

/** A server that gives 10.0.0.5 to whoever asks. */
function willing(message: Message): { type: string } | null {
  if (message.type === "DISCOVER") return { type: "OFFER" };
  return message.type === "REQUEST" ? { type: "ACK" } : null;
}

describe("the DHCP client", () => {
  test("RFC 2131, 3.1: discovers, requests, probes and is bound", () => {
    const bench = new Bench();
    bench.answer = willing;
    bench.stack.begin();
    bench.wait(1);
    expect(
      bench.messages.map(({ type, from, to, requested, server }) => [
        type,
        from,
        to,
        requested,
        server,
      ]),
    ).toEqual([
      ["DISCOVER", "0.0.0.0", "255.255.255.255", undefined, undefined],
      ["REQUEST", "0.0.0.0", "255.255.255.255", "10.0.0.5", serverAddress],
    ]);
    expect(bench.stack.address).toBe("10.0.0.5");
    expect(bench.stack.log).toEqual(["tcpip: 10.0.0.5/24 by DHCP, gateway 10.0.0.254"]);
  });

  test("4.1: asks again with growing waits while nobody answers", () => {
    const bench = new Bench();
    bench.stack.begin();
    bench.wait(200);
    const waits = bench.messages
      .map(({ at }, i) => (at - (bench.messages[i - 1]?.at ?? at)) / 1e9)
      .slice(1);
    const wanted = [1, 2, 4, 8, 16, 32, 64, 64];
    waits.forEach((wait, i) => {
      expect(Math.abs(wait - wanted[i]!)).toBeLessThanOrEqual(wanted[i]! / 4 + 0.001);
    });
    expect(waits.length).toBeGreaterThanOrEqual(6);
    bench.answer = willing;
    bench.wait(100);
    expect(bench.stack.address).toBe("10.0.0.5");
  });

  test("4.4.1, RFC 5227: an address that another host has is declined", () => {
    const bench = new Bench();
    bench.taken.add("10.0.0.5");
    let offered = 0;
    bench.answer = (message) => {
      if (message.type === "DISCOVER") offered++;
      const address = offered > 1 ? "10.0.0.6" : "10.0.0.5";
      return message.type === "DISCOVER"
        ? { type: "OFFER", address }
        : message.type === "REQUEST"
          ? { type: "ACK", address }
          : null;
    };
    bench.stack.begin();
    bench.wait(9);
    expect(bench.messages.at(-1)).toMatchObject({
      type: "DECLINE",
      requested: "10.0.0.5",
      server: serverAddress,
    });
    expect(bench.stack.address).toBe("0.0.0.0");
    bench.wait(5);
    expect(bench.stack.address).toBe("10.0.0.6");
  });

  test("4.4.5: renews at half of the lease, rebinds at seven eighths, and gives the address up at its end", () => {
    const bench = new Bench();
    bench.answer = willing;
    bench.stack.begin();
    bench.wait(1);
    bench.messages.length = 0;
    bench.wait(1800);
    expect(
      bench.messages.map(({ type, from, to, client, requested, server }) => [
        type,
        from,
        to,
        client,
        requested,
        server,
      ]),
    ).toEqual([["REQUEST", "10.0.0.5", serverAddress, "10.0.0.5", undefined, undefined]]);
    bench.messages.length = 0;
    const boundAt = bench.now;
    bench.answer = () => null;
    const closed: number[] = [];
    bench.stack.connect("10.0.0.254", 80, { onClose: (reason) => closed.push(reason) });
    bench.wait(3600);
    const before = bench.messages.filter(({ to }) => to === serverAddress);
    const after = bench.messages.filter(
      ({ to, client }) => to === "255.255.255.255" && client === "10.0.0.5",
    );
    expect(before.length).toBeGreaterThan(1);
    expect(after.length).toBeGreaterThan(1);
    expect((after[0]!.at - boundAt) / 1e9).toBeCloseTo(3150, -1);
    expect(bench.stack.address).toBe("0.0.0.0");
    expect(bench.messages.at(-1)!.type).toBe("DISCOVER");
    expect(closed).toHaveLength(1);
    bench.answer = willing;
    bench.wait(100);
    expect(bench.stack.address).toBe("10.0.0.5");
  });

  test("3.2: a refusal makes it begin anew", () => {
    const bench = new Bench();
    let refusals = 1;
    bench.answer = (message) =>
      message.type === "REQUEST" && refusals-- > 0 ? { type: "NAK" } : willing(message);
    bench.stack.begin();
    bench.wait(5);
    expect(bench.summary.map((line) => line.split(" ")[0])).toEqual([
      "DISCOVER",
      "REQUEST",
      "DISCOVER",
      "REQUEST",
    ]);
    expect(bench.stack.address).toBe("10.0.0.5");
  });

  test("answers to others, of the wrong kind or cut off do nothing", () => {
    const bench = new Bench();
    bench.stack.begin();
    const [discover] = bench.messages as [Message];
    bench.reply({ ...discover, transaction: discover.transaction ^ 1 }, "OFFER", "10.0.0.5", 10);
    bench.reply(discover, "ACK", "10.0.0.5", 10);
    bench.reply(discover, "OFFER", "224.0.0.1", 10);
    bench.wait(0.5);
    expect(bench.summary).toEqual(["DISCOVER 255.255.255.255"]);
  });

  test("connections and listeners asked for before there is an address work once there is one", () => {
    const bench = new Bench();
    expect(bench.stack.listen(80, () => null)).not.toBeNull();
    expect(bench.stack.connect("10.0.0.254", 80, {})).not.toBeNull();
    let syns = 0;
    const transmit = bench.stack.transmit;
    bench.stack.transmit = (bytes) => {
      const { type, payload } = frame.readEthernet(bytes);
      if (type === 0x0800 && payload[9] === 6) {
        const packet = frame.readIpv4(payload);
        expect(packet.source).toBe("10.0.0.5");
        if (frame.readTcp(packet).flags === "S") syns++;
        return true;
      }
      return transmit(bytes);
    };
    bench.answer = willing;
    bench.wait(20);
    expect(syns).toBeGreaterThan(0);
  });
});
