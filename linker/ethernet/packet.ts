import { addressAt } from "./address.ts";

/** The few formats that a station speaks: Ethernet, ARP, IPv4, ICMP echo and UDP. */

export const arpType = 0x0806;
export const ipv4Type = 0x0800;
export const icmpProtocol = 1;
export const udpProtocol = 17;
/** All stations of a link. */
export const everyone = 0xffffffffffff;

const ethernetHeader = 14;
const ipv4Header = 20;

/** Addresses of Ethernet are numbers of 48 bits, those of IPv4 of 32. */
export interface Frame {
  readonly to: number;
  readonly from: number;
  readonly type: number;
  readonly payload: Buffer;
}

export interface Packet {
  readonly source: number;
  readonly destination: number;
  readonly protocol: number;
  readonly payload: Buffer;
}

export interface Datagram {
  readonly sourcePort: number;
  readonly destinationPort: number;
  readonly data: Buffer;
}

export function readFrame(bytes: Uint8Array): Frame | null {
  if (bytes.length < ethernetHeader) return null;
  const buffer = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length);
  return {
    to: addressAt(bytes, 0),
    from: addressAt(bytes, 6),
    type: buffer.readUInt16BE(12),
    payload: buffer.subarray(ethernetHeader),
  };
}

export function writeFrame({ to, from, type, payload }: Frame): Uint8Array {
  const bytes = Buffer.alloc(Math.max(60, ethernetHeader + payload.length));
  bytes.writeUIntBE(to, 0, 6);
  bytes.writeUIntBE(from, 6, 6);
  bytes.writeUInt16BE(type, 12);
  bytes.set(payload, ethernetHeader);
  return bytes;
}

/** A question (operation 1) or an answer (2) of RFC 826 about IPv4 over Ethernet. */
export interface Arp {
  readonly operation: number;
  readonly senderHardware: number;
  readonly sender: number;
  readonly targetHardware: number;
  readonly target: number;
}

export function readArp(bytes: Buffer): Arp | null {
  if (bytes.length < 28 || bytes.readUInt32BE(0) !== 0x00010800) return null;
  if (bytes.readUInt16BE(4) !== 0x0604) return null;
  return {
    operation: bytes.readUInt16BE(6),
    senderHardware: bytes.readUIntBE(8, 6),
    sender: bytes.readUInt32BE(14),
    targetHardware: bytes.readUIntBE(18, 6),
    target: bytes.readUInt32BE(24),
  };
}

export function writeArp(arp: Arp): Buffer {
  const bytes = Buffer.alloc(28);
  bytes.writeUInt32BE(0x00010800, 0);
  bytes.writeUInt16BE(0x0604, 4);
  bytes.writeUInt16BE(arp.operation, 6);
  bytes.writeUIntBE(arp.senderHardware, 8, 6);
  bytes.writeUInt32BE(arp.sender, 14);
  bytes.writeUIntBE(arp.targetHardware, 18, 6);
  bytes.writeUInt32BE(arp.target, 24);
  return bytes;
}

/** A whole packet with a right header (RFC 791, 3.1); null for a fragment as well. */
export function readPacket(bytes: Buffer): Packet | null {
  if (bytes.length < ipv4Header || bytes[0]! >> 4 !== 4) return null;
  const header = (bytes[0]! & 15) * 4;
  const total = bytes.readUInt16BE(2);
  if (header < ipv4Header || total < header || total > bytes.length) return null;
  if (checksum(bytes.subarray(0, header)) !== 0) return null;
  if ((bytes.readUInt16BE(6) & 0x3fff) !== 0) return null;
  return {
    source: bytes.readUInt32BE(12),
    destination: bytes.readUInt32BE(16),
    protocol: bytes[9]!,
    payload: bytes.subarray(header, total),
  };
}

export function writePacket({ source, destination, protocol, payload }: Packet): Buffer {
  const bytes = Buffer.alloc(ipv4Header + payload.length);
  bytes[0] = 0x45;
  bytes.writeUInt16BE(bytes.length, 2);
  bytes.writeUInt16BE(0x4000, 6);
  bytes[8] = 64;
  bytes[9] = protocol;
  bytes.writeUInt32BE(source, 12);
  bytes.writeUInt32BE(destination, 16);
  bytes.writeUInt16BE(checksum(bytes.subarray(0, ipv4Header)), 10);
  bytes.set(payload, ipv4Header);
  return bytes;
}

/** Null when it is cut off or its checksum is wrong (RFC 768). */
export function readDatagram({ source, destination, payload }: Packet): Datagram | null {
  if (payload.length < 8) return null;
  const length = payload.readUInt16BE(4);
  if (length < 8 || length > payload.length) return null;
  const bytes = payload.subarray(0, length);
  const isSummed = bytes.readUInt16BE(6) !== 0;
  if (isSummed && checksum(pseudoHeader(source, destination, length), bytes) !== 0) return null;
  return {
    sourcePort: bytes.readUInt16BE(0),
    destinationPort: bytes.readUInt16BE(2),
    data: bytes.subarray(8),
  };
}

export function writeDatagram(
  source: number,
  destination: number,
  { sourcePort, destinationPort, data }: Datagram,
): Packet {
  const bytes = Buffer.alloc(8 + data.length);
  bytes.writeUInt16BE(sourcePort, 0);
  bytes.writeUInt16BE(destinationPort, 2);
  bytes.writeUInt16BE(bytes.length, 4);
  bytes.set(data, 8);
  const sum = checksum(pseudoHeader(source, destination, bytes.length), bytes);
  bytes.writeUInt16BE(sum === 0 ? 0xffff : sum, 6);
  return { source, destination, protocol: udpProtocol, payload: bytes };
}

/** An echo question (8) or answer (0) of RFC 792 with a right checksum. */
export interface Echo {
  readonly type: number;
  /** Identifier, sequence number and data. */
  readonly rest: Buffer;
}

export function readEcho(payload: Buffer): Echo | null {
  if (payload.length < 8 || checksum(payload) !== 0) return null;
  const type = payload[0]!;
  return type === 0 || type === 8 ? { type, rest: payload.subarray(4) } : null;
}

export function writeEcho({ type, rest }: Echo): Buffer {
  const bytes = Buffer.alloc(4 + rest.length);
  bytes[0] = type;
  bytes.set(rest, 4);
  bytes.writeUInt16BE(checksum(bytes), 2);
  return bytes;
}

function pseudoHeader(source: number, destination: number, length: number): Buffer {
  const bytes = Buffer.alloc(12);
  bytes.writeUInt32BE(source, 0);
  bytes.writeUInt32BE(destination, 4);
  bytes[9] = udpProtocol;
  bytes.writeUInt16BE(length, 10);
  return bytes;
}

/** RFC 1071: the complement of the sum of 16-bit words, carries added in. All parts but the last are of even length. */
function checksum(...parts: readonly Uint8Array[]): number {
  let sum = 0;
  for (const bytes of parts) {
    for (let at = 0; at < bytes.length; at += 2) sum += bytes[at]! * 256 + (bytes[at + 1] ?? 0);
  }
  while (sum > 0xffff) sum = (sum & 0xffff) + Math.floor(sum / 65536);
  return ~sum & 0xffff;
}
