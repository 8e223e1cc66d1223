/** Checksums of RFC 1071. Words are added as the machine has them: any order of octets gives the same sum, in that order. */
import { ETHERNET, Packet, put16, TCP, UDP } from "./packet";

const packet = new Packet();

/**
 * Makes the checksum of the TCP segment or UDP datagram in a frame whose sender left that to the hardware, which there is none of between
 * two domains. Other frames stay as they are.
 */
export function completeChecksum(at: usize, length: i32): void {
  if (!packet.read(at, length)) return;
  const start = at + packet.transport;
  const place = start + (packet.protocol == TCP ? 16 : 6);
  store<u16>(place, 0);
  const octets = packet.end - packet.transport;
  const checksum = ~folded(sumOf(start, octets, pseudoHeader(at, packet, octets)));
  // RFC 768: 0 says that there is none.
  store<u16>(place, checksum == 0 && packet.protocol == UDP ? 0xffff : checksum);
}

/** The sum of addresses, length and protocol (RFC 9293, 3.1; RFC 8200, 8.1). */
export function pseudoHeader(at: usize, packet: Packet, octets: i32): u64 {
  const six = packet.six;
  const sum = <u64>bswap<u16>(<u16>octets) + ((<u64>packet.protocol) << 8);
  return sumOf(at + ETHERNET + (six ? 8 : 12), six ? 32 : 8, sum);
}

/** Writes the checksum of an IPv4 header without options. */
export function sumIpv4(ip: usize): void {
  put16(ip + 10, 0);
  store<u16>(ip + 10, ~folded(sumOf(ip, 20, 0)));
}

/** Adds the octets at `at` to a sum. */
export function sumOf(at: usize, length: i32, sum: u64): u64 {
  const end = at + length;
  while (at + 4 <= end) {
    sum += load<u32>(at);
    at += 4;
  }
  if (at + 2 <= end) {
    sum += load<u16>(at);
    at += 2;
  }
  return at < end ? sum + load<u8>(at) : sum;
}

/** A sum in 16 bits, as it is stored. */
export function folded(sum: u64): u16 {
  sum = (sum & 0xffffffff) + (sum >> 32);
  sum = (sum & 0xffff) + (sum >> 16);
  sum = (sum & 0xffff) + (sum >> 16);
  return <u16>((sum & 0xffff) + (sum >> 16));
}
