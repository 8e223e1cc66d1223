// @seldom
/**
 * ICMP for IPv4 (RFC 792).
 *
 *     0      1      2          4                8
 *    ├ type ┼ code ┼ checksum ┼ by type ────────┼ data ─→
 */
import { finish, putChecksum, sound, sum } from "./checksum";
import { get8, get16, get32, put8, put16, put32 } from "./octets";

export const HEADER: i32 = 8;
export const ECHO_REPLY: u32 = 0;
export const UNREACHABLE: u32 = 3;
export const ECHO_REQUEST: u32 = 8;
export const TIME_EXCEEDED: u32 = 11;

/** Codes of `UNREACHABLE`. */
export const PROTOCOL_UNREACHABLE: u32 = 2;
export const PORT_UNREACHABLE: u32 = 3;
export const FRAGMENTATION_NEEDED: u32 = 4;
export const NETWORK_PROHIBITED: u32 = 9;
export const HOST_PROHIBITED: u32 = 10;
export const ADMINISTRATIVELY_PROHIBITED: u32 = 13;

/** Codes of `TIME_EXCEEDED`: too many routers, and fragments that did not all come. */
export const IN_TRANSIT: u32 = 0;
export const REASSEMBLY: u32 = 1;

/** A message that is whole and sound. */
export class IcmpView {
  private at: usize = 0;
  private length: i32 = 0;

  check(at: usize, length: i32): bool {
    this.at = at;
    this.length = length;
    return length >= HEADER && sound(sum(at, length, 0));
  }

  get type(): u32 {
    return get8(this.at);
  }

  get code(): u32 {
    return get8(this.at + 1);
  }

  /** The 32 bits whose meaning is by type: of an echo its identifier and sequence number. */
  get word(): u32 {
    return get32(this.at + 4);
  }

  /** The next hop's MTU, of `FRAGMENTATION_NEEDED` (RFC 1191, section 4); 0 from an old router. */
  get nextHopMtu(): i32 {
    return <i32>get16(this.at + 6);
  }

  get data(): usize {
    return this.at + <usize>HEADER;
  }

  get dataLength(): i32 {
    return this.length - HEADER;
  }
}

/** Writes the header before `dataLength` octets of data that are in place already. */
export function putIcmp(at: usize, type: u32, code: u32, rest: u32, dataLength: i32): void {
  put8(at, type);
  put8(at + 1, code);
  put16(at + 2, 0);
  put32(at + 4, rest);
  putChecksum(at + 2, finish(sum(at, HEADER + dataLength, 0)));
}
