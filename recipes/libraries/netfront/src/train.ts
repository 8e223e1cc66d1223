import { folded, pseudoHeader, sumIpv4 } from "./checksum";
import { ETHERNET, get32, Packet, put16, TCP } from "./packet";

/** A segment with less text than this is not worth waiting for another one. */
const LEAST: i32 = 512;
/** io/netif.h: the size of a frame has 16 bits. */
const LONGEST: i32 = 65535;

const PSH: u8 = 8;
const ACK: u8 = 16;

/** netif_extra_info: XEN_NETIF_GSO_TYPE_*. */
const GSO_TCPV4: u8 = 1;
const GSO_TCPV6: u8 = 2;

/**
 * Segments of one connection that follow one another and are alike, so that they go to the back end as one frame, which it cuts again where it must
 * (what cards call TSO). The first one is a whole frame at `first`; of those that join only the text is kept, by whoever asks.
 */
export class Train {
  /** Segments; 0: none waits. */
  count: i32 = 0;
  /** Bytes of the frame that all of them make. */
  length: i32 = 0;
  /** Bytes of text of the first, which no other has more of. */
  size: i32 = 0;
  private headers: i32 = 0;
  private first: usize = 0;
  private sequence: u32 = 0;
  private packet: Packet = new Packet();

  /** Begins with a whole frame at `at`, which must stay there; false when it is none that another could join. */
  begin(at: usize, length: i32, four: bool, six: bool): bool {
    const packet = this.packet;
    if (length < ETHERNET + 20 + 20 + LEAST || !packet.read(at, length)) return false;
    if (packet.protocol != TCP || packet.end != length) return false;
    // Options of IPv4 are not for every segment (RFC 791, 3.1).
    if (packet.six ? !six : !four || packet.transport != ETHERNET + 20) return false;
    const headers = packet.text(at);
    if (headers == 0 || length - headers < LEAST) return false;
    if (load<u8>(at + packet.transport + 13) != ACK) return false;
    this.count = 1;
    this.length = length;
    this.size = length - headers;
    this.headers = headers;
    this.first = at;
    this.sequence = get32(at + packet.transport + 4) + this.size;
    return true;
  }

  /** Where the text of a frame begins that may be the next one; 0 when it may not. */
  accepts(at: usize, length: i32): i32 {
    const headers = this.headers;
    const text = length - headers;
    if (text <= 0 || text > this.size || this.length + text > LONGEST) return 0;
    const transport = this.packet.transport;
    if (get32(at + transport + 4) != this.sequence) return 0;
    if ((load<u8>(at + transport + 13) & ~PSH) != ACK) return 0;
    // All but lengths, checksums, the number and the flags, which were looked at, and an identification that says nothing (RFC 6864, 4).
    const alike = this.packet.six
      ? this.same(at, 0, 18) && this.same(at, 20, transport + 4)
      : this.same(at, 0, 16) && this.same(at, 20, 24) && this.same(at, 26, transport + 4);
    return alike &&
      this.same(at, transport + 8, transport + 13) &&
      this.same(at, transport + 14, transport + 16) &&
      this.same(at, transport + 18, headers)
      ? headers
      : 0;
  }

  /** Takes a frame that is accepted; whether none may follow it. */
  join(at: usize, length: i32): bool {
    const text = length - this.headers;
    const flags = load<u8>(at + this.packet.transport + 13);
    const place = this.first + this.packet.transport + 13;
    store<u8>(place, load<u8>(place) | flags);
    this.count++;
    this.length += text;
    this.sequence += text;
    return text < this.size || (flags & PSH) != 0;
  }

  /** Writes the headers of the frame that all of them make. Its checksum is for the back end: the pseudo header's sum is in its place. */
  finish(): void {
    const at = this.first;
    const packet = this.packet;
    const ip = at + ETHERNET;
    if (packet.six) put16(ip + 4, this.length - packet.transport);
    else {
      put16(ip + 2, this.length - ETHERNET);
      sumIpv4(ip);
    }
    const sum = pseudoHeader(at, packet, this.length - packet.transport);
    store<u16>(at + packet.transport + 16, folded(sum));
  }

  /** Its kind, as the back end wants to know it. */
  get type(): u8 {
    return this.packet.six ? GSO_TCPV6 : GSO_TCPV4;
  }

  private same(at: usize, from: i32, to: i32): bool {
    return memory.compare(at + from, this.first + from, to - from) == 0;
  }
}
