// @seldom
/**
 * DHCP messages (RFC 2131, section 2; options of RFC 2132).
 *
 *     0    1      2     3     4     8      10      12       16       20       24       28       44      108     236
 *    ├ op ┼ htype┼ hlen┼ hops┼ xid ┼ secs ┼ flags ┼ ciaddr ┼ yiaddr ┼ siaddr ┼ giaddr ┼ chaddr ┼ sname ┼ file ─┼ options …
 */
import { clear, get8, get32, get48, put8, put16, put32, put48 } from "./octets";

export const HEADER: i32 = 240;
export const DISCOVER: u32 = 1;
export const OFFER: u32 = 2;
export const REQUEST: u32 = 3;
export const DECLINE: u32 = 4;
export const ACK: u32 = 5;
export const NAK: u32 = 6;
export const CLIENT_PORT: u16 = 68;
export const SERVER_PORT: u16 = 67;

const MAGIC: u32 = 0x63825363;

/** A server's message, read into values. */
export class DhcpReply {
  type: u32 = 0;
  transaction: u32 = 0;
  hardware: u64 = 0;
  /** yiaddr: the address that is offered or given. */
  address: u32 = 0;
  mask: u32 = 0;
  /** The first router, 0 for none. */
  router: u32 = 0;
  server: u32 = 0;
  /** Seconds; 0 when absent. */
  lease: u32 = 0;
  /** T1 and T2, seconds; 0 when absent. */
  renewal: u32 = 0;
  rebinding: u32 = 0;

  /** False when it is not a whole message of a server to a host on Ethernet. */
  read(at: usize, length: i32): bool {
    if (length < HEADER || get8(at) != 2 || get8(at + 1) != 1 || get8(at + 2) != 6) return false;
    if (get32(at + 236) != MAGIC) return false;
    this.type = 0;
    this.mask = 0;
    this.router = 0;
    this.server = 0;
    this.lease = 0;
    this.renewal = 0;
    this.rebinding = 0;
    this.transaction = get32(at + 4);
    this.address = get32(at + 16);
    this.hardware = get48(at + 28);
    let option = at + <usize>HEADER;
    const end = at + <usize>length;
    while (option < end) {
      const code = get8(option);
      if (code == 255) break;
      if (code == 0) {
        option++;
        continue;
      }
      if (option + 1 >= end) return false;
      const size = <i32>get8(option + 1);
      const value = option + 2;
      if (value + <usize>size > end) return false;
      if (code == 53 && size == 1) this.type = get8(value);
      else if (size >= 4) this.readWord(code, get32(value));
      option = value + <usize>size;
    }
    return this.type != 0;
  }

  private readWord(code: u32, word: u32): void {
    if (code == 1) this.mask = word;
    else if (code == 3) this.router = word;
    else if (code == 51) this.lease = word;
    else if (code == 54) this.server = word;
    else if (code == 58) this.renewal = word;
    else if (code == 59) this.rebinding = word;
  }
}

/** Most octets that `putRequest` writes. */
export const REQUEST_LENGTH: i32 = 300;

/**
 * Writes a client's message, and says how long it is. Options that are 0 are left out.
 *
 * @param client ciaddr: our address, when it is ours already
 * @param requested option 50
 * @param server option 54
 */
export function putRequest(
  at: usize,
  type: u32,
  transaction: u32,
  seconds: u32,
  hardware: u64,
  client: u32,
  requested: u32,
  server: u32,
): i32 {
  clear(at, REQUEST_LENGTH);
  put8(at, 1);
  put8(at + 1, 1);
  put8(at + 2, 6);
  put32(at + 4, transaction);
  put16(at + 8, seconds);
  put32(at + 12, client);
  put48(at + 28, hardware);
  put32(at + 236, MAGIC);
  let option = at + <usize>HEADER;
  put8(option, 53);
  put8(option + 1, 1);
  put8(option + 2, type);
  option += 3;
  // RFC 2132, 9.14: the client identifier is type and address.
  put16(option, (61 << 8) | 7);
  put8(option + 2, 1);
  put48(option + 3, hardware);
  option += 9;
  if (requested != 0) option = putWord(option, 50, requested);
  if (server != 0) option = putWord(option, 54, server);
  if (type != DECLINE) {
    // RFC 2132, 9.8: mask, router, lease time, T1, T2.
    put16(option, (55 << 8) | 5);
    put8(option + 2, 1);
    put8(option + 3, 3);
    put8(option + 4, 51);
    put8(option + 5, 58);
    put8(option + 6, 59);
    option += 7;
  }
  put8(option, 255);
  // RFC 1542, section 2.1: no message is shorter than 300 octets.
  return REQUEST_LENGTH;
}

function putWord(at: usize, code: u32, value: u32): usize {
  put8(at, code);
  put8(at + 1, 4);
  put32(at + 2, value);
  return at + 6;
}
