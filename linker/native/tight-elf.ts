/**
 * What a boot loader needs of an ELF file and nothing else: headers and what is loaded, without sections, symbols, and the zeros between
 * and behind. Addresses stay as they are.
 */
import { Malformed } from "./reader.ts";

/** Sizes of the file's header and of one of a segment's, and the type of a loaded one (System V ABI, chapters 4 and 5). */
const fileHeader = 64;
const segmentHeader = 56;
const load = 1;
/** Places in the file and in memory agree in the lower bits that `p_align` says. */
const alignment = 16;

interface Segment {
  readonly type: number;
  readonly header: Uint8Array;
  readonly offset: number;
  readonly address: bigint;
  readonly bytes: Uint8Array;
}

/** Throws Malformed for what is not an ELF file of 64 bits with segments. */
export function tightElf(linked: Uint8Array): Uint8Array {
  const view = new DataView(linked.buffer, linked.byteOffset, linked.byteLength);
  if (linked.length < fileHeader || view.getUint32(0) !== 0x7f454c46 || linked[4] !== 2) {
    throw new Malformed(0, "not an ELF file of 64 bits");
  }
  const table = Number(view.getBigUint64(32, true));
  const count = view.getUint16(56, true);
  const segments = Array.from({ length: count }, (_, index): Segment => {
    const at = table + index * segmentHeader;
    const offset = Number(view.getBigUint64(at + 8, true));
    const size = Number(view.getBigUint64(at + 32, true));
    return {
      type: view.getUint32(at, true),
      header: linked.slice(at, at + segmentHeader),
      offset,
      address: view.getBigUint64(at + 16, true),
      bytes: linked.subarray(offset, offset + size),
    };
  });
  const places = new Map<Segment, number>();
  let end = fileHeader + count * segmentHeader;
  for (const segment of segments) {
    if (segment.type !== load) continue;
    const wanted = Number(segment.address % BigInt(alignment));
    end += (wanted - (end % alignment) + alignment) % alignment;
    places.set(segment, end);
    end += withoutZeros(segment.bytes).length;
  }
  const file = new Uint8Array(end);
  file.set(linked.subarray(0, fileHeader));
  const header = new DataView(file.buffer);
  header.setBigUint64(32, BigInt(fileHeader), true);
  // No sections: e_shoff, e_shentsize, e_shnum, e_shstrndx.
  header.setBigUint64(40, 0n, true);
  for (const at of [58, 60, 62]) header.setUint16(at, 0, true);
  segments.forEach((segment, index) => {
    const at = fileHeader + index * segmentHeader;
    file.set(segment.header, at);
    const own = places.get(segment);
    if (own === undefined) {
      header.setBigUint64(at + 8, BigInt(placeWithin(segment, places)), true);
      return;
    }
    const bytes = withoutZeros(segment.bytes);
    file.set(bytes, own);
    header.setBigUint64(at + 8, BigInt(own), true);
    header.setBigUint64(at + 32, BigInt(bytes.length), true);
    header.setBigUint64(at + 48, BigInt(alignment), true);
  });
  return file;
}

/** Memory beyond a segment's bytes is zero anyway. */
function withoutZeros(bytes: Uint8Array): Uint8Array {
  let end = bytes.length;
  while (end > 0 && bytes[end - 1] === 0) end--;
  return bytes.subarray(0, end);
}

/** Where a segment that is part of a loaded one is now, as a note is. */
function placeWithin(segment: Segment, places: ReadonlyMap<Segment, number>): number {
  for (const [loaded, place] of places) {
    const within = segment.offset - loaded.offset;
    if (within >= 0 && within + segment.bytes.length <= loaded.bytes.length) return place + within;
  }
  return 0;
}
