/**
 * A set of numbers as sorted ranges that do not touch: which octets of a stream or a datagram are there. Numbers are
 * compared modulo 2^32 (RFC 9293, section 3.4), so all of one set must be within 2^31. Bounded: at the limit a new range
 * that touches no other is refused.
 */
export class Ranges {
  count: i32 = 0;
  /** How many numbers are in the set. */
  total: u32 = 0;
  private edges: StaticArray<u32> = new StaticArray<u32>(0);

  constructor(private readonly limit: i32) {}

  /** First number of range `index`. */
  lower(index: i32): u32 {
    return this.edges[index << 1];
  }

  /** The number after the last of range `index`. */
  upper(index: i32): u32 {
    return this.edges[(index << 1) + 1];
  }

  /** Adds lower ≤ x < upper; false, and nothing is added, when there are too many ranges. */
  add(lower: u32, upper: u32): bool {
    let first = 0;
    while (first < this.count && <i32>(this.upper(first) - lower) < 0) first++;
    let after = first;
    while (after < this.count && <i32>(this.lower(after) - upper) <= 0) after++;
    if (first == after) {
      if (this.count == this.limit) return false;
      this.move(first, 1);
    } else {
      if (<i32>(this.lower(first) - lower) < 0) lower = this.lower(first);
      if (<i32>(this.upper(after - 1) - upper) > 0) upper = this.upper(after - 1);
      for (let i = first; i < after; i++) this.total -= this.upper(i) - this.lower(i);
      if (after - first > 1) this.move(after, first + 1 - after);
    }
    this.edges[first << 1] = lower;
    this.edges[(first << 1) + 1] = upper;
    this.total += upper - lower;
    return true;
  }

  /** Takes out all below `bound`. */
  dropBelow(bound: u32): void {
    let gone = 0;
    while (gone < this.count && <i32>(this.upper(gone) - bound) <= 0) {
      this.total -= this.upper(gone) - this.lower(gone);
      gone++;
    }
    if (gone > 0) this.move(gone, -gone);
    if (this.count > 0 && <i32>(this.lower(0) - bound) < 0) {
      this.total -= bound - this.lower(0);
      this.edges[0] = bound;
    }
  }

  /** How many of lower ≤ x < upper are not in the set. */
  missing(lower: u32, upper: u32): u32 {
    if (<i32>(upper - lower) <= 0) return 0;
    let missing = upper - lower;
    for (let i = 0; i < this.count; i++) {
      const from = <i32>(this.lower(i) - lower) > 0 ? this.lower(i) : lower;
      const to = <i32>(this.upper(i) - upper) < 0 ? this.upper(i) : upper;
      if (<i32>(to - from) > 0) missing -= to - from;
    }
    return missing;
  }

  /** The first number from `start` on that is not in the set. */
  firstMissing(start: u32): u32 {
    for (let i = 0; i < this.count; i++) {
      if (<i32>(this.lower(i) - start) > 0) break;
      if (<i32>(this.upper(i) - start) > 0) return this.upper(i);
    }
    return start;
  }

  /** The first number from `start` on that is in the set, or `otherwise`. */
  firstPresent(start: u32, otherwise: u32): u32 {
    for (let i = 0; i < this.count; i++) {
      if (<i32>(this.upper(i) - start) > 0) {
        return <i32>(this.lower(i) - start) > 0 ? this.lower(i) : start;
      }
    }
    return otherwise;
  }

  /** Whether some of lower ≤ x < upper are in the set. */
  overlaps(lower: u32, upper: u32): bool {
    return this.missing(lower, upper) != upper - lower;
  }

  clear(): void {
    this.count = 0;
    this.total = 0;
  }

  /** Moves the ranges from `index` on by `by` places, and so makes or fills a gap. */
  private move(index: i32, by: i32): void {
    const count = this.count + by;
    if (count << 1 > this.edges.length) {
      const larger = new StaticArray<u32>(max<i32>(8, this.edges.length << 1));
      for (let i = 0; i < this.count << 1; i++) larger[i] = this.edges[i];
      this.edges = larger;
    }
    if (by > 0) {
      for (let i = (this.count << 1) - 1; i >= index << 1; i--) {
        this.edges[i + (by << 1)] = this.edges[i];
      }
    } else {
      for (let i = index << 1; i < this.count << 1; i++) this.edges[i + (by << 1)] = this.edges[i];
    }
    this.count = count;
  }
}
