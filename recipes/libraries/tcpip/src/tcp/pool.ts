/**
 * Memory of all connections' buffers, in pieces whose sizes are powers of two. Pieces are reused, so that connections
 * that are idle hold none and busy ones make no work for the collector.
 */
const SMALLEST = 12;
const LARGEST = 30;
/** Free pieces that are kept at most, in octets, and never more than half of the limit. */
const KEPT = 8 << 20;
/** Octets of the program's memory that a larger piece leaves for all else, in one piece; without smaller ones nothing goes on. */
const SPARED = 128 << 10;
const SMALL = 16 << 10;

export class Pool {
  /** Octets that are taken now. */
  used: i32 = 0;
  private kept: i32 = 0;
  private readonly free: StaticArray<ArrayBuffer[]> = new StaticArray<ArrayBuffer[]>(LARGEST + 1);

  private readonly most: i32;

  constructor(private readonly limit: i32) {
    this.most = min<i32>(KEPT, limit >> 1);
    for (let i = 0; i <= LARGEST; i++) this.free[i] = [];
  }

  /** A piece of at least `size` octets with any content; null at the limit, or when the program's memory has none before the collector comes. */
  take(size: i32): ArrayBuffer | null {
    const log = size <= 1 << SMALLEST ? SMALLEST : 32 - clz<i32>(size - 1);
    const octets = 1 << log;
    if (log > LARGEST || octets > this.limit - this.used) return null;
    const free = this.free[log];
    if (free.length == 0) {
      if (octets > SMALL && !hasRoom(octets)) return null;
      this.used += octets;
      return new ArrayBuffer(octets);
    }
    this.used += octets;
    this.kept -= octets;
    return free.pop();
  }

  give(buffer: ArrayBuffer): void {
    const octets = buffer.byteLength;
    this.used -= octets;
    if (this.kept + octets > this.most) return;
    this.kept += octets;
    this.free[ctz<i32>(octets)].push(buffer);
  }
}

function hasRoom(octets: i32): bool {
  // @ts-expect-error: the linker's runtime has it
  return isDefined(__room) ? __room(octets + SPARED) : true;
}
