import { addressAt } from "./address.ts";
import { view } from "./frame.ts";

/** The server's side of DHCP (RFC 2131), without I/O and without a clock: who has which address is `Leases`' to say. */

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

/** Seconds that an address is a client's. */
export const leaseSeconds = 86400;

/** Who has which address: clients by their hardware addresses. */
export interface Leases {
  /** The client's address, the same each time as long as it holds; undefined when there is none for it. */
  get(hardware: number): number | undefined;
  /** The client has taken the address. */
  taken(hardware: number): void;
  /** The client has found another host at the address. */
  declined(hardware: number): void;
}

/** Leases that were known beforehand, and never end. */
export function fixedLeases(addresses: ReadonlyMap<number, number>): Leases {
  return { get: (hardware) => addresses.get(hardware), taken() {}, declined() {} };
}

export interface DhcpServer {
  /** Its own address. */
  readonly address: number;
  readonly mask: number;
  /** The way to other networks that clients are told of; null for none. */
  readonly router: number | null;
  readonly leases: Leases;
}

/** A message, a client's or a server's (RFC 2131, 2). */
export interface DhcpMessage {
  /** 1 of a client, 2 of a server. */
  readonly operation: number;
  /** 0 when it is not said. */
  readonly type: number;
  /** The client's card. */
  readonly hardware: number;
  /** What the client has, and what the server gives it; 0 for none. */
  readonly has: number;
  readonly given: number;
  readonly header: Uint8Array;
  readonly options: ReadonlyMap<number, Uint8Array>;
}

/** Null for what is no message of DHCP over Ethernet. */
export function readDhcp(bytes: Uint8Array): DhcpMessage | null {
  if (bytes.length < headerLength + 4 || bytes[2] !== 6) return null;
  const fields = view(bytes);
  if (fields.getUint32(headerLength) !== cookie) return null;
  const options = readOptions(bytes.subarray(headerLength + 4));
  if (options === null) return null;
  return {
    operation: bytes[0]!,
    type: options.get(53)?.[0] ?? 0,
    hardware: addressAt(bytes, 28),
    has: fields.getUint32(12),
    given: fields.getUint32(16),
    header: bytes.subarray(0, headerLength),
    options,
  };
}

/** The mask that a server's message has; 0 when it is not said. */
export function maskOf({ options }: DhcpMessage): number {
  return number(options.get(1));
}

/** The answer to a client's message; null when none is due. It goes to all stations of the link. */
export function answerDhcp(server: DhcpServer, message: DhcpMessage): Uint8Array | null {
  const { operation, type, hardware, options } = message;
  if (operation !== 1) return null;
  if (type === decline) server.leases.declined(hardware);
  if (type !== discover && type !== request) return null;
  const address = server.leases.get(hardware);
  if (address === undefined) return null;
  if (type === discover) return answer(server, message, offer, address);
  const chosen = options.get(54);
  if (chosen !== undefined && number(chosen) !== server.address) return null;
  const asked = options.get(50);
  const wanted = asked === undefined ? message.has : number(asked);
  if (wanted !== address) return answer(server, message, refuse, 0);
  server.leases.taken(hardware);
  return answer(server, message, acknowledge, address);
}

function answer(
  server: DhcpServer,
  message: DhcpMessage,
  type: number,
  address: number,
): Uint8Array {
  const lease = [
    ...option(51, leaseSeconds),
    ...option(1, server.mask),
    ...(server.router === null ? [] : option(3, server.router)),
  ];
  const said = [53, 1, type, ...option(54, server.address), ...(address === 0 ? [] : lease), 255];
  const bytes = new Uint8Array(headerLength + 4 + said.length);
  bytes.set(message.header.subarray(0, 44));
  bytes[0] = 2;
  bytes.fill(0, 12, 28);
  const fields = view(bytes);
  fields.setUint32(16, address);
  fields.setUint32(headerLength, cookie);
  bytes.set(said, headerLength + 4);
  return bytes;
}

function readOptions(bytes: Uint8Array): ReadonlyMap<number, Uint8Array> | null {
  const options = new Map<number, Uint8Array>();
  for (let at = 0; at < bytes.length && bytes[at] !== 255; ) {
    const code = bytes[at]!;
    if (code === 0) {
      at++;
      continue;
    }
    const length = bytes[at + 1];
    if (length === undefined || at + 2 + length > bytes.length) return null;
    options.set(code, bytes.subarray(at + 2, at + 2 + length));
    at += 2 + length;
  }
  return options;
}

function number(bytes: Uint8Array | undefined): number {
  return bytes?.length === 4 ? view(bytes).getUint32(0) : 0;
}

function option(code: number, value: number): number[] {
  return [code, 4, value >>> 24, (value >>> 16) & 255, (value >>> 8) & 255, value & 255];
}
