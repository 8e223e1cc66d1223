// @seldom
/**
 * Neighbour discovery (RFC 4861, section 4): what follows the first eight octets of its ICMP messages.
 *
 *     8                24
 *    ├ target (16) ────┼ options …                                    solicitation, advertisement
 *    ├ reachable (4) ──┼ retransmission (4) ┼ options …                a router's advertisement
 *
 *     0      1        2
 *    ├ type ┼ length ┼ …   options, their length in units of eight octets
 */
import { get8, get32, get48, get64, put8, put48, put64 } from "./octets";

/** Flags of a neighbour's advertisement. */
export const FROM_ROUTER: u32 = 0x80000000;
export const SOLICITED: u32 = 0x40000000;
export const OVERRIDE: u32 = 0x20000000;

const SOURCE_HARDWARE: u32 = 1;
const TARGET_HARDWARE: u32 = 2;
const PREFIX: u32 = 3;
const MTU: u32 = 5;

/** Prefixes of one advertisement that are read at most. */
export const PREFIX_LIMIT = 16;

/** Octets of a solicitation or advertisement after the ICMP header, with its one option. */
export const NEIGHBOUR_LENGTH: i32 = 24;

/** Flags of a prefix. */
const ON_LINK: u32 = 0x80;
const AUTONOMOUS: u32 = 0x40;

/** A prefix that a router tells of. */
export class PrefixOption {
  high: u64 = 0;
  low: u64 = 0;
  length: i32 = 0;
  onLink: bool = false;
  /** Whether hosts may make addresses of it. */
  autonomous: bool = false;
  /** Seconds; all ones for ever. */
  valid: u32 = 0;
  preferred: u32 = 0;
}

/** The body of a message of a neighbour or a router, read into values. One object serves all messages. */
export class NdpMessage {
  targetHigh: u64 = 0;
  targetLow: u64 = 0;
  /** Of the option that belongs to the kind of message; 0 when absent. */
  hardware: u64 = 0;
  /** Milliseconds, 0 for what a router does not say. */
  reachableTime: u32 = 0;
  retransmissionTime: u32 = 0;
  mtu: u32 = 0;
  prefixes: i32 = 0;
  private readonly options: PrefixOption[] = [];

  /** Prefix `index` below `prefixes`. */
  prefix(index: i32): PrefixOption {
    return this.options[index];
  }

  /** Reads a solicitation; `at` is after the ICMP header. False when it is not whole. */
  readSolicitation(at: usize, length: i32): bool {
    return this.readTarget(at, length) && this.readOptions(at + 16, length - 16, SOURCE_HARDWARE);
  }

  readAdvertisement(at: usize, length: i32): bool {
    return this.readTarget(at, length) && this.readOptions(at + 16, length - 16, TARGET_HARDWARE);
  }

  readRouterAdvertisement(at: usize, length: i32): bool {
    if (length < 8) return false;
    this.reachableTime = get32(at);
    this.retransmissionTime = get32(at + 4);
    return this.readOptions(at + 8, length - 8, SOURCE_HARDWARE);
  }

  private readTarget(at: usize, length: i32): bool {
    if (length < 16) return false;
    this.targetHigh = get64(at);
    this.targetLow = get64(at + 8);
    return true;
  }

  /** Section 4.6: an option without length makes the whole message invalid; those that are not known are skipped. */
  private readOptions(at: usize, length: i32, hardwareKind: u32): bool {
    const end = at + <usize>length;
    this.hardware = 0;
    this.mtu = 0;
    this.prefixes = 0;
    while (at < end) {
      if (at + 2 > end) return false;
      const kind = get8(at);
      const size = <usize>(get8(at + 1) << 3);
      if (size == 0 || at + size > end) return false;
      if (kind == hardwareKind) this.hardware = get48(at + 2);
      else if (kind == MTU) this.mtu = get32(at + 4);
      else if (kind == PREFIX && size >= 32) this.readPrefix(at);
      at += size;
    }
    return true;
  }

  private readPrefix(at: usize): void {
    const length = <i32>get8(at + 2);
    if (this.prefixes == PREFIX_LIMIT || length > 128) return;
    if (this.options.length == this.prefixes) this.options.push(new PrefixOption());
    const option = this.options[this.prefixes++];
    const flags = get8(at + 3);
    option.length = length;
    option.onLink = (flags & ON_LINK) != 0;
    option.autonomous = (flags & AUTONOMOUS) != 0;
    option.valid = get32(at + 4);
    option.preferred = get32(at + 8);
    option.high = get64(at + 16);
    option.low = get64(at + 24);
  }
}

/** Lifetime of the router that sent an advertisement, in seconds; 0 when it is none for us. */
export function routerLifetime(word: u32): u32 {
  return word & 0xffff;
}

/** The hop limit that it advises; 0 for none. */
export function advisedHopLimit(word: u32): u32 {
  return word >> 24;
}

/** Writes the body of a solicitation, and says how long it is. The option is left out for a `hardware` of 0. */
export function putSolicitation(at: usize, high: u64, low: u64, hardware: u64): i32 {
  return putBody(at, high, low, SOURCE_HARDWARE, hardware);
}

export function putAdvertisement(at: usize, high: u64, low: u64, hardware: u64): i32 {
  return putBody(at, high, low, TARGET_HARDWARE, hardware);
}

/** The body of a router's solicitation. */
export function putRouterSolicitation(at: usize, hardware: u64): i32 {
  return putHardware(at, SOURCE_HARDWARE, hardware);
}

function putBody(at: usize, high: u64, low: u64, kind: u32, hardware: u64): i32 {
  put64(at, high);
  put64(at + 8, low);
  return hardware == 0 ? 16 : 16 + putHardware(at + 16, kind, hardware);
}

function putHardware(at: usize, kind: u32, hardware: u64): i32 {
  put8(at, kind);
  put8(at + 1, 1);
  put48(at + 2, hardware);
  return 8;
}
