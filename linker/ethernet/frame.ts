import { addressAt, setAddress } from "./address.ts";

/** Ethernet and ARP, without I/O: for the switch's own station and for the neighbour of an image in a page. */

export const arpType = 0x0806;
export const ipv4Type = 0x0800;
/** All stations of a link. */
export const everyone = 0xffffffffffff;

const header = 14;
const shortest = 60;
const arpLength = 28;

export interface Frame {
  readonly to: number;
  readonly from: number;
  readonly type: number;
  readonly payload: Uint8Array;
}

/** Octets as numbers in network order. */
export function view(bytes: Uint8Array): DataView {
  return new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
}

export function readFrame(bytes: Uint8Array): Frame | null {
  if (bytes.length < header) return null;
  return {
    to: addressAt(bytes, 0),
    from: addressAt(bytes, 6),
    type: view(bytes).getUint16(12),
    payload: bytes.subarray(header),
  };
}

/** The frame, padded to what Ethernet wants. */
export function writeFrame({ to, from, type, payload }: Frame): Uint8Array<ArrayBuffer> {
  const bytes = new Uint8Array(Math.max(shortest, header + payload.length));
  setAddress(bytes, 0, to);
  setAddress(bytes, 6, from);
  view(bytes).setUint16(12, type);
  bytes.set(payload, header);
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

export function readArp(bytes: Uint8Array): Arp | null {
  const fields = view(bytes);
  if (bytes.length < arpLength || fields.getUint32(0) !== 0x00010800) return null;
  if (fields.getUint16(4) !== 0x0604) return null;
  return {
    operation: fields.getUint16(6),
    senderHardware: addressAt(bytes, 8),
    sender: fields.getUint32(14),
    targetHardware: addressAt(bytes, 18),
    target: fields.getUint32(24),
  };
}

export function writeArp(arp: Arp): Uint8Array {
  const bytes = new Uint8Array(arpLength);
  const fields = view(bytes);
  fields.setUint32(0, 0x00010800);
  fields.setUint16(4, 0x0604);
  fields.setUint16(6, arp.operation);
  setAddress(bytes, 8, arp.senderHardware);
  fields.setUint32(14, arp.sender);
  setAddress(bytes, 18, arp.targetHardware);
  fields.setUint32(24, arp.target);
  return bytes;
}

/** The frame that answers a question: `hardware` has the address that was asked for. */
export function answerArp(question: Arp, hardware: number): Uint8Array {
  const payload = writeArp({
    operation: 2,
    senderHardware: hardware,
    sender: question.target,
    targetHardware: question.senderHardware,
    target: question.sender,
  });
  return writeFrame({ to: question.senderHardware, from: hardware, type: arpType, payload });
}
