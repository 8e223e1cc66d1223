import { Boot } from "./boot";
import { Changes } from "./changes";
import { ATTRIBUTES, Entry, VOLUME_LABEL } from "./entry";
import {
  checksum,
  ENTRY,
  isSameName,
  isShort,
  LAST_LONG,
  LONG_NAME,
  longEntries,
  longPart,
  numberedBytes,
  shortBytes,
  shortText,
  writeLong,
} from "./name";

/** A folder in memory: all of its clusters. */
export class Folder {
  /** Byte of the first entry that was never used; what the disk has from there on may be anything. */
  private end: i32 = 0;

  constructor(
    private boot: Boot,
    public clusters: u32[],
    public bytes: Uint8Array,
  ) {
    while (this.end < bytes.length && bytes[this.end] != END) this.end += ENTRY;
    bytes.fill(0, this.end);
  }

  /** All that is in it, but for itself and the folder above. */
  entries(): Entry[] {
    const found: Entry[] = [];
    const bytes = this.bytes;
    let name = "";
    let first = -1;
    let expected = 0;
    let sum: u8 = 0;
    for (let start = 0; start < bytes.length && bytes[start] != END; start += ENTRY) {
      const order = <i32>bytes[start];
      if (order == FREE) {
        first = -1;
        continue;
      }
      if ((bytes[start + ATTRIBUTES] & 0x3f) == LONG_NAME) {
        // Page 28: they stand before the short name, the last one first.
        if ((order & LAST_LONG) != 0) {
          name = "";
          first = start;
          expected = order & 0x3f;
          sum = bytes[start + 13];
        }
        if (first < 0 || (order & 0x3f) != expected || bytes[start + 13] != sum || expected == 0) {
          first = -1;
        } else {
          name = longPart(bytes, start) + name;
          expected--;
        }
        continue;
      }
      const isLong = first >= 0 && expected == 0 && checksum(bytes, start) == sum;
      if ((bytes[start + ATTRIBUTES] & VOLUME_LABEL) == 0 && order != DOT) {
        const text = isLong ? name : shortText(bytes, start);
        const raw = bytes.slice(start, start + ENTRY);
        found.push(new Entry(text, raw, isLong ? first : start, start));
      }
      first = -1;
    }
    return found;
  }

  find(name: string): Entry | null {
    const entries = this.entries();
    for (let index = 0; index < entries.length; index++) {
      if (isSameName(entries[index].name, name)) return entries[index];
    }
    // Short names are names, too.
    for (let index = 0; index < entries.length; index++) {
      if (isSameName(shortText(entries[index].raw, 0), name)) return entries[index];
    }
    return null;
  }

  /** How many entries a name takes. */
  static slotsFor(name: string): i32 {
    return isShort(name) ? 1 : 1 + longEntries(name);
  }

  /**
   * Byte where `count` entries in a row are free, -1 when they are not. In one sector when they fit into one, since a
   * sector is written as a whole: no name is there in part.
   */
  place(count: i32): i32 {
    const bytes = this.bytes;
    const inSector = this.boot.sectorSize / ENTRY;
    let free = 0;
    for (let start = 0; start < bytes.length; start += ENTRY) {
      if (count <= inSector && start % this.boot.sectorSize == 0) free = 0;
      free = start >= this.end || bytes[start] == FREE ? free + 1 : 0;
      if (free == count) return start - (count - 1) * ENTRY;
    }
    return -1;
  }

  /** The short name for a name: nobody else's in this folder. Null when a million are taken. */
  shortNameFor(name: string): Uint8Array | null {
    if (isShort(name)) return shortBytes(name);
    for (let number = 1; number < 1_000_000; number++) {
      const short = numberedBytes(name, number);
      if (!this.hasShort(short)) return short;
    }
    return null;
  }

  /**
   * Puts the entries of a name at `place`, and has them written. `raw` are the 32 bytes of its own entry, whose short name
   * and what belongs to that are replaced.
   */
  insert(changes: Changes, place: i32, name: string, short: Uint8Array, raw: Uint8Array): void {
    const bytes = this.bytes;
    const first = min(place, this.end);
    // Entries that are left out on the way there are free from now on.
    for (let start = this.end; start < place; start += ENTRY) bytes[start] = FREE;
    let start = place;
    const sum = checksum(short, 0);
    for (let order = Folder.slotsFor(name) - 1; order > 0; order--, start += ENTRY) {
      writeLong(bytes, start, name, order, sum);
    }
    bytes.set(raw, start);
    bytes.set(short, start);
    bytes[start + 12] = 0;
    const after = start + ENTRY;
    if (after > this.end) {
      this.end = after;
      // The new end is in a sector of its own: it has to be there first.
      if (after < bytes.length && after % this.boot.sectorSize == 0) {
        this.write(changes, after, after + 1);
        changes.next();
      }
    }
    // Parts of a long name in sectors before that of the name itself: without it nobody sees them.
    const own = start & ~(this.boot.sectorSize - 1);
    if (first < own) {
      this.write(changes, first, own);
      changes.next();
    }
    this.write(changes, own, after);
  }

  /** Frees the entries of a name and has that written, that of the name itself first. */
  remove(changes: Changes, entry: Entry): void {
    for (let start = entry.first; start <= entry.own; start += ENTRY) this.bytes[start] = FREE;
    this.write(changes, entry.own, entry.own + ENTRY);
    const size = this.boot.sectorSize;
    if ((entry.first & ~(size - 1)) == (entry.own & ~(size - 1))) return;
    changes.next();
    this.write(changes, entry.first, entry.own & ~(size - 1));
  }

  /** Has the sectors with the bytes from `start` to `end` written. */
  write(changes: Changes, start: i32, end: i32): void {
    const size = this.boot.sectorSize;
    for (let from = start & ~(size - 1); from < end; from += size) {
      changes.write(this.sectorOf(from), this.bytes.slice(from, from + size));
    }
  }

  get isEmpty(): bool {
    return this.entries().length == 0;
  }

  sectorOf(byte: i32): u32 {
    const size = this.boot.clusterSize;
    const cluster = this.clusters[byte / size];
    return this.boot.sectorOf(cluster) + <u32>((byte % size) / this.boot.sectorSize);
  }

  private hasShort(short: Uint8Array): bool {
    const bytes = this.bytes;
    for (let start = 0; start < bytes.length && bytes[start] != END; start += ENTRY) {
      if ((bytes[start + ATTRIBUTES] & 0x3f) == LONG_NAME) continue;
      if (memory.compare(bytes.dataStart + <usize>start, short.dataStart, 11) == 0) return true;
    }
    return false;
  }
}

/** First bytes of entries that are free, of the end, and of `.` and `..`. */
const FREE: i32 = 0xe5;
const END: i32 = 0;
const DOT: i32 = 0x2e;
