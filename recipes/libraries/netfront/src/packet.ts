/** IEEE 802.3, 3.1.1: two addresses and the type of what follows. */
export const ETHERNET: i32 = 14;
export const TCP: u8 = 6;
export const UDP: u8 = 17;

const IPV4: u16 = 0x0800;
const IPV6: u16 = 0x86dd;
const IPV6_HEADER: i32 = 40;

/** Where things are in a frame with a whole TCP segment or UDP datagram, without extension headers of IPv6. Offsets are from the frame's start. */
export class Packet {
  six: bool = false;
  protocol: u8 = 0;
  /** Of TCP's or UDP's header. */
  transport: i32 = 0;
  /** Of what follows the packet: padding, or nothing. */
  end: i32 = 0;

  /** Reads the frame of `length` bytes at `at`; false when it is another one. */
  read(at: usize, length: i32): bool {
    if (length < ETHERNET + 20) return false;
    const ip = at + ETHERNET;
    const type = get16(at + 12);
    if (type == IPV4) {
      // RFC 791, 3.1. One in fragments has no checksum that could be checked here.
      const header = <i32>(load<u8>(ip) & 15) * 4;
      if (header < 20 || (get16(ip + 6) & 0x3fff) != 0) return false;
      this.six = false;
      this.protocol = load<u8>(ip + 9);
      this.transport = ETHERNET + header;
      this.end = ETHERNET + get16(ip + 2);
    } else if (type == IPV6 && length >= ETHERNET + IPV6_HEADER) {
      this.six = true;
      this.protocol = load<u8>(ip + 6);
      this.transport = ETHERNET + IPV6_HEADER;
      this.end = this.transport + get16(ip + 4);
    } else return false;
    const least = this.protocol == TCP ? 20 : this.protocol == UDP ? 8 : length;
    return this.end <= length && this.end - this.transport >= least;
  }

  /** Of TCP's text; 0 when there is no such place. */
  text(at: usize): i32 {
    const place = this.transport + <i32>(load<u8>(at + this.transport + 12) >> 4) * 4;
    return place >= this.transport + 20 && place <= this.end ? place : 0;
  }
}

/** A number in the network's order. */
export function get16(at: usize): u16 {
  return bswap<u16>(load<u16>(at));
}

export function put16(at: usize, value: i32): void {
  store<u16>(at, bswap<u16>(<u16>value));
}

export function get32(at: usize): u32 {
  return bswap<u32>(load<u32>(at));
}

export function put32(at: usize, value: u32): void {
  store<u32>(at, bswap<u32>(value));
}
