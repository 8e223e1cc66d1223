/**
 * The format pcapng (draft-ietf-opsawg-pcapng), which Wireshark and tshark read: a section, then interfaces and packets in any
 * order as long as an interface is before its packets. Times are in nanoseconds.
 */

/** Which way a frame went, as seen from the interface. */
export type Direction = "in" | "out";

export interface Packet {
  /** Number of the interface in the order of their blocks, from 0. */
  readonly interface: number;
  /** Nanoseconds. */
  readonly at: number;
  readonly frame: Uint8Array;
  readonly direction: Direction;
}

/** Section 4.1: the byte order, version 1.0, a length that is not told. */
export function sectionBlock(): Uint8Array {
  const bytes = Buffer.alloc(16, 0xff);
  bytes.writeUInt32LE(0x1a2b3c4d, 0);
  bytes.writeUInt32LE(1, 4);
  return block(0x0a0d0d0a, bytes);
}

/** Section 4.2: Ethernet, no limit of length; options if_name and if_tsresol. */
export function interfaceBlock(name: string): Uint8Array {
  const head = Buffer.alloc(8);
  head.writeUInt16LE(1, 0);
  const nanoseconds = 9;
  const options = [
    option(2, Buffer.from(name)),
    option(9, Uint8Array.of(nanoseconds)),
    option(0, new Uint8Array(0)),
  ];
  return block(1, Buffer.concat([head, ...options]));
}

/** Section 4.3, with the option epb_flags. */
export function packetBlock({ interface: number, at, frame, direction }: Packet): Uint8Array {
  const head = Buffer.alloc(20);
  head.writeUInt32LE(number, 0);
  head.writeUInt32LE(Math.floor(at / 2 ** 32), 4);
  head.writeUInt32LE(at % 2 ** 32, 8);
  head.writeUInt32LE(frame.length, 12);
  head.writeUInt32LE(frame.length, 16);
  const flags = Uint8Array.of(direction === "in" ? 1 : 2, 0, 0, 0);
  const options = [option(2, flags), option(0, new Uint8Array(0))];
  return block(6, Buffer.concat([head, padded(frame), ...options]));
}

/** Section 3.1: type, length, body, length again, all of 32 bits. */
function block(type: number, body: Uint8Array): Uint8Array {
  const bytes = Buffer.alloc(body.length + 12);
  bytes.writeUInt32LE(type, 0);
  bytes.writeUInt32LE(bytes.length, 4);
  bytes.set(body, 8);
  bytes.writeUInt32LE(bytes.length, bytes.length - 4);
  return bytes;
}

function option(code: number, value: Uint8Array): Uint8Array {
  const head = Buffer.alloc(4);
  head.writeUInt16LE(code, 0);
  head.writeUInt16LE(value.length, 2);
  return Buffer.concat([head, padded(value)]);
}

function padded(bytes: Uint8Array): Uint8Array {
  return Buffer.concat([bytes, new Uint8Array((4 - (bytes.length % 4)) % 4)]);
}
