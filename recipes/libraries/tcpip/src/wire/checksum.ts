// @often
/**
 * The Internet checksum (RFC 1071). Sums are kept in the machine's byte order, which gives the same checksum once it
 * is stored in that order (section 2 B), and unfolded in 64 bits, so that carries need no care (section 2 A).
 */
import { Ends } from "./ends";

/** Adds the octets at `at` to a sum. A piece that is not the last has an even length. */
export function sum(at: usize, length: i32, initial: u64): u64 {
  let low: u64 = initial & 0xffffffff;
  let high: u64 = initial >> 32;
  const blocks = at + (<usize>length & ~31);
  while (at < blocks) {
    const a = load<u64>(at);
    const b = load<u64>(at, 8);
    const c = load<u64>(at, 16);
    const d = load<u64>(at, 24);
    low += (a & 0xffffffff) + (b & 0xffffffff) + (c & 0xffffffff) + (d & 0xffffffff);
    high += (a >> 32) + (b >> 32) + (c >> 32) + (d >> 32);
    at += 32;
  }
  return low + high + tail(at, length & 31);
}

/** Copies octets and adds them to a sum in one pass. The places do not overlap. */
export function copyAndSum(to: usize, from: usize, length: i32, initial: u64): u64 {
  let low: u64 = initial & 0xffffffff;
  let high: u64 = initial >> 32;
  const blocks = from + (<usize>length & ~31);
  while (from < blocks) {
    const a = load<u64>(from);
    const b = load<u64>(from, 8);
    const c = load<u64>(from, 16);
    const d = load<u64>(from, 24);
    store<u64>(to, a);
    store<u64>(to, b, 8);
    store<u64>(to, c, 16);
    store<u64>(to, d, 24);
    low += (a & 0xffffffff) + (b & 0xffffffff) + (c & 0xffffffff) + (d & 0xffffffff);
    high += (a >> 32) + (b >> 32) + (c >> 32) + (d >> 32);
    from += 32;
    to += 32;
  }
  const rest = length & 31;
  memory.copy(to, from, <usize>rest);
  return low + high + tail(from, rest);
}

/** The sum of octets that follow an odd number of others: each moves to the other half of its word. */
export function swapped(value: u64): u64 {
  return bswap<u16>(<u16>fold(value));
}

/**
 * The sum of the pseudo-header of UDP, TCP and ICMPv6 (RFC 768; RFC 9293, section 3.1; RFC 8200, section 8.1). The
 * fields of the two families are of different widths, but what is zero adds nothing.
 */
export function pseudoHeader(ends: Ends, protocol: u32, length: i32): u64 {
  const addresses = ends.six
    ? halves(ends.localHigh) +
      halves(ends.localLow) +
      halves(ends.remoteHigh) +
      halves(ends.remoteLow)
    : <u64>bswap<u32>(ends.local4) + <u64>bswap<u32>(ends.remote4);
  return addresses + <u64>bswap<u16>(<u16>protocol) + <u64>bswap<u16>(<u16>length);
}

/** The checksum of a sum, ready for `putChecksum`. */
export function finish(value: u64): u32 {
  return ~fold(value) & 0xffff;
}

/** Whether a sum over data and its checksum says that the data is sound. */
export function sound(value: u64): bool {
  return fold(value) == 0xffff;
}

/** Stores a checksum, which is in the machine's byte order already. */
export function putChecksum(at: usize, checksum: u32): void {
  store<u16>(at, <u16>checksum);
}

function halves(value: u64): u64 {
  const swappedValue = bswap<u64>(value);
  return (swappedValue & 0xffffffff) + (swappedValue >> 32);
}

function tail(at: usize, length: i32): u64 {
  let total: u64 = 0;
  const words = at + (<usize>length & ~3);
  while (at < words) {
    total += load<u32>(at);
    at += 4;
  }
  if (length & 2) {
    total += load<u16>(at);
    at += 2;
  }
  // RFC 1071, section 4.1: an odd octet counts as one followed by zero.
  if (length & 1) total += load<u8>(at);
  return total;
}

function fold(value: u64): u32 {
  let folded = (value & 0xffffffff) + (value >> 32);
  folded = (folded & 0xffff) + (folded >> 16);
  folded = (folded & 0xffff) + (folded >> 16);
  folded = (folded & 0xffff) + (folded >> 16);
  return <u32>folded;
}
