// @seldom
/**
 * The chain of extension headers of an IPv6 packet (RFC 8200, section 4), within limits as RFC 8504, section 5.3 allows:
 * a host need not follow a chain that nobody has a use for.
 *
 *     0             1        2
 *    ├ next header ┼ length ┼ options …        hop-by-hop, destination (4.2)
 *    ├ next header ┼ length ┼ type ┼ left ┼ …  routing (4.4)
 *    ├ next header ┼ 0 ─────┼ offset│M ┼ identification ┤  fragment (4.5)
 */
import { HEADER, NO_NEXT_HEADER } from "./ipv6";
import { get8, get16, get32, put8, put16, put32 } from "./octets";

const HOP_BY_HOP: u32 = 0;
const ROUTING: u32 = 43;
const FRAGMENT: u32 = 44;
const DESTINATION: u32 = 60;

export const FRAGMENT_HEADER: i32 = 8;

/** Extension headers at most, and options in one of them that are not padding. */
const HEADER_LIMIT = 8;
const OPTION_LIMIT = 8;

/** What a chain led to. */
/** A protocol's payload, or the end of the chain. */
export const PAYLOAD: i32 = 0;
/** A fragment of a packet. */
export const FRAGMENTED: i32 = 1;
/** Nothing that is worth an answer. */
export const DISCARD: i32 = 2;
/** What the sender must be told by an ICMP parameter problem of `code` at `pointer`. */
export const PROBLEM: i32 = 3;

/** Codes of a parameter problem (RFC 4443, section 3.4). */
export const ERRONEOUS_FIELD: u32 = 0;
export const UNKNOWN_NEXT_HEADER: u32 = 1;
export const UNKNOWN_OPTION: u32 = 2;

/** Reads chains into values. One object serves all packets. */
export class Extensions {
  protocol: u32 = NO_NEXT_HEADER;
  payload: usize = 0;
  payloadLength: i32 = 0;
  /** Offset of the field that names `protocol`, from the IPv6 header on. */
  protocolAt: u32 = 0;
  fragmentOffset: i32 = 0;
  moreFragments: bool = false;
  identification: u32 = 0;
  code: u32 = 0;
  pointer: u32 = 0;
  /** Whether the sender of a packet to a group is told as well. */
  evenGroups: bool = false;

  /** Follows the chain of the packet at `at` from its header `first` on. */
  read(at: usize, first: u32, length: i32): i32 {
    this.protocol = first;
    this.protocolAt = 6;
    this.payload = at + <usize>HEADER;
    this.payloadLength = length;
    for (let headers = 0; headers <= HEADER_LIMIT; headers++) {
      const kind = this.protocol;
      // Hop-by-hop options come first or not at all.
      if (kind == HOP_BY_HOP && headers > 0)
        return this.problem(UNKNOWN_NEXT_HEADER, this.protocolAt);
      if (kind == FRAGMENT) {
        if (!this.readFragment(at)) return DISCARD;
        // RFC 6946: a packet of one fragment is a packet.
        if (this.fragmentOffset != 0 || this.moreFragments) return FRAGMENTED;
        continue;
      }
      if (kind != HOP_BY_HOP && kind != ROUTING && kind != DESTINATION) return PAYLOAD;
      const here = this.payload;
      if (this.payloadLength < 8) return DISCARD;
      const size = <i32>((get8(here + 1) + 1) << 3);
      if (size > this.payloadLength) return DISCARD;
      if (kind == ROUTING) {
        // RFC 5095 and RFC 8200, 4.4: whoever has segments left wants a route of us, and gets none.
        if (get8(here + 3) != 0) return this.problem(ERRONEOUS_FIELD, <u32>(here - at) + 2);
      } else {
        const result = this.readOptions(at, here + 2, here + <usize>size);
        if (result != PAYLOAD) return result;
      }
      this.advance(at, size);
    }
    return DISCARD;
  }

  private advance(at: usize, size: i32): void {
    this.protocol = get8(this.payload);
    this.protocolAt = <u32>(this.payload - at);
    this.payload += <usize>size;
    this.payloadLength -= size;
  }

  private readFragment(at: usize): bool {
    const here = this.payload;
    if (this.payloadLength < FRAGMENT_HEADER) return false;
    const field = get16(here + 2);
    this.fragmentOffset = <i32>(field & 0xfff8);
    this.moreFragments = (field & 1) != 0;
    this.identification = get32(here + 4);
    this.advance(at, FRAGMENT_HEADER);
    return true;
  }

  /** Section 4.2: what is not known says by its first bits what becomes of the packet. None is known but padding. */
  private readOptions(at: usize, option: usize, end: usize): i32 {
    let options = 0;
    while (option < end) {
      const kind = get8(option);
      if (kind == 0) {
        option++;
        continue;
      }
      if (option + 1 >= end) return DISCARD;
      const size = <usize>get8(option + 1) + 2;
      if (option + size > end) return DISCARD;
      // Padding, and a router's alert (RFC 2711), which says nothing to hosts.
      if (kind != 1 && kind != 5) {
        options++;
        if (options > OPTION_LIMIT) return DISCARD;
        const action = kind >> 6;
        if (action == 1) return DISCARD;
        if (action >= 2) {
          this.evenGroups = action == 2;
          return this.problem(UNKNOWN_OPTION, <u32>(option - at));
        }
      }
      option += size;
    }
    return PAYLOAD;
  }

  private problem(code: u32, pointer: u32): i32 {
    this.code = code;
    this.pointer = pointer;
    if (code != UNKNOWN_OPTION) this.evenGroups = false;
    return PROBLEM;
  }
}

/** Whether a next header is that of an extension, so that no protocol can have its number. */
export function isExtension(protocol: u32): bool {
  return (
    protocol == HOP_BY_HOP || protocol == ROUTING || protocol == FRAGMENT || protocol == DESTINATION
  );
}

/** Writes a fragment's header. */
export function putFragment(
  at: usize,
  nextHeader: u32,
  offset: i32,
  more: bool,
  identification: u32,
): void {
  put8(at, nextHeader);
  put8(at + 1, 0);
  put16(at + 2, <u32>offset | (more ? 1 : 0));
  put32(at + 4, identification);
}

/** The next header field of a header that a fragment's header follows. */
export const FRAGMENT_NEXT: u32 = FRAGMENT;

/** Length of `putRouterAlert`. */
export const ROUTER_ALERT: i32 = 8;

/** Writes hop-by-hop options that ask routers to look at a packet of MLD (RFC 2711, section 2.1). */
export function putRouterAlert(at: usize, nextHeader: u32): void {
  put8(at, nextHeader);
  put8(at + 1, 0);
  put32(at + 2, 0x05020000);
  put16(at + 6, 0x0100);
}
