/**
 * UDP (RFC 768).
 *
 *     0        2             4        6          8
 *    ├ source ┼ destination ─┼ length ┼ checksum ┼ data ─→
 */
import { finish, pseudoHeader, putChecksum, sound, sum } from "./checksum";
import { UDP } from "./ipv4";
import { get16, put16 } from "./octets";

export const HEADER: i32 = 8;

/** A datagram that is whole and sound. */
export class UdpView {
  private at: usize = 0;

  /** The addresses are those of the packet that carries it. */
  check(at: usize, available: i32, source: u32, destination: u32): bool {
    this.at = at;
    if (available < HEADER) return false;
    const length = <i32>get16(at + 4);
    if (length < HEADER || length > available) return false;
    // RFC 768: a checksum of zero says that the sender made none.
    return (
      get16(at + 6) == 0 || sound(sum(at, length, pseudoHeader(source, destination, UDP, length)))
    );
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
  source: u32,
  sourcePort: u16,
  destination: u32,
  destinationPort: u16,
  dataLength: i32,
): void {
  const length = HEADER + dataLength;
  put16(at, sourcePort);
  put16(at + 2, destinationPort);
  put16(at + 4, length);
  put16(at + 6, 0);
  const checksum = finish(sum(at, length, pseudoHeader(source, destination, UDP, length)));
  // RFC 768: a checksum that is zero is sent as all ones.
  putChecksum(at + 6, checksum == 0 ? 0xffff : checksum);
}
