/** Frames as a test writes and reads them: its own codec, so that an error of ours is not checked by itself. */
import { addressOctets, addressText } from "./address.ts";

export interface TcpOptions {
  readonly mss?: number;
  readonly wscale?: number;
  readonly sackOK?: boolean;
  readonly timestamps?: readonly [value: number, echo: number];
  readonly sack?: readonly (readonly [number, number])[];
}

export interface TcpSegment {
  readonly sourcePort: number;
  readonly destinationPort: number;
  readonly sequence: number;
  readonly acknowledgment: number;
  /** Of `F S R P . U`, where `.` is ACK. */
  readonly flags: string;
  readonly window: number;
  readonly options: TcpOptions;
  readonly data: Uint8Array;
}

export interface Packet {
  readonly source: string;
  readonly destination: string;
  readonly protocol: number;
  readonly payload: Uint8Array;
  readonly dontFragment?: boolean;
  readonly identification?: number;
  readonly fragmentOffset?: number;
  readonly moreFragments?: boolean;
}

const flagNames = "FSRP.U";

export function internetChecksum(...parts: readonly Uint8Array[]): number {
  const bytes = Buffer.concat(parts);
  let sum = 0;
  for (let i = 0; i < bytes.length; i += 2) sum += (bytes[i]! << 8) | (bytes[i + 1] ?? 0);
  while (sum > 0xffff) sum = (sum & 0xffff) + (sum >>> 16);
  return ~sum & 0xffff;
}

/** The pseudo-header of RFC 768, or of RFC 8200, section 8.1. */
function pseudo(source: string, destination: string, protocol: number, length: number): Uint8Array {
  const addresses = [...octets(source), ...octets(destination)];
  const size = [length >> 8, length & 255];
  return addresses.length === 8
    ? Uint8Array.of(...addresses, 0, protocol, ...size)
    : Uint8Array.of(...addresses, 0, 0, ...size, 0, 0, 0, protocol);
}

export function octets(address: string): number[] {
  return [...addressOctets(address)];
}

export interface Packet6 {
  readonly source: string;
  readonly destination: string;
  readonly nextHeader: number;
  readonly hopLimit?: number;
  readonly payload: Uint8Array;
}

export function ipv6(packet: Packet6): Uint8Array {
  const header = Buffer.alloc(40);
  header[0] = 0x60;
  header.writeUInt16BE(packet.payload.length, 4);
  header[6] = packet.nextHeader;
  header[7] = packet.hopLimit ?? 64;
  header.set(octets(packet.source), 8);
  header.set(octets(packet.destination), 24);
  return Buffer.concat([header, packet.payload]);
}

/** An IPv6 packet without what follows its header being looked at; throws when the header is wrong. */
export function readIpv6(bytes: Buffer): Packet6 & { readonly hopLimit: number; payload: Buffer } {
  const length = bytes.readUInt16BE(4);
  if (bytes[0]! >> 4 !== 6 || 40 + length > bytes.length) throw new Error("bad IPv6 header");
  return {
    source: addressText(bytes.subarray(8, 24)),
    destination: addressText(bytes.subarray(24, 40)),
    nextHeader: bytes[6]!,
    hopLimit: bytes[7]!,
    payload: bytes.subarray(40, 40 + length),
  };
}

/** What a packet with `payload` after its header has there in fragments of `size` octets. */
export function fragments6(
  payload: Uint8Array,
  nextHeader: number,
  identification: number,
  size: number,
): Uint8Array[] {
  const pieces: Uint8Array[] = [];
  for (let at = 0; at < payload.length; at += size) {
    const header = Buffer.alloc(8);
    header[0] = nextHeader;
    header.writeUInt16BE(at + (at + size < payload.length ? 1 : 0), 2);
    header.writeUInt32BE(identification, 4);
    pieces.push(Buffer.concat([header, payload.subarray(at, at + size)]));
  }
  return pieces;
}

export function icmpv6(
  source: string,
  destination: string,
  type: number,
  code: number,
  rest: number,
  data: Uint8Array,
): Uint8Array {
  const header = Buffer.alloc(8);
  header[0] = type;
  header[1] = code;
  header.writeUInt32BE(rest >>> 0, 4);
  const length = 8 + data.length;
  header.writeUInt16BE(internetChecksum(pseudo(source, destination, 58, length), header, data), 2);
  return Buffer.concat([header, data]);
}

