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
const acknowledge = 5;
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

/** The answer to a client's message; null when none is due. It goes to all stations of the link. */
export function answerDhcp(server: DhcpServer, message: Buffer): Buffer | null {
  if (message.length < headerLength + 4 || message[0] !== 1 || message[2] !== 6) return null;
  if (message.readUInt32BE(headerLength) !== cookie) return null;
  const options = readOptions(message.subarray(headerLength + 4));
  if (options === null) return null;
  const hardware = message.readUIntBE(28, 6);
  const type = options.get(53)?.[0];
  if (type === decline) server.leases.declined(hardware);
  if (type !== discover && type !== request) return null;
  const address = server.leases.get(hardware);
  if (address === undefined) return null;
  if (type === discover) return answer(server, message, offer, address);
  const chosen = options.get(54);
  if (chosen !== undefined && number(chosen) !== server.address) return null;
  const asked = options.get(50);
  const wanted = asked === undefined ? message.readUInt32BE(12) : number(asked);
  if (wanted !== address) return answer(server, message, refuse, 0);
  server.leases.taken(hardware);
  return answer(server, message, acknowledge, address);
}

function answer(server: DhcpServer, message: Buffer, type: number, address: number): Buffer {
  const head = Buffer.from(message.subarray(0, headerLength));
  head[0] = 2;
  head.fill(0, 12, 28);
  head.fill(0, 44);
  head.writeUInt32BE(address, 16);
  const lease = [
    ...option(51, leaseSeconds),
    ...option(1, server.mask),
    ...(server.router === null ? [] : option(3, server.router)),
  ];
  return Buffer.concat([
    head,
    word(cookie),
    Buffer.from([53, 1, type, ...option(54, server.address), ...(address === 0 ? [] : lease), 255]),
  ]);
}

function readOptions(bytes: Buffer): ReadonlyMap<number, Buffer> | null {
  const options = new Map<number, Buffer>();
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

function number(bytes: Buffer): number {
  return bytes.length === 4 ? bytes.readUInt32BE(0) : 0;
}

function option(code: number, value: number): number[] {
  return [code, 4, ...word(value)];
}

function word(value: number): Buffer {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32BE(value, 0);
  return bytes;
}
