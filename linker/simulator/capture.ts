/** Which way a frame went, as seen from the interface. */
export type Direction = "in" | "out";

interface Packet {
  readonly interface: number;
  /** Nanoseconds. */
  readonly at: number;
  readonly frame: Uint8Array;
  readonly direction: Direction;
}

/**
 * Frames as they were seen at interfaces, to be written as a pcapng file (draft-ietf-opsawg-pcapng), which Wireshark and
 * tshark read: one interface with its name for each, times in nanoseconds, the direction as a flag.
 */
export class Capture {
  readonly #limit: number;
  readonly #interfaces: string[] = [];
  #packets: Packet[] = [];
  #size = 0;
  /** Frames that were left out, the oldest first, for the limit. */
  dropped = 0;

  /** @param limit octets of frames that are kept at most */
  constructor(limit: number) {
    this.#limit = limit;
  }

  /** A new interface: its number. */
  interface(name: string): number {
    return this.#interfaces.push(name) - 1;
  }

  /** Keeps a frame, which must not change afterwards. */
  add(at: number, interfaceNumber: number, direction: Direction, frame: Uint8Array): void {
    this.#packets.push({ interface: interfaceNumber, at, frame, direction });
    this.#size += frame.length;
    if (this.#size > this.#limit) this.#dropOldest();
  }

  /** The file. */
  encode(): Uint8Array {
    return Buffer.concat([
      block(0x0a0d0d0a, sectionHeader()),
      ...this.#interfaces.map((name) => block(1, interfaceDescription(name))),
      ...this.#packets.map((packet) => block(6, enhancedPacket(packet))),
    ]);
  }

  /** A quarter at once, so that this is seldom done. */
  #dropOldest(): void {
    let count = 0;
    while (this.#size > (this.#limit * 3) / 4) this.#size -= this.#packets[count++]!.frame.length;
    this.#packets = this.#packets.slice(count);
    this.dropped += count;
  }
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

/** Section 4.1: the byte order, version 1.0, a length that is not told. */
function sectionHeader(): Uint8Array {
  const bytes = Buffer.alloc(16, 0xff);
  bytes.writeUInt32LE(0x1a2b3c4d, 0);
  bytes.writeUInt32LE(1, 4);
  return bytes;
}

/** Section 4.2: Ethernet, no limit of length; options if_name and if_tsresol. */
function interfaceDescription(name: string): Uint8Array {
  const head = Buffer.alloc(8);
  head.writeUInt16LE(1, 0);
  const nanoseconds = 9;
  return Buffer.concat([
    head,
    option(2, Buffer.from(name)),
    option(9, Uint8Array.of(nanoseconds)),
    option(0, new Uint8Array(0)),
  ]);
}

/** Section 4.3, with the option epb_flags. */
function enhancedPacket({ interface: number, at, frame, direction }: Packet): Uint8Array {
  const head = Buffer.alloc(20);
  head.writeUInt32LE(number, 0);
  head.writeUInt32LE(Math.floor(at / 2 ** 32), 4);
  head.writeUInt32LE(at % 2 ** 32, 8);
  head.writeUInt32LE(frame.length, 12);
  head.writeUInt32LE(frame.length, 16);
  const flags = Uint8Array.of(direction === "in" ? 1 : 2, 0, 0, 0);
  return Buffer.concat([head, padded(frame), option(2, flags), option(0, new Uint8Array(0))]);
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