/** A message of ICMPv6; throws when its checksum is wrong. */
export function readIcmpv6(packet: Packet6): {
  type: number;
  code: number;
  rest: number;
  data: Buffer;
} {
  const bytes = Buffer.from(packet.payload);
  const sum = internetChecksum(pseudo(packet.source, packet.destination, 58, bytes.length), bytes);
  if (sum !== 0) throw new Error("bad ICMPv6 checksum");
  return {
    type: bytes[0]!,
    code: bytes[1]!,
    rest: bytes.readUInt32BE(4),
    data: bytes.subarray(8),
  };
}

/** A body of neighbour discovery: the target's address and one option with a hardware address. */
export function neighbour(target: string, option: number, hardware: bigint | null): Uint8Array {
  const tail = hardware === null ? [] : [option, 1, ...macOctets(hardware)];
  return Uint8Array.of(...octets(target), ...tail);
}

export function macOctets(mac: bigint): number[] {
  return [40n, 32n, 24n, 16n, 8n, 0n].map((shift) => Number((mac >> shift) & 255n));
}

export function ethernet(to: bigint, from: bigint, type: number, payload: Uint8Array): Uint8Array {
  return Uint8Array.of(...macOctets(to), ...macOctets(from), type >> 8, type & 255, ...payload);
}

export function ipv4(packet: Packet): Uint8Array {
  const total = 20 + packet.payload.length;
  const header = Buffer.alloc(20);
  header[0] = 0x45;
  header.writeUInt16BE(total, 2);
  header.writeUInt16BE(packet.identification ?? 0, 4);
  const flags = (packet.dontFragment ? 0x4000 : 0) | (packet.moreFragments ? 0x2000 : 0);
  header.writeUInt16BE(flags | ((packet.fragmentOffset ?? 0) >> 3), 6);
  header[8] = 64;
  header[9] = packet.protocol;
  header.set(octets(packet.source), 12);
  header.set(octets(packet.destination), 16);
  header.writeUInt16BE(internetChecksum(header), 10);
  return Buffer.concat([header, packet.payload]);
}

export function tcp(source: string, destination: string, segment: TcpSegment): Uint8Array {
  const options = encodeOptions(segment.options);
  const header = Buffer.alloc(20 + options.length);
  header.writeUInt16BE(segment.sourcePort, 0);
  header.writeUInt16BE(segment.destinationPort, 2);
  header.writeUInt32BE(segment.sequence >>> 0, 4);
  header.writeUInt32BE(segment.acknowledgment >>> 0, 8);
  header[12] = (header.length / 4) << 4;
  header[13] = [...segment.flags].reduce((bits, flag) => bits | (1 << flagNames.indexOf(flag)), 0);
  header.writeUInt16BE(segment.window, 14);
  header.set(options, 20);
  const length = header.length + segment.data.length;
  header.writeUInt16BE(
    internetChecksum(pseudo(source, destination, 6, length), header, segment.data),
    16,
  );
  return Buffer.concat([header, segment.data]);
}

export function udp(
  source: string,
  sourcePort: number,
  destination: string,
  destinationPort: number,
  data: Uint8Array,
): Uint8Array {
  const header = Buffer.alloc(8);
  header.writeUInt16BE(sourcePort, 0);
  header.writeUInt16BE(destinationPort, 2);
  header.writeUInt16BE(8 + data.length, 4);
  const sum = internetChecksum(pseudo(source, destination, 17, 8 + data.length), header, data);
  header.writeUInt16BE(sum === 0 ? 0xffff : sum, 6);
  return Buffer.concat([header, data]);
}

export function icmp(type: number, code: number, rest: number, data: Uint8Array): Uint8Array {
  const header = Buffer.alloc(8);
  header[0] = type;
  header[1] = code;
  header.writeUInt32BE(rest >>> 0, 4);
  header.writeUInt16BE(internetChecksum(header, data), 2);
  return Buffer.concat([header, data]);
}

export function arp(
  operation: number,
  senderHardware: bigint,
  sender: string,
  targetHardware: bigint,
  target: string,
): Uint8Array {
  return Uint8Array.of(
    ...[0, 1, 8, 0, 6, 4, 0, operation],
    ...macOctets(senderHardware),
    ...octets(sender),
    ...macOctets(targetHardware),
    ...octets(target),
  );
}

