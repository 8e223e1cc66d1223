import { DELETE, Record, SET } from "./record";
import { Segments } from "./segments";

/** What is known of a key: where its last record is. */
class Entry {
  /** The last record is a SET. */
  isSet: bool = false;
  /** How many SETs of the key are in the log, the last one and those before it. */
  copies: i32 = 0;
  segment: i32 = 0;
  /** Byte of the segment where the record begins. */
  start: i32 = 0;
  length: i32 = 0;
}

/** Where a record is. */
export class Location {
  constructor(
    public segment: i32,
    public start: i32,
    public length: i32,
  ) {}
}

/**
 * Every key of the log and where its value is. A key that was deleted stays for as long as the log has a SET of it,
 * since its DELETE has to stay for as long: without it, the SET would count again after a restart.
 */
export class Directory {
  /** Keys that have a value. */
  size: i32 = 0;
  /** Bytes of memory that the keys take, about. */
  memory: i32 = 0;
  private entries: Map<string, Entry> = new Map<string, Entry>();

  constructor(private segments: Segments) {}

  /** The log has one more record, at `start` of `segment`, which is the key's last one. */
  apply(record: Record, segment: i32, start: i32): void {
    const key = record.key;
    if (!this.entries.has(key)) {
      // Nothing that could count again.
      if (record.kind == DELETE) return;
      this.entries.set(key, new Entry());
      this.memory += costOf(key);
    }
    const entry = this.entries.get(key);
    if (entry.length > 0) this.segments.live(entry.segment, -entry.length);
    const isSet = record.kind == SET;
    if (isSet != entry.isSet) this.size += isSet ? 1 : -1;
    entry.isSet = isSet;
    if (isSet) entry.copies++;
    entry.segment = segment;
    entry.start = start;
    entry.length = record.length;
    this.segments.live(segment, entry.length);
    this.forgetIfUseless(key, entry);
  }

  /** A SET of the log will be there no more. */
  forgetCopy(key: string): void {
    const entry = this.entries.get(key);
    entry.copies--;
    this.forgetIfUseless(key, entry);
  }

  /** Whether the record at this place is the last one of its key, and needed. */
  isLast(key: string, segment: i32, start: i32): bool {
    if (!this.entries.has(key)) return false;
    const entry = this.entries.get(key);
    return entry.segment == segment && entry.start == start;
  }

  has(key: string): bool {
    return this.entries.has(key) && this.entries.get(key).isSet;
  }

  /** Where the value of a key is. */
  find(key: string): Location | null {
    if (!this.has(key)) return null;
    const entry = this.entries.get(key);
    return new Location(entry.segment, entry.start, entry.length);
  }

  /** Keys with a value that begin with `prefix`, sorted by UTF-16 code units. */
  keys(prefix: string): string[] {
    const all = this.entries.keys();
    const found: string[] = [];
    for (let index = 0; index < all.length; index++) {
      const key = all[index];
      if (key.startsWith(prefix) && this.entries.get(key).isSet) found.push(key);
    }
    return found.sort();
  }

  private forgetIfUseless(key: string, entry: Entry): void {
    if (entry.isSet || entry.copies > 0) return;
    this.segments.live(entry.segment, -entry.length);
    this.entries.delete(key);
    this.memory -= costOf(key);
  }
}

/** Bytes of memory for a key: the text, its entry, and their places in the map. */
export function costOf(key: string): i32 {
  return 128 + 2 * key.length;
}
