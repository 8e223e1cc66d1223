/**
 * TCP segments (RFC 9293, section 3.1) with their options.
 *
 *     0             2             4             8             12         13      14       16         18       20
 *    ├ source port ┼ dest. port ─┼ sequence ───┼ acknowledg. ┼ offset│0 ┼ flags ┼ window ┼ checksum ┼ urgent ┼ options …
 */
import { pseudoHeader, sound, sum } from "./checksum";
import { Ends } from "./ends";
import { TCP } from "./ipv4";
import { get8, get16, get32, put8, put16, put32 } from "./octets";

export const HEADER: i32 = 20;
export const FIN: u32 = 1;
export const SYN: u32 = 2;
export const RST: u32 = 4;
export const PSH: u32 = 8;
export const ACK: u32 = 16;

/** The most SACK blocks that fit beside nothing else (RFC 2018, section 3). */
export const MAXIMUM_SACK_BLOCKS: i32 = 4;

/** The segment sizes of peers that name none (RFC 9293, section 3.7.1). */
export const DEFAULT_MSS: i32 = 536;
export const DEFAULT_MSS_6: i32 = 1220;

/** Length of the timestamps option with its padding (RFC 7323, appendix A). */
export const TIMESTAMPS_LENGTH: i32 = 12;

/** A segment that is whole and sound, read into values. One object serves all segments. */
export class Segment {
  sourcePort: u16 = 0;
  destinationPort: u16 = 0;
  sequence: u32 = 0;
  acknowledgment: u32 = 0;
  flags: u32 = 0;
  /** As sent: not scaled. */
  window: u32 = 0;
  data: usize = 0;
  dataLength: i32 = 0;
  /** 0 when the option is absent. */
  maximumSegmentSize: i32 = 0;
  /** -1 when the option is absent. */
  windowScale: i32 = -1;
  sackPermitted: bool = false;
  timestamps: bool = false;
  timestamp: u32 = 0;
  timestampEcho: u32 = 0;
  sackBlocks: i32 = 0;
  /** Left edge, right edge of each block. */
  readonly sack: StaticArray<u32> = new StaticArray<u32>(2 * MAXIMUM_SACK_BLOCKS);

  /** Reads a segment; false, and the values are of no use, when it is cut, malformed or its checksum is wrong. */
  read(at: usize, length: i32, ends: Ends): bool {
    if (length < HEADER) return false;
    const header = <i32>((get8(at + 12) >> 4) << 2);
    if (header < HEADER || header > length) return false;
    // RFC 9293, 3.1 (MUST-3): the checksum is always checked.
    if (!sound(sum(at, length, pseudoHeader(ends, TCP, length)))) return false;
    this.sourcePort = <u16>get16(at);
    this.destinationPort = <u16>get16(at + 2);
    this.sequence = get32(at + 4);
    this.acknowledgment = get32(at + 8);
    this.flags = get8(at + 13);
    this.window = get16(at + 14);
    this.data = at + <usize>header;
    this.dataLength = length - header;
    this.readOptions(at + <usize>HEADER, this.data);
    return true;
  }

  has(flag: u32): bool {
    return (this.flags & flag) != 0;
  }

  /** Sequence numbers that it takes: of its data, SYN and FIN (RFC 9293, section 3.4: SEG.LEN). */
  get length(): u32 {
    return <u32>this.dataLength + ((this.flags >> 1) & 1) + (this.flags & FIN);
  }

  private readOptions(at: usize, end: usize): void {
    this.maximumSegmentSize = 0;
    this.windowScale = -1;
    this.sackPermitted = false;
    this.timestamps = false;
    this.sackBlocks = 0;
    // The usual form first: timestamps alone, padded in front.
    if (end - at == <usize>TIMESTAMPS_LENGTH && get32(at) == 0x0101080a) {
      this.readTimestamps(at + 2);
      return;
    }
    while (at < end) {
      const kind = get8(at);
      if (kind == 0) return;
      if (kind == 1) {
        at += 1;
        continue;
      }
      if (at + 1 >= end) return;
      const length = <i32>get8(at + 1);
      // RFC 9293, 3.1 (MUST-7): an illegal length must not harm; what follows cannot be read.
      if (length < 2 || at + <usize>length > end) return;
      if (kind == 2 && length == 4) {
        this.maximumSegmentSize = <i32>get16(at + 2);
      } else if (kind == 3 && length == 3) {
        // RFC 7323, 2.3: a shift above 14 counts as 14.
        this.windowScale = min<i32>(<i32>get8(at + 2), 14);
      } else if (kind == 4 && length == 2) {
        this.sackPermitted = true;
      } else if (kind == 5 && (length - 2) % 8 == 0) {
        this.readSack(at + 2, min<i32>((length - 2) / 8, MAXIMUM_SACK_BLOCKS));
      } else if (kind == 8 && length == 10) {
        this.readTimestamps(at);
      }
      at += <usize>length;
    }
  }

  private readTimestamps(at: usize): void {
    this.timestamps = true;
    this.timestamp = get32(at + 2);
    this.timestampEcho = get32(at + 6);
  }

  private readSack(at: usize, blocks: i32): void {
    for (let i = 0; i < 2 * blocks; i++) {
      this.sack[i] = get32(at + ((<usize>i) << 2));
    }
    this.sackBlocks = blocks;
  }
}

/** Writes the header up to its options, with a checksum of zero. `header` counts options too. */
export function putTcp(
  at: usize,
  sourcePort: u16,
  destinationPort: u16,
  sequence: u32,
  acknowledgment: u32,
  header: i32,
  flags: u32,
  window: u32,
): void {
  put16(at, sourcePort);
  put16(at + 2, destinationPort);
  put32(at + 4, sequence);
  put32(at + 8, acknowledgment);
  put8(at + 12, (<u32>header) << 2);
  put8(at + 13, flags);
  put16(at + 14, window);
  put32(at + 16, 0);
}

/** RFC 9293, section 3.2: Maximum Segment Size. */
export function putMss(at: usize, size: i32): usize {
  put32(at, 0x02040000 | <u32>size);
  return at + 4;
}

/** RFC 7323, section 2.2, padded in front. */
export function putWindowScale(at: usize, shift: u32): usize {
  put32(at, 0x01030300 | shift);
  return at + 4;
}

/** RFC 2018, section 2, padded in front. */
export function putSackPermitted(at: usize): usize {
  put32(at, 0x01010402);
  return at + 4;
}

/** RFC 7323, section 3.2, padded in front as appendix A advises. */
export function putTimestamps(at: usize, value: u32, echo: u32): usize {
  put32(at, 0x0101080a);
  put32(at + 4, value);
  put32(at + 8, echo);
  return at + <usize>TIMESTAMPS_LENGTH;
}

/** RFC 2018, section 3, padded in front: the head, to be followed by the edges of `blocks` blocks. */
export function putSackHead(at: usize, blocks: i32): usize {
  put32(at, 0x01010500 | <u32>(2 + 8 * blocks));
  return at + 4;
}
