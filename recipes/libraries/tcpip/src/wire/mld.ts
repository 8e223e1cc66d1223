// @seldom
/**
 * Multicast listener discovery (RFC 2710; RFC 3810): what follows the first eight octets of its ICMP messages.
 *
 *     8            24
 *    ├ group (16) ┼ …                                              query; report of version 1
 *    ├ kind ┼ 0 ┼ sources: 0 (2) ┼ group (16) ┤ more records …     report of version 2
 */
import { get64, put8, put16, put64 } from "./octets";

/** ff02::16, where reports of version 2 go to (RFC 3810, section 5.2.14). */
export const REPORTS_LOW: u64 = 0x16;

/** Kinds of records: what is listened to, and that it is so from now on (RFC 3810, section 5.2.12). */
export const IS_EXCLUDE: u32 = 2;
export const TO_INCLUDE: u32 = 3;
export const TO_EXCLUDE: u32 = 4;

export const RECORD_LENGTH: i32 = 20;
/** Length of the group's address, all that a query or report of version 1 has. */
export const GROUP_LENGTH: i32 = 16;

/** Whether a query of `length` octets after the ICMP header is of version 1 (RFC 3810, section 8.1). */
export function isFirstVersion(length: i32): bool {
  return length == GROUP_LENGTH;
}

/** Milliseconds within which a query wants its answer (RFC 3810, section 5.1.3). */
export function responseDelay(word: u32, first: bool): u32 {
  const code = word >> 16;
  if (first || code < 32768) return code;
  return ((code & 0xfff) | 0x1000) << (((code >> 12) & 7) + 3);
}

/** Whether a query whose group is at `at` asks for the group of this address. */
export function asksFor(at: usize, high: u64, low: u64): bool {
  const groupHigh = get64(at);
  const groupLow = get64(at + 8);
  return (groupHigh | groupLow) == 0 || (groupHigh == high && groupLow == low);
}

export function putRecord(at: usize, kind: u32, high: u64, low: u64): void {
  put8(at, kind);
  put8(at + 1, 0);
  put16(at + 2, 0);
  putGroup(at + 4, high, low);
}

export function putGroup(at: usize, high: u64, low: u64): void {
  put64(at, high);
  put64(at + 8, low);
}
