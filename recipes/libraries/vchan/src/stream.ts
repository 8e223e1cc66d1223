import { load, publish } from "xenbus";

/**
 * One direction of a channel: a ring of 2^n bytes, and how many were ever written and read, modulo 2^32
 * (io/libxenvchan.h, struct ring_shared).
 */
export class Stream {
  /** The other side counts what cannot be. */
  broken: bool = false;

  /**
   * @param counters where `cons` and `prod` are
   * @param bytes where the ring is
   */
  constructor(
    private counters: usize,
    private bytes: usize,
    readonly size: u32,
  ) {}

  /** How many bytes wait to be read. */
  get waiting(): u32 {
    const count = load(this.counters + 4) - load(this.counters);
    if (count > this.size) this.broken = true;
    return this.broken ? 0 : count;
  }

  /** Writes what there is room for; how much that was. */
  write(from: usize, length: u32): u32 {
    const written = load(this.counters + 4);
    const count = min<u32>(length, this.size - this.waiting);
    if (this.broken) return 0;
    const place = written & (this.size - 1);
    const first = min<u32>(count, this.size - place);
    memory.copy(this.bytes + place, from, first);
    memory.copy(this.bytes, from + first, count - first);
    publish(this.counters + 4, written + count);
    return count;
  }

  /** Reads what waits, `length` bytes at most; how much that was. */
  read(to: usize, length: u32): u32 {
    const read = load(this.counters);
    const count = min<u32>(length, this.waiting);
    const place = read & (this.size - 1);
    const first = min<u32>(count, this.size - place);
    memory.copy(to, this.bytes + place, first);
    memory.copy(to + first, this.bytes, count - first);
    publish(this.counters, read + count);
    return count;
  }
}
