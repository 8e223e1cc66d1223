/** Frames with TCP segments, made and cut independently of the driver (RFC 791, RFC 8200, RFC 9293). */

export interface SegmentShape {
  readonly six: boolean;
  /** Bytes of TCP's options, a multiple of 4. */
  readonly options: number;
  readonly sequence: number;
  readonly flags: number;
  readonly identification: number;
}

export const usualShape: SegmentShape = {
  ...{ six: false, options: 12, sequence: 0xffff_f000 },
  ...{ flags: 0x10, identification: 0 },
};

export const headersOf = ({ six, options }: SegmentShape) => 14 + (six ? 40 : 20) + 20 + options;

/** One frame with that text; its checksums right. */
export function segment(shape: SegmentShape, text: Uint8Array): Buffer {
  const { six, options, sequence, flags, identification } = shape;
  const transport = six ? 54 : 34;
  const headers = headersOf(shape);
  const frame = Buffer.concat([Buffer.alloc(headers), text]);
  frame.write("DDDDDDSSSSSS", "latin1");
  frame.writeUInt16BE(six ? 0x86dd : 0x0800, 12);
  if (six) {
    frame.writeUInt32BE(0x6000_0000, 14);
    frame.writeUInt16BE(frame.length - 54, 18);
    frame.writeUInt16BE(0x0640, 20);
    for (let at = 22; at < 54; at++) frame[at] = at;
  } else {
    frame.writeUInt16BE(0x4500, 14);
    frame.writeUInt16BE(frame.length - 14, 16);
    frame.writeUInt16BE(identification, 18);
    frame.writeUInt16BE(0x4000, 20);
    frame.writeUInt16BE(0x4006, 22);
    for (let at = 26; at < 34; at++) frame[at] = at;
  }
  frame.writeUInt32BE(0x1f90_c001, transport);
  frame.writeUInt32BE(sequence >>> 0, transport + 4);
  frame.writeUInt32BE(0x0102_0304, transport + 8);
  frame[transport + 12] = ((20 + options) / 4) << 4;
  frame[transport + 13] = flags;
  frame.writeUInt16BE(0x7fff, transport + 14);
  frame.fill(1, transport + 20, headers);
  if (!six) frame.writeUInt16BE(0xffff - sum16(frame.subarray(14, 34)), 24);
  frame.writeUInt16BE(0xffff - transportSum(frame, six), transport + 16);
  return frame;
}

/** Several segments as one frame, whose TCP checksum is the pseudo header's sum alone. */
export function joined(shape: SegmentShape, text: Uint8Array): Buffer {
  const frame = segment(shape, text);
  const transport = shape.six ? 54 : 34;
  frame.writeUInt16BE(sum16(pseudoHeader(frame, shape.six)), transport + 16);
  return frame;
}

/** The frames that a card makes of `joined`. */
export function cut(shape: SegmentShape, text: Uint8Array, size: number): Buffer[] {
  const frames: Buffer[] = [];
  for (let from = 0; from < text.length; from += size) {
    const isLast = from + size >= text.length;
    // FIN and PSH are the last one's, CWR the first one's.
    const flags = shape.flags & (isLast ? 0xff : ~0x09) & (from === 0 ? 0xff : ~0x80);
    const identification = (shape.identification + from / size) & 0xffff;
    const sequence = shape.sequence + from;
    frames.push(
      segment({ ...shape, flags, identification, sequence }, text.subarray(from, from + size)),
    );
  }
  return frames;
}

function pseudoHeader(frame: Buffer, six: boolean): Buffer {
  const tail = Buffer.alloc(4);
  tail.writeUInt16BE(frame.length - (six ? 54 : 34), 0);
  tail.writeUInt16BE(6, 2);
  return Buffer.concat([six ? frame.subarray(22, 54) : frame.subarray(26, 34), tail]);
}

function transportSum(frame: Buffer, six: boolean): number {
  return sum16(Buffer.concat([pseudoHeader(frame, six), frame.subarray(six ? 54 : 34)]));
}

/** RFC 1071, word by word. */
function sum16(bytes: Uint8Array): number {
  let sum = 0;
  for (let at = 0; at < bytes.length; at += 2) {
    sum += (bytes[at]! << 8) | (bytes[at + 1] ?? 0);
    if (sum > 0xffff) sum -= 0xffff;
  }
  return sum;
}
