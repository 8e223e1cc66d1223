import { Listed, OPEN } from "./superblock";

/** Which segments are part of the log, and how much of each is live. */
export class Segments {
  /** In the order in which they were written; the last is the head. */
  list: Listed[] = [];
  /** Bytes of live records, all together. */
  liveBytes: u64 = 0;
  private liveOf: StaticArray<i32>;
  private isListed: StaticArray<bool>;
  /** Segments that cannot be collected, since something in them is damaged. */
  private isBroken: StaticArray<bool>;

  constructor(private count: i32) {
    this.liveOf = new StaticArray<i32>(count);
    this.isListed = new StaticArray<bool>(count);
    this.isBroken = new StaticArray<bool>(count);
  }

  /** Segments that are not part of the log. */
  get free(): i32 {
    return this.count - this.list.length;
  }

  get head(): Listed | null {
    return this.list.length > 0 ? this.list[this.list.length - 1] : null;
  }

  /** Live bytes of a segment became more or less. */
  live(segment: i32, change: i32): void {
    this.liveOf[segment] += change;
    this.liveBytes += <u64>(<i64>change);
  }

  add(listed: Listed): void {
    this.list.push(listed);
    this.isListed[listed.segment] = true;
  }

  /** Adds a head, the next free segment round the disk; the head before has `used` bytes. */
  advance(used: i32, epoch: u64): Listed {
    const before = this.head;
    let segment = 0;
    if (before !== null) {
      before.used = used;
      segment = (before.segment + 1) % this.count;
    }
    while (this.isListed[segment]) segment = (segment + 1) % this.count;
    const head = new Listed(segment, epoch, OPEN);
    this.add(head);
    return head;
  }

  /** The segment that is worth most to collect: with the fewest live bytes. Null when there is none. */
  victim(): Listed | null {
    let best: Listed | null = null;
    let fewest = i32.MAX_VALUE;
    for (let index = 0; index < this.list.length - 1; index++) {
      const listed = this.list[index];
      const live = this.liveOf[listed.segment];
      if (live >= fewest || this.isBroken[listed.segment]) continue;
      best = listed;
      fewest = live;
    }
    return best;
  }

  break(listed: Listed): void {
    this.isBroken[listed.segment] = true;
  }

  remove(listed: Listed): void {
    this.list.splice(this.list.indexOf(listed), 1);
    this.isListed[listed.segment] = false;
  }
}
