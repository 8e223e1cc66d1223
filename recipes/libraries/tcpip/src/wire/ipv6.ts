/**
 * IPv6 (RFC 8200, section 3). What follows the header is read by `extension.ts`.
 *
 *     0                          4                6             7           8
 *    ├ ver│class│flow label ─────┼ payload length ┼ next header ┼ hop limit ┤
 *    ├ source (16) ──────────────┼ destination (16) ────────────┼ payload ─→
 */
import { get8, get16, get64, put8, put16, put32, put64 } from "./octets";

export const HEADER: i32 = 40;

/** What every link takes (RFC 8200, section 5): no smaller path is believed in. */
export const MINIMUM_MTU: i32 = 1280;

/** Values of a next header field that are no protocol of IPv4. */
export const ICMPV6: u32 = 58;
export const NO_NEXT_HEADER: u32 = 59;

/** ff02::1, all nodes of the link. */
export const ALL_NODES_HIGH: u64 = 0xff02_0000_0000_0000;
export const ALL_NODES_LOW: u64 = 1;
/** ff02::2, all routers of the link. */
export const ALL_ROUTERS_LOW: u64 = 2;
/** ff02::1:ff00:0/104, solicited-node addresses (RFC 4291, section 2.7.1). */
const SOLICITED_LOW: u64 = 0x0000_0001_ff00_0000;
/** fe80::/64 */
export const LINK_LOCAL_HIGH: u64 = 0xfe80_0000_0000_0000;

/** A packet whose header is whole and whose length is that of the frame, or less. */
export class Ipv6View {
  at: usize = 0;

  check(at: usize, length: i32): bool {
    this.at = at;
    return length >= HEADER && get8(at) >> 4 == 6 && this.totalLength <= length;
  }

  /** For a packet that an error quotes: its header alone is there, and is all that is looked at. */
  checkQuoted(at: usize, length: i32): bool {
    this.at = at;
    return length >= HEADER && get8(at) >> 4 == 6;
  }

  get payloadLength(): i32 {
    return <i32>get16(this.at + 4);
  }

  get totalLength(): i32 {
    return HEADER + this.payloadLength;
  }

  get nextHeader(): u32 {
    return get8(this.at + 6);
  }

  get hopLimit(): u32 {
    return get8(this.at + 7);
  }

  get sourceHigh(): u64 {
    return get64(this.at + 8);
  }

  get sourceLow(): u64 {
    return get64(this.at + 16);
  }

  get destinationHigh(): u64 {
    return get64(this.at + 24);
  }

  get destinationLow(): u64 {
    return get64(this.at + 32);
  }
}

export function putIpv6(
  at: usize,
  payloadLength: i32,
  nextHeader: u32,
  hopLimit: u32,
  sourceHigh: u64,
  sourceLow: u64,
  destinationHigh: u64,
  destinationLow: u64,
): void {
  put32(at, 0x60000000);
  put16(at + 4, payloadLength);
  put8(at + 6, nextHeader);
  put8(at + 7, hopLimit);
  put64(at + 8, sourceHigh);
  put64(at + 16, sourceLow);
  put64(at + 24, destinationHigh);
  put64(at + 32, destinationLow);
}

/** Whether it is of a group: ff00::/8. */
export function isMulticast(high: u64): bool {
  return high >> 56 == 0xff;
}

/** Whether it is good on its link only: fe80::/10. */
export function isLinkLocal(high: u64): bool {
  return high >> 54 == 0x3fa;
}

/** Low half of the solicited-node address of an address; the high half is that of all nodes'. */
export function solicitedNode(low: u64): u64 {
  return SOLICITED_LOW | (low & 0xff_ffff);
}

/** Ethernet address of a group (RFC 2464, section 7). */
export function groupHardware(low: u64): u64 {
  return 0x3333_0000_0000 | (low & 0xffff_ffff);
}

/** Whether the first `prefix` bits of two addresses are the same. */
export function samePrefix(high: u64, low: u64, otherHigh: u64, otherLow: u64, prefix: i32): bool {
  return commonPrefix(high, low, otherHigh, otherLow) >= prefix;
}

/** How many bits two addresses have in common. */
export function commonPrefix(high: u64, low: u64, otherHigh: u64, otherLow: u64): i32 {
  const first = high ^ otherHigh;
  return first != 0 ? <i32>clz<u64>(first) : 64 + <i32>clz<u64>(low ^ otherLow);
}
