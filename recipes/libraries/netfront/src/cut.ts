import { folded, pseudoHeader, sumIpv4, sumOf } from "./checksum";
import { ETHERNET, get16, get32, Packet, put16, put32, TCP } from "./packet";

const FIN: u8 = 1;
const PSH: u8 = 8;
const CWR: u8 = 128;

/** The longest headers: without options of IPv4, 60 bytes of TCP. */
const LONGEST_HEADERS: i32 = ETHERNET + 40 + 60;

/**
 * A frame of several TCP segments, cut into them again. Each segment's headers are written before its text, over the one before it, which is
 * dealt with by then: text is not copied.
 */
export class Cut {
  /** Of the segment that `next` has made. */
  start: i32 = 0;
  length: i32 = 0;
  private at: usize = 0;
  private packet: Packet = new Packet();
  private kept: Uint8Array = new Uint8Array(LONGEST_HEADERS);
  private headers: i32 = 0;
  private size: i32 = 0;
  /** Where the next text begins; the frame's end when there is none. */
  private text: i32 = 0;
  private end: i32 = 0;

  /** Begins with the frame at `at`, `size` bytes of text in each segment; false when it is none that can be cut. */
  begin(at: usize, length: i32, size: i32): bool {
    this.text = this.end;
    const packet = this.packet;
    if (size == 0 || !packet.read(at, length) || packet.protocol != TCP) return false;
    if (packet.transport != ETHERNET + (packet.six ? 40 : 20)) return false;
    const headers = packet.text(at);
    if (headers == 0) return false;
    memory.copy(this.kept.dataStart, at, headers);
    this.at = at;
    this.headers = headers;
    this.size = size;
    this.text = headers;
    this.end = packet.end;
    return true;
  }

  /** Makes the next segment a frame of its own, at `start`; false when there is none left. */
  next(): bool {
    if (this.text >= this.end) return false;
    const headers = this.headers;
    const before = this.text - headers;
    const text = min<i32>(this.size, this.end - this.text);
    const at = this.at + before;
    const first = before == 0;
    const last = this.text + text == this.end;
    if (!first) memory.copy(at, this.kept.dataStart, headers);
    const packet = this.packet;
    const transport = at + packet.transport;
    const octets = headers - packet.transport + text;
    const ip = at + ETHERNET;
    if (packet.six) put16(ip + 4, octets);
    else {
      put16(ip + 2, 20 + octets);
      put16(ip + 4, get16(ip + 4) + before / this.size);
      sumIpv4(ip);
    }
    put32(transport + 4, get32(transport + 4) + before);
    let flags = load<u8>(transport + 13);
    if (!last) flags &= ~(FIN | PSH);
    // RFC 3168, 6.1.2: told once.
    if (!first) flags &= ~CWR;
    store<u8>(transport + 13, flags);
    store<u16>(transport + 16, 0);
    const sum = sumOf(transport, octets, pseudoHeader(at, packet, octets));
    store<u16>(transport + 16, ~folded(sum));
    this.start = before;
    this.length = headers + text;
    this.text += text;
    return true;
  }
}
