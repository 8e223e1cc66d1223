/**
 * Which connection has something due first: a heap by time. A connection whose deadline moves to later, as it does with
 * almost every segment, stays where it is, and is moved when its old time comes.
 */
import { NEVER } from "../time";
import { Block } from "./block";

export class Schedule {
  private readonly heap: Block[] = [];

  /** No later than the first deadline. */
  nextAt(): u64 {
    return this.heap.length == 0 ? NEVER : this.heap[0].scheduledAt;
  }

  /** To be called after a deadline of `block` changed. */
  update(block: Block): void {
    const deadline = block.deadline;
    if (block.scheduleIndex < 0) {
      if (deadline == NEVER) return;
      block.scheduledAt = deadline;
      block.scheduleIndex = this.heap.length;
      this.heap.push(block);
      this.rise(block);
    } else if (deadline < block.scheduledAt) {
      block.scheduledAt = deadline;
      this.rise(block);
    }
  }

  remove(block: Block): void {
    const index = block.scheduleIndex;
    if (index < 0) return;
    block.scheduleIndex = -1;
    const last = this.heap.pop();
    if (last == block) return;
    last.scheduleIndex = index;
    this.heap[index] = last;
    this.rise(last);
    this.sink(last);
  }

  /** A connection with something due at `now`, taken out; null when there is none. */
  due(now: u64): Block | null {
    while (this.heap.length > 0) {
      const block = this.heap[0];
      if (block.scheduledAt > now) return null;
      const deadline = block.deadline;
      if (deadline <= now || deadline == NEVER) {
        this.remove(block);
        if (deadline <= now) return block;
      } else {
        block.scheduledAt = deadline;
        this.sink(block);
      }
    }
    return null;
  }

  private rise(block: Block): void {
    let index = block.scheduleIndex;
    while (index > 0) {
      const parent = this.heap[(index - 1) >> 1];
      if (parent.scheduledAt <= block.scheduledAt) break;
      this.heap[index] = parent;
      parent.scheduleIndex = index;
      index = (index - 1) >> 1;
    }
    this.heap[index] = block;
    block.scheduleIndex = index;
  }

  private sink(block: Block): void {
    let index = block.scheduleIndex;
    while (true) {
      let child = 2 * index + 1;
      if (child >= this.heap.length) break;
      if (
        child + 1 < this.heap.length &&
        this.heap[child + 1].scheduledAt < this.heap[child].scheduledAt
      ) {
        child++;
      }
      const other = this.heap[child];
      if (other.scheduledAt >= block.scheduledAt) break;
      this.heap[index] = other;
      other.scheduleIndex = index;
      index = child;
    }
    this.heap[index] = block;
    block.scheduleIndex = index;
  }
}
