/** The few formats that the neighbour speaks: Ethernet, ARP, IPv4, UDP and TCP. Addresses are numbers. */

export const arpType = 0x0806;
export const ipv4Type = 0x0800;
export const udpProtocol = 17;
export const tcpProtocol = 6;
/** All stations of a link. */
export const everyone = 0xffffffffffff;

const ethernetHeader = 14;
const ipv4Header = 20;
const shortestFrame = 60;

export interface Frame {
  readonly to: number;
  readonly from: number;
  readonly type: number;
  readonly payload: DataView;
}

export function view(bytes: Uint8Array): DataView {
  return new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
}

/** The bytes of a view from `start` on. */
export function bytesOf(of: DataView, start = 0, end = of.byteLength): Uint8Array {
  return new Uint8Array(of.buffer, of.byteOffset + start, end - start);
}

function part(of: DataView, start: number, end = of.byteLength): DataView {
  return new DataView(of.buffer, of.byteOffset + start, end - start);
}

function hardwareAt(of: DataView, at: number): number {
  return of.getUint16(at) * 2 ** 32 + of.getUint32(at + 2);
}

function setHardware(of: DataView, at: number, address: number): void {
  of.setUint16(at, Math.floor(address / 2 ** 32));
  of.setUint32(at + 2, address % 2 ** 32);
}

export function readFrame(bytes: Uint8Array): Frame | null {
  if (bytes.length < ethernetHeader) return null;
  const whole = view(bytes);
  return {
    to: hardwareAt(whole, 0),
    from: hardwareAt(whole, 6),
    type: whole.getUint16(12),
    payload: part(whole, ethernetHeader),
  };
}

/** An empty frame that has room for `length` bytes of payload, padded to what Ethernet wants. */
function newFrame(to: number, from: number, type: number, length: number): Uint8Array<ArrayBuffer> {
  const bytes = new Uint8Array(Math.max(shortestFrame, ethernetHeader + length));
  const whole = view(bytes);
  setHardware(whole, 0, to);
  setHardware(whole, 6, from);
  whole.setUint16(12, type);
  return bytes;
}

/** A question (operation 1) or an answer (2) of RFC 826 about IPv4 over Ethernet. */
export interface Arp {
  readonly operation: number;
  readonly senderHardware: number;
  readonly sender: number;
  readonly target: number;
}

export function readArp(packet: DataView): Arp | null {
  if (packet.byteLength < 28 || packet.getUint32(0) !== 0x00010800) return null;
  if (packet.getUint16(4) !== 0x0604) return null;
  return {
    operation: packet.getUint16(6),
    senderHardware: hardwareAt(packet, 8),
    sender: packet.getUint32(14),
    target: packet.getUint32(24),
  };
}

/** The answer to a question: `hardware` has the address that was asked for. */
export function answerArp(question: Arp, hardware: number): Uint8Array<ArrayBuffer> {
  const frame = newFrame(question.senderHardware, hardware, arpType, 28);
  const packet = part(view(frame), ethernetHeader);
  packet.setUint32(0, 0x00010800);
  packet.setUint16(4, 0x0604);
  packet.setUint16(6, 2);
  setHardware(packet, 8, hardware);
  packet.setUint32(14, question.target);
  setHardware(packet, 18, question.senderHardware);
  packet.setUint32(24, question.sender);
  return frame;
}

/** A packet of IPv4 that is whole; fragments are none. */
export interface Packet {
  readonly source: number;
  readonly destination: number;
  readonly protocol: number;
  readonly payload: DataView;
}

/** RFC 791, 3.1. Checksums are not looked at: nothing is between the image and us that could spoil them. */
export function readPacket(bytes: DataView): Packet | null {
  if (bytes.byteLength < ipv4Header || bytes.getUint8(0) >> 4 !== 4) return null;
  const header = (bytes.getUint8(0) & 15) * 4;
  const length = bytes.getUint16(2);
  const isFragment = (bytes.getUint16(6) & 0x3fff) !== 0;
  if (header < ipv4Header || length < header || length > bytes.byteLength || isFragment)
    return null;
  return {
    source: bytes.getUint32(12),
    destination: bytes.getUint32(16),
    protocol: bytes.getUint8(9),
    payload: part(bytes, header, length),
  };
}

export interface Addressing {
  readonly fromHardware: number;
  readonly toHardware: number;
  readonly source: number;
  readonly destination: number;
}

/** A frame with a packet in it; its payload's checksum (at `checksumAt`) is made here, over the pseudo-header, too. */
export function writePacket(
  { fromHardware, toHardware, source, destination }: Addressing,
  protocol: number,
  payload: Uint8Array,
  checksumAt: number,
): Uint8Array<ArrayBuffer> {
  const frame = newFrame(toHardware, fromHardware, ipv4Type, ipv4Header + payload.length);
  const packet = part(view(frame), ethernetHeader, ethernetHeader + ipv4Header + payload.length);
  packet.setUint8(0, 0x45);
  packet.setUint16(2, packet.byteLength);
  // Don't fragment.
  packet.setUint16(6, 0x4000);
  packet.setUint8(8, 64);
  packet.setUint8(9, protocol);
  packet.setUint32(12, source);
  packet.setUint32(16, destination);
  packet.setUint16(10, checksum(sum(packet, 0, ipv4Header)));
  bytesOf(packet, ipv4Header).set(payload);
  const pseudo = sum(packet, 12, ipv4Header) + protocol + payload.length;
  packet.setUint16(ipv4Header + checksumAt, checksum(pseudo + sum(packet, ipv4Header)));
  return frame;
}

export interface Datagram {
  readonly sourcePort: number;
  readonly destinationPort: number;
  readonly data: DataView;
}

/** RFC 768. */
export function readDatagram(bytes: DataView): Datagram | null {
  if (bytes.byteLength < 8) return null;
  const length = bytes.getUint16(4);
  if (length < 8 || length > bytes.byteLength) return null;
  return {
    sourcePort: bytes.getUint16(0),
    destinationPort: bytes.getUint16(2),
    data: part(bytes, 8, length),
  };
}

export function writeDatagram(
  addressing: Addressing,
  sourcePort: number,
  destinationPort: number,
  data: Uint8Array,
): Uint8Array<ArrayBuffer> {
  const bytes = new Uint8Array(8 + data.length);
  const header = view(bytes);
  header.setUint16(0, sourcePort);
  header.setUint16(2, destinationPort);
  header.setUint16(4, bytes.length);
  bytes.set(data, 8);
  return writePacket(addressing, udpProtocol, bytes, 6);
}

/** RFC 1071: the sum of 16-bit words, an odd octet being the upper half of one. */
function sum(of: DataView, start: number, end = of.byteLength): number {
  let total = 0;
  for (let at = start; at + 1 < end; at += 2) total += of.getUint16(at);
  return (end - start) % 2 === 0 ? total : total + of.getUint8(end - 1) * 256;
}

function checksum(total: number): number {
  let folded = total;
  while (folded > 0xffff) folded = (folded & 0xffff) + Math.floor(folded / 0x10000);
  return ~folded & 0xffff;
}

/** An address as people write it; null for what is none. */
export function parseAddress(text: string): number | null {
  const parts = /^(\d{1,3})\.(\d{1,3})\.(\d{1,3})\.(\d{1,3})$/.exec(text)?.slice(1).map(Number);
  if (parts === undefined || parts.some((octet) => octet > 255)) return null;
  return parts.reduce((address, octet) => address * 256 + octet, 0);
}

export function formatAddress(address: number): string {
  return [24, 16, 8, 0].map((shift) => (address >>> shift) & 255).join(".");
}
