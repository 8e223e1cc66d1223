/**
 * DHCP (RFC 2131) for a tab that is on a network without a server: the image asks, and its own tab answers. Tabs agree without a
 * word, since each makes its image's address of the card's address, in 10.0.0.0/8; the image asks the network whether
 * another has it (RFC 5227), and declines it then.
 */
import { bytesOf, view } from "./packet.ts";

export const serverPort = 67;
export const clientPort = 68;

const cookie = 0x63825363;
const headerLength = 236;

/** Values of the option 53 (RFC 2132, 9.6). */
const discover = 1;
const offer = 2;
const request = 3;
const decline = 4;
export const acknowledge = 5;
const refuse = 6;

const leaseSeconds = 86400;
const prefix = 0x0a000000;
const mask = 0xff000000;

/** The neighbour's own address there, which the image takes for its router. */
export const ownAddress = 0x0afffffe;

export interface DhcpMessage {
  readonly type: number;
  /** The address that the server gives. */
  readonly yours: number;
  /** The mask of its network; 0 when it is not said. */
  readonly mask: number;
  readonly bytes: DataView;
  readonly options: ReadonlyMap<number, DataView>;
}

/** Null for what is no message of DHCP. */
export function readDhcp(bytes: DataView): DhcpMessage | null {
  if (bytes.byteLength < headerLength + 4 || bytes.getUint32(headerLength) !== cookie) return null;
  const options = readOptions(bytes, headerLength + 4);
  if (options === null) return null;
  return {
    type: options.get(53)?.getUint8(0) ?? 0,
    yours: bytes.getUint32(16),
    mask: word(options.get(1)),
    bytes,
    options,
  };
}

/** Gives one image its address. */
export class AddressServer {
  #address: number;

  /** @param wanted the address to give; null: one made of the card's */
  constructor(hardware: number, wanted: number | null) {
    this.#address = wanted ?? usable(hardware);
  }

  /** The answer to what the image's client says; null when none is due. */
  answer(message: DhcpMessage): Uint8Array | null {
    if (message.bytes.getUint8(0) !== 1) return null;
    switch (message.type) {
      case discover:
        return this.#reply(message, offer);
      case request: {
        const server = message.options.get(54);
        if (server !== undefined && word(server) !== ownAddress) return null;
        const asked = message.options.get(50);
        const wanted = asked === undefined ? message.bytes.getUint32(12) : word(asked);
        return this.#reply(message, wanted === this.#address ? acknowledge : refuse);
      }
      case decline:
        // Another has it: one that is far from it, and the same after every reload.
        this.#address = usable(Math.imul(this.#address, 0x9e3779b1) >>> 0);
        return null;
      default:
        return null;
    }
  }

  #reply({ bytes }: DhcpMessage, type: number): Uint8Array {
    const gives = type !== refuse;
    const options = [
      ...[53, 1, type],
      ...option(54, ownAddress),
      ...(gives ? [...option(51, leaseSeconds), ...option(1, mask)] : []),
      ...(gives ? option(3, ownAddress) : []),
      255,
    ];
    const reply = new Uint8Array(headerLength + 4 + options.length);
    reply.set(bytesOf(bytes, 0, 44));
    reply[0] = 2;
    reply.fill(0, 12, 28);
    const header = view(reply);
    header.setUint32(16, gives ? this.#address : 0);
    header.setUint32(headerLength, cookie);
    reply.set(options, headerLength + 4);
    return reply;
  }
}

/** An address of 10.0.0.0/8 with these low 24 bits, but for those that have another meaning. */
function usable(bits: number): number {
  const low = bits % 2 ** 24;
  return prefix + (low === 0 || low >= 0xfffffe ? low ^ 0x555555 : low);
}

function option(code: number, value: number): number[] {
  return [code, 4, value >>> 24, (value >>> 16) & 255, (value >>> 8) & 255, value & 255];
}

function word(bytes: DataView | undefined): number {
  return bytes?.byteLength === 4 ? bytes.getUint32(0) : 0;
}

function readOptions(bytes: DataView, start: number): ReadonlyMap<number, DataView> | null {
  const options = new Map<number, DataView>();
  let at = start;
  while (at < bytes.byteLength && bytes.getUint8(at) !== 255) {
    const code = bytes.getUint8(at++);
    if (code === 0) continue;
    if (at === bytes.byteLength) return null;
    const length = bytes.getUint8(at++);
    if (length === 0 || at + length > bytes.byteLength) return null;
    options.set(code, new DataView(bytes.buffer, bytes.byteOffset + at, length));
    at += length;
  }
  return options;
}
