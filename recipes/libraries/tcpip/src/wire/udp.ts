/**
 * UDP (RFC 768).
 *
 *     0        2             4        6          8
 *    ├ source ┼ destination ─┼ length ┼ checksum ┼ data ─→
 */
import { finish, pseudoHeader, putChecksum, sound, sum } from "./checksum";
import { Ends } from "./ends";
import { UDP } from "./ipv4";
import { get16, put16 } from "./octets";

export const HEADER: i32 = 8;

/** A datagram that is whole and sound. */
export class UdpView {
  private at: usize = 0;

  check(at: usize, available: i32, ends: Ends): bool {
    this.at = at;
    if (available < HEADER) return false;
    const length = <i32>get16(at + 4);
    if (length < HEADER || length > available) return false;
    // RFC 768: a checksum of zero says that the sender made none; RFC 8200, section 8.1: over IPv6 it has to.
    if (get16(at + 6) == 0) return !ends.six;
    return sound(sum(at, length, pseudoHeader(ends, UDP, length)));
  }

  get sourcePort(): u16 {
    return <u16>get16(this.at);
  }

  get destinationPort(): u16 {
    return <u16>get16(this.at + 2);
  }

  get data(): usize {
    return this.at + <usize>HEADER;
  }

  get dataLength(): i32 {
    return <i32>get16(this.at + 4) - HEADER;
  }
}

/** Writes the header before `dataLength` octets of data that are in place already. */
export function putUdp(
  at: usize,
  sourcePort: u16,
  destinationPort: u16,
  dataLength: i32,
  ends: Ends,
): void {
  const length = HEADER + dataLength;
  put16(at, sourcePort);
  put16(at + 2, destinationPort);
  put16(at + 4, length);
  put16(at + 6, 0);
  const checksum = finish(sum(at, length, pseudoHeader(ends, UDP, length)));
  // RFC 768: a checksum that is zero is sent as all ones.
  putChecksum(at + 6, checksum == 0 ? 0xffff : checksum);
}
