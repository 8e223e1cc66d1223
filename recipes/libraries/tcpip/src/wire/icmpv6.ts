// @seldom
/**
 * ICMP for IPv6 (RFC 4443).
 *
 *     0      1      2          4                8
 *    ├ type ┼ code ┼ checksum ┼ by type ────────┼ data ─→
 */
import { finish, pseudoHeader, putChecksum, sound, sum } from "./checksum";
import { Ends } from "./ends";
import { ICMPV6 } from "./ipv6";
import { get8, get32, put8, put16, put32 } from "./octets";

export const HEADER: i32 = 8;
export const UNREACHABLE: u32 = 1;
export const TOO_BIG: u32 = 2;
export const TIME_EXCEEDED: u32 = 3;
export const PARAMETER_PROBLEM: u32 = 4;
export const ECHO_REQUEST: u32 = 128;
export const ECHO_REPLY: u32 = 129;
export const LISTENER_QUERY: u32 = 130;
export const LISTENER_REPORT: u32 = 131;
export const ROUTER_SOLICITATION: u32 = 133;
export const ROUTER_ADVERTISEMENT: u32 = 134;
export const NEIGHBOUR_SOLICITATION: u32 = 135;
export const NEIGHBOUR_ADVERTISEMENT: u32 = 136;
export const REDIRECT: u32 = 137;
export const LISTENER_REPORT_2: u32 = 143;

/** Codes of `UNREACHABLE`. */
export const PROHIBITED: u32 = 1;
export const PORT_UNREACHABLE: u32 = 4;

/** Code of `TIME_EXCEEDED`: fragments did not all come. */
export const REASSEMBLY: u32 = 1;

/** A message that is whole and sound. */
export class Icmpv6View {
  at: usize = 0;
  length: i32 = 0;

  check(at: usize, length: i32, ends: Ends): bool {
    this.at = at;
    this.length = length;
    return length >= HEADER && sound(sum(at, length, pseudoHeader(ends, ICMPV6, length)));
  }

  get type(): u32 {
    return get8(this.at);
  }

  get code(): u32 {
    return get8(this.at + 1);
  }

  /** The 32 bits whose meaning is by type: an MTU, a pointer, an identifier with its sequence number. */
  get word(): u32 {
    return get32(this.at + 4);
  }

  get data(): usize {
    return this.at + <usize>HEADER;
  }

  get dataLength(): i32 {
    return this.length - HEADER;
  }

  /** Whether it is an error, and no question or answer (RFC 4443, section 2.1). */
  get isError(): bool {
    return this.type < 128;
  }
}

/** Writes the header before `dataLength` octets of data that are in place already. */
export function putIcmpv6(
  at: usize,
  type: u32,
  code: u32,
  word: u32,
  dataLength: i32,
  ends: Ends,
): void {
  const length = HEADER + dataLength;
  put8(at, type);
  put8(at + 1, code);
  put16(at + 2, 0);
  put32(at + 4, word);
  putChecksum(at + 2, finish(sum(at, length, pseudoHeader(ends, ICMPV6, length))));
}
