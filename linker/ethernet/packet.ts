import { view } from "./frame.ts";

/** IPv4 and what a station speaks over it: ICMP echo and UDP. Addresses are numbers of 32 bits. */

export const icmpProtocol = 1;
export const tcpProtocol = 6;
export const udpProtocol = 17;

const header = 20;
const datagramHeader = 8;
/** Where a datagram of UDP has its checksum. */
const datagramSum = 6;

export interface Packet {
  readonly source: number;
  readonly destination: number;
  readonly protocol: number;
  readonly payload: Uint8Array;
}

export interface Datagram {
  readonly sourcePort: number;
  readonly destinationPort: number;
  readonly data: Uint8Array;
}

/** A whole packet with a right header (RFC 791, 3.1); null for a fragment as well. */
export function readPacket(bytes: Uint8Array): Packet | null {
  if (bytes.length < header || bytes[0]! >> 4 !== 4) return null;
  const fields = view(bytes);
  const start = (bytes[0]! & 15) * 4;
  const total = fields.getUint16(2);
  if (start < header || total < start || total > bytes.length) return null;
  if (checksum(sum(bytes.subarray(0, start))) !== 0) return null;
  if ((fields.getUint16(6) & 0x3fff) !== 0) return null;
  return {
    source: fields.getUint32(12),
    destination: fields.getUint32(16),
    protocol: bytes[9]!,
    payload: bytes.subarray(start, total),
  };
}

export function writePacket({ source, destination, protocol, payload }: Packet): Uint8Array {
  const bytes = new Uint8Array(header + payload.length);
  const fields = view(bytes);
  bytes[0] = 0x45;
  fields.setUint16(2, bytes.length);
  // Don't fragment.
  fields.setUint16(6, 0x4000);
  bytes[8] = 64;
  bytes[9] = protocol;
  fields.setUint32(12, source);
  fields.setUint32(16, destination);
  fields.setUint16(10, checksum(sum(bytes.subarray(0, header))));
  bytes.set(payload, header);
  return bytes;
}

/** Puts the checksum of TCP (RFC 9293, 3.1) or UDP into the payload, where it stands as zero, at `at`. */
export function setChecksum({ source, destination, protocol, payload }: Packet, at: number): void {
  const total = pseudoHeader(source, destination, protocol, payload.length) + sum(payload);
  const complement = checksum(total);
  // RFC 768: zero would say that there is none.
  const written = protocol === udpProtocol && complement === 0 ? 0xffff : complement;
  view(payload).setUint16(at, written);
}

/** Null when it is cut off or its checksum is wrong (RFC 768). */
export function readDatagram({ source, destination, protocol, payload }: Packet): Datagram | null {
  if (protocol !== udpProtocol || payload.length < datagramHeader) return null;
  const fields = view(payload);
  const length = fields.getUint16(4);
  if (length < datagramHeader || length > payload.length) return null;
  const bytes = payload.subarray(0, length);
  if (fields.getUint16(datagramSum) !== 0) {
    const total = pseudoHeader(source, destination, protocol, length) + sum(bytes);
    if (checksum(total) !== 0) return null;
  }
  return {
    sourcePort: fields.getUint16(0),
    destinationPort: fields.getUint16(2),
    data: bytes.subarray(datagramHeader),
  };
}

export function writeDatagram(
  source: number,
  destination: number,
  { sourcePort, destinationPort, data }: Datagram,
): Packet {
  const payload = new Uint8Array(datagramHeader + data.length);
  const fields = view(payload);
  fields.setUint16(0, sourcePort);
  fields.setUint16(2, destinationPort);
  fields.setUint16(4, payload.length);
  payload.set(data, datagramHeader);
  const packet = { source, destination, protocol: udpProtocol, payload };
  setChecksum(packet, datagramSum);
  return packet;
}

/** An echo question (8) or answer (0) of RFC 792 with a right checksum. */
export interface Echo {
  readonly type: number;
  /** Identifier, sequence number and data. */
  readonly rest: Uint8Array;
}

export function readEcho(payload: Uint8Array): Echo | null {
  if (payload.length < 8 || checksum(sum(payload)) !== 0) return null;
  const type = payload[0]!;
  return type === 0 || type === 8 ? { type, rest: payload.subarray(4) } : null;
}

export function writeEcho({ type, rest }: Echo): Uint8Array {
  const bytes = new Uint8Array(4 + rest.length);
  bytes[0] = type;
  bytes.set(rest, 4);
  view(bytes).setUint16(2, checksum(sum(bytes)));
  return bytes;
}

function pseudoHeader(source: number, destination: number, protocol: number, length: number) {
  const addresses = [source, destination].map((each) => (each >>> 16) + (each & 0xffff));
  return addresses[0]! + addresses[1]! + protocol + length;
}

/** RFC 1071: the sum of 16-bit words, an odd octet being the upper half of one. */
function sum(bytes: Uint8Array): number {
  let total = 0;
  for (let at = 0; at < bytes.length; at += 2) total += bytes[at]! * 256 + (bytes[at + 1] ?? 0);
  return total;
}

/** Its complement, carries added in. */
function checksum(total: number): number {
  let folded = total;
  while (folded > 0xffff) folded = (folded & 0xffff) + Math.floor(folded / 65536);
  return ~folded & 0xffff;
}
