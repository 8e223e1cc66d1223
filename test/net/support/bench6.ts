import { expect } from "vitest";
import * as frame from "./frame.ts";
import { Stack, type StackOptions } from "./stack.ts";
import type { WasmModule } from "./webassembly.ts";

export const ours = 0x020000000001n;
export const theirs = 0x020000000002n;
export const routers = 0x0200000000fen;
export const us = "fd00::1";
export const them = "fd00::2";
/** What the stack makes of its hardware address (RFC 4291, appendix A). */
export const ourLinkLocal = "fe80::ff:fe00:1";
export const theirLinkLocal = "fe80::ff:fe00:2";
export const router = "fe80::fe";
const allNodes = "ff02::1";

export interface Sent {
  readonly to: bigint;
  readonly packet: ReturnType<typeof frame.readIpv6>;
}

/** Ethernet address of a group (RFC 2464, section 7). */
export function groupHardware(group: string): bigint {
  return frame
    .octets(group)
    .slice(12)
    .reduce((bits, octet) => (bits << 8n) | BigInt(octet), 0x3333n);
}

/** A stack with IPv6 whose frames are kept. Other hosts are what the test says. */
export class Bench6 {
  readonly stack: Stack;
  private sent: Sent[] = [];
  now = 1e9;

  constructor(module: WasmModule, options: Partial<StackOptions> = {}) {
    this.stack = new Stack(module, {
      address: "10.0.0.1/24",
      address6: `${us}/64`,
      hardware: ours,
      seed: 1,
      now: this.now,
      ...options,
      settings: { duplicateChecks: 0, ...options.settings },
    });
    this.stack.transmit = (bytes) => {
      const { type, to, payload } = frame.readEthernet(bytes);
      if (type === 0x86dd) this.sent.push({ to, packet: frame.readIpv6(payload) });
      return true;
    };
    this.stack.begin();
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

  /** What was sent since the last call, but for reports of groups. */
  take(): Sent[] {
    return this.sent.splice(0).filter(({ packet }) => packet.nextHeader !== 0);
  }

  /** The reports of groups that were sent since the last call; nothing else is kept. */
  takeReports(): ReturnType<typeof frame.readIcmpv6>[] {
    const reports = this.sent.splice(0).filter(({ packet }) => packet.nextHeader === 0);
    return reports.map(({ packet, to }) => {
      expect(packet.hopLimit).toBe(1);
      expect(to).toBe(groupHardware(packet.destination));
      // A router's alert (RFC 2711), padded.
      expect([...packet.payload.subarray(0, 8)]).toEqual([58, 0, 5, 2, 0, 0, 1, 0]);
      return frame.readIcmpv6({ ...packet, payload: packet.payload.subarray(8) });
    });
  }

  /** The messages of ICMP that were sent since the last call, each as `type to target`; others fail. */
  takeIcmp(): { type: number; code: number; rest: number; data: Buffer; to: string }[] {
    return this.take().map(({ packet }) => {
      expect(packet.nextHeader).toBe(58);
      return { ...frame.readIcmpv6(packet), to: packet.destination };
    });
  }

  deliver(packet: Partial<frame.Packet6> & { nextHeader: number; payload: Uint8Array }): void {
    this.deliverFrom(theirs, packet);
  }

  deliverFrom(
    hardware: bigint,
    packet: Partial<frame.Packet6> & { nextHeader: number; payload: Uint8Array },
    to?: bigint,
  ): void {
    const destination = packet.destination ?? us;
    const target = to ?? (destination.startsWith("ff") ? groupHardware(destination) : ours);
    const bytes = frame.ipv6({ source: them, ...packet, destination });
    this.stack.deliver(frame.ethernet(target, hardware, 0x86dd, bytes));
  }

  /** A message of ICMP comes. */
  icmp(
    message: { type: number; code?: number; rest?: number; data: Uint8Array },
    packet: Partial<frame.Packet6> = {},
    hardware = theirs,
  ): void {
    const source = packet.source ?? them;
    const destination = packet.destination ?? us;
    const { type, code = 0, rest = 0, data } = message;
    const payload = frame.icmpv6(source, destination, type, code, rest, data);
    this.deliverFrom(hardware, { ...packet, source, destination, nextHeader: 58, payload });
  }

  /** A neighbour asks for an address. */
  solicit(target: string, source = them, packet: Partial<frame.Packet6> = {}): void {
    const hardware = source === "::" ? null : theirs;
    const low = frame
      .octets(target)
      .slice(13)
      .map((octet) => octet.toString(16).padStart(2, "0"));
    const group = `ff02::1:ff${low[0]}:${low[1]}${low[2]}`;
    this.icmp(
      { type: 135, data: frame.neighbour(target, 1, hardware) },
      { source, destination: group, hopLimit: 255, ...packet },
    );
  }

  /** A neighbour says where an address is. */
  advertise(
    target: string,
    rest: number,
    hardware: bigint | null = theirs,
    packet: Partial<frame.Packet6> = {},
  ): void {
    this.icmp(
      { type: 136, rest, data: frame.neighbour(target, 2, hardware) },
      { source: target, hopLimit: 255, ...packet },
    );
  }

  /** A router says what there is. */
  advertiseRouter(
    lifetime: number,
    options: readonly Uint8Array[],
    packet: Partial<frame.Packet6> & { hops?: number } = {},
  ): void {
    const times = Buffer.alloc(8);
    const { hops = 64, ...rest } = packet;
    this.icmp(
      { type: 134, rest: hops * 2 ** 24 + lifetime, data: Buffer.concat([times, ...options]) },
      { source: router, destination: allNodes, hopLimit: 255, ...rest },
      routers,
    );
  }

  /** What is known of a neighbour by now: it is told where it is. */
  know(address = them): void {
    this.solicit(us, address);
    this.take();
  }
}

/** An option of a router with a prefix: on the link, and to make addresses of. */
export function prefix(
  address: string,
  valid: number,
  preferred: number,
  flags = 0xc0,
  length = 64,
): Uint8Array {
  const option = Buffer.alloc(32);
  option.set([3, 4, length, flags]);
  option.writeUInt32BE(valid, 4);
  option.writeUInt32BE(preferred, 8);
  option.set(frame.octets(address), 16);
  return option;
}

/** … with its own hardware address. */
export const routerHardware = Uint8Array.of(1, 1, ...frame.macOctets(routers));