/** The type of a frame and what it carries. */
export function readEthernet(frame: Uint8Array): {
  to: bigint;
  from: bigint;
  type: number;
  payload: Buffer;
} {
  const bytes = Buffer.from(frame);
  const mac = (at: number) => BigInt(bytes.readUIntBE(at, 6));
  return { to: mac(0), from: mac(6), type: bytes.readUInt16BE(12), payload: bytes.subarray(14) };
}

/** An IPv4 packet; throws when anything about it is wrong. */
export function readIpv4(bytes: Buffer): Packet & { readonly header: Buffer } {
  const length = (bytes[0]! & 15) * 4;
  const total = bytes.readUInt16BE(2);
  if (bytes[0]! >> 4 !== 4 || length < 20 || total > bytes.length)
    throw new Error("bad IPv4 header");
  if (internetChecksum(bytes.subarray(0, length)) !== 0) throw new Error("bad IPv4 checksum");
  const fragment = bytes.readUInt16BE(6);
  return {
    source: bytes.subarray(12, 16).join("."),
    destination: bytes.subarray(16, 20).join("."),
    protocol: bytes[9]!,
    identification: bytes.readUInt16BE(4),
    dontFragment: (fragment & 0x4000) !== 0,
    moreFragments: (fragment & 0x2000) !== 0,
    fragmentOffset: (fragment & 0x1fff) * 8,
    payload: bytes.subarray(length, total),
    header: bytes.subarray(0, length),
  };
}

/** A TCP segment; throws when anything about it is wrong. */
export function readTcp(packet: Pick<Packet, "source" | "destination" | "payload">): TcpSegment {
  const bytes = Buffer.from(packet.payload);
  const header = (bytes[12]! >> 4) * 4;
  if (internetChecksum(pseudo(packet.source, packet.destination, 6, bytes.length), bytes) !== 0) {
    throw new Error("bad TCP checksum");
  }
  return {
    sourcePort: bytes.readUInt16BE(0),
    destinationPort: bytes.readUInt16BE(2),
    sequence: bytes.readUInt32BE(4),
    acknowledgment: bytes.readUInt32BE(8),
    flags: [...flagNames].filter((_, bit) => (bytes[13]! >> bit) & 1).join(""),
    window: bytes.readUInt16BE(14),
    options: decodeOptions(bytes.subarray(20, header)),
    data: bytes.subarray(header),
  };
}

function encodeOptions(options: TcpOptions): Buffer {
  const parts: number[] = [];
  const word = (value: number) => [24, 16, 8, 0].map((shift) => (value >>> shift) & 255);
  if (options.mss !== undefined) parts.push(2, 4, options.mss >> 8, options.mss & 255);
  if (options.wscale !== undefined) parts.push(1, 3, 3, options.wscale);
  if (options.sackOK) parts.push(1, 1, 4, 2);
  if (options.timestamps !== undefined) {
    parts.push(1, 1, 8, 10, ...word(options.timestamps[0]), ...word(options.timestamps[1]));
  }
  if (options.sack !== undefined) {
    parts.push(1, 1, 5, 2 + 8 * options.sack.length);
    for (const [left, right] of options.sack) parts.push(...word(left), ...word(right));
  }
  while (parts.length % 4 !== 0) parts.push(0);
  return Buffer.from(parts);
}

function decodeOptions(bytes: Buffer): TcpOptions {
  const options: { -readonly [K in keyof TcpOptions]: TcpOptions[K] } = {};
  for (let at = 0; at < bytes.length; ) {
    const kind = bytes[at]!;
    if (kind === 0) break;
    if (kind === 1) {
      at++;
      continue;
    }
    const length = bytes[at + 1]!;
    if (kind === 2) options.mss = bytes.readUInt16BE(at + 2);
    else if (kind === 3) options.wscale = bytes[at + 2]!;
    else if (kind === 4) options.sackOK = true;
    else if (kind === 8)
      options.timestamps = [bytes.readUInt32BE(at + 2), bytes.readUInt32BE(at + 6)];
    else if (kind === 5) {
      options.sack = Array.from({ length: (length - 2) / 8 }, (_, i) => [
        bytes.readUInt32BE(at + 2 + 8 * i),
        bytes.readUInt32BE(at + 6 + 8 * i),
      ]);
    }
    at += length;
  }
  return options;
}
