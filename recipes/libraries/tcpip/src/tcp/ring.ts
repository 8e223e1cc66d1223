/** Octets of a stream from some sequence number on, in a ring that grows and is given back when it is not needed. */
import { copyAndSum, swapped } from "../wire/checksum";
import { copy } from "../wire/octets";
import { startOf } from "../wire/window";
import { Pool } from "./pool";

export class Ring {
  /** The memory, for as long as it is held. */
  buffer: ArrayBuffer | null = null;
  capacity: i32 = 0;
  private base: usize = 0;
  private start: i32 = 0;

  constructor(private readonly pool: Pool) {}

  /** Makes room for `size` octets, the first `used` of which are kept; false when there is no memory. */
  reserve(size: i32, used: i32): bool {
    if (size <= this.capacity) return true;
    const larger = this.pool.take(size);
    if (larger == null) return false;
    const present = this.buffer;
    if (present != null) {
      const head = min<i32>(used, this.contiguous(0));
      copy(startOf(larger), this.address(0), head);
      copy(startOf(larger) + <usize>head, this.base, used - head);
      this.pool.give(present);
    }
    this.buffer = larger;
    this.base = startOf(larger);
    this.capacity = larger.byteLength;
    this.start = 0;
    return true;
  }

  /** Writes octets `offset` after the first. */
  put(offset: i32, from: usize, length: i32): void {
    const head = min<i32>(length, this.contiguous(offset));
    copy(this.address(offset), from, head);
    copy(this.base, from + <usize>head, length - head);
  }

  /** Copies octets out and adds them to a checksum. */
  read(offset: i32, to: usize, length: i32): u64 {
    const head = min<i32>(length, this.contiguous(offset));
    const total = copyAndSum(to, this.address(offset), head, 0);
    if (head == length) return total;
    const rest = copyAndSum(to + <usize>head, this.base, length - head, 0);
    return total + ((head & 1) == 1 ? swapped(rest) : rest);
  }

  address(offset: i32): usize {
    return this.base + <usize>((this.start + offset) & (this.capacity - 1));
  }

  /** How many octets from `offset` on lie in one piece. */
  contiguous(offset: i32): i32 {
    return this.capacity - ((this.start + offset) & (this.capacity - 1));
  }

  /** Lets go of the first octets. */
  drop(length: i32): void {
    this.start = (this.start + length) & (this.capacity - 1);
  }

  /** Gives the memory back. */
  release(): void {
    const buffer = this.buffer;
    if (buffer == null) return;
    this.pool.give(buffer);
    this.buffer = null;
    this.capacity = 0;
    this.start = 0;
  }
}
