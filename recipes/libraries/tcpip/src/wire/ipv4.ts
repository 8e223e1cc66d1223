/**
 * IPv4 (RFC 791).
 *
 *     0        1        2                 4                6               8
 *    ├ ver│ihl ┼ DSCP   ┼ total length ───┼ identification ┼ flags│offset ─┤
 *    ├ TTL ────┼ proto ─┼ checksum ───────┼ source ────────────────────────┤
 *    ├ destination ─────────────────────────────┼ options …
 */
import { finish, putChecksum, sound, sum } from "./checksum";
import { get8, get16, get32, put16, put32 } from "./octets";

export const HEADER: i32 = 20;
export const ICMP: u32 = 1;
export const TCP: u32 = 6;
export const UDP: u32 = 17;

/** Flag of the third header word: not to be fragmented. */
export const DONT_FRAGMENT: u32 = 0x4000;
/** Flag: more fragments follow. */
export const MORE_FRAGMENTS: u32 = 0x2000;

/** What every host takes without fragments (RFC 791, section 3.1): no smaller path is believed in. */
export const MINIMUM_MTU: i32 = 576;

/** A packet whose header is sound and all there. */
export class Ipv4View {
  at: usize = 0;

  /** Checks version, lengths and checksum (RFC 1122, section 3.2.1: all others are silently discarded). */
  check(at: usize, length: i32): bool {
    this.at = at;
    if (length < HEADER || get8(at) >> 4 != 4) return false;
    const header = this.headerLength;
    const total = this.totalLength;
    return header >= HEADER && total >= header && total <= length && sound(sum(at, header, 0));
  }

  get headerLength(): i32 {
    return <i32>((get8(this.at) & 15) << 2);
  }

  get totalLength(): i32 {
    return <i32>get16(this.at + 2);
  }

  get identification(): u32 {
    return get16(this.at + 4);
  }

  get moreFragments(): bool {
    return (get16(this.at + 6) & MORE_FRAGMENTS) != 0;
  }

  /** Offset of this fragment in octets. */
  get fragmentOffset(): i32 {
    return <i32>((get16(this.at + 6) & 0x1fff) << 3);
  }

  get protocol(): u32 {
    return get8(this.at + 9);
  }

  get source(): u32 {
    return get32(this.at + 12);
  }

  get destination(): u32 {
    return get32(this.at + 16);
  }

  get payload(): usize {
    return this.at + <usize>this.headerLength;
  }

  get payloadLength(): i32 {
    return this.totalLength - this.headerLength;
  }

  /** Whether the sender wants to choose the way: such packets are not taken (RFC 7126, sections 4.3 and 4.4). */
  get sourceRouted(): bool {
    const end = this.at + <usize>this.headerLength;
    let at = this.at + <usize>HEADER;
    while (at < end) {
      const kind = get8(at);
      if (kind == 0) return false;
      if (kind == 131 || kind == 137) return true;
      if (kind == 1) {
        at += 1;
        continue;
      }
      if (at + 1 >= end) return false;
      const length = get8(at + 1);
      if (length < 2) return false;
      at += <usize>length;
    }
    return false;
  }
}

/** Writes a header without options. `fragment` has flags and offset as in the packet. */
export function putIpv4(
  at: usize,
  totalLength: i32,
  identification: u32,
  fragment: u32,
  timeToLive: u32,
  protocol: u32,
  source: u32,
  destination: u32,
): void {
  put32(at, 0x45000000 | <u32>totalLength);
  put32(at + 4, (identification << 16) | fragment);
  put16(at + 8, (timeToLive << 8) | protocol);
  put16(at + 10, 0);
  put32(at + 12, source);
  put32(at + 16, destination);
  putChecksum(at + 10, finish(sum(at, HEADER, 0)));
}
