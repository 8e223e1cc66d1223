import { get32, put32 } from "disk";
import { Boot } from "./boot";
import { Changes } from "./changes";

/** Number of no cluster: what comes after the last of a chain, and before any. */
export const NONE: u32 = 0;

/**
 * The file allocation table, all of it in memory: which cluster comes after which. Both copies on the disk are written
 * alike.
 */
export class Table {
  /** Clusters that no chain has. */
  free: u32 = 0;
  /** As they are on the disk, with their highest four bits, which are nobody's. */
  private entries: StaticArray<u32>;
  /** Where the search for a free cluster goes on. */
  private next: u32 = 2;
  /** Sectors of the table that differ from the disk's. */
  private changed: Set<u32> = new Set<u32>();

  constructor(private boot: Boot) {
    this.entries = new StaticArray<u32>(<i32>boot.clusters + 2);
  }

  /** Takes in sectors of the table as they are on the disk, the first of which is `sector`. */
  load(sector: u32, bytes: Uint8Array): void {
    let cluster = sector * (<u32>this.boot.sectorSize >> 2);
    const end = min<u32>(this.boot.clusters + 2, cluster + (<u32>bytes.length >> 2));
    for (let place = 0; cluster < end; cluster++, place += 4) {
      const entry = get32(bytes, place);
      this.entries[cluster] = entry;
      if (cluster >= 2 && (entry & MASK) == FREE) this.free++;
    }
  }

  /** All clusters of the chain that begins at `first`; null when it is damaged. */
  chain(first: u32): u32[] | null {
    const chain: u32[] = [];
    let cluster = first;
    while (cluster != NONE) {
      // A chain that is longer than the volume goes round.
      if (!this.boot.isCluster(cluster) || <u32>chain.length > this.boot.clusters) return null;
      chain.push(cluster);
      const entry = this.entries[cluster] & MASK;
      if (entry == FREE || entry == BAD) return null;
      cluster = entry >= LAST ? NONE : entry;
    }
    return chain;
  }

  /** Takes `count` free clusters, which there must be, as a chain of their own. */
  allocate(count: u32): u32[] {
    const taken: u32[] = [];
    while (<u32>taken.length < count) {
      const cluster = this.next;
      this.next = cluster <= this.boot.clusters ? cluster + 1 : 2;
      if ((this.entries[cluster] & MASK) == FREE) taken.push(cluster);
    }
    for (let place = 0; place < taken.length; place++) {
      this.set(taken[place], place + 1 < taken.length ? taken[place + 1] : END);
    }
    this.free -= count;
    return taken;
  }

  /** The chain of `cluster` goes on at `next`. */
  attach(cluster: u32, next: u32): void {
    this.set(cluster, next);
  }

  /** The chain ends with `cluster`. */
  end(cluster: u32): void {
    this.set(cluster, END);
  }

  /** Gives clusters back. */
  release(clusters: u32[], from: i32): void {
    for (let place = from; place < clusters.length; place++) this.set(clusters[place], FREE);
    this.free += <u32>(clusters.length - from);
  }

  /** Has all that was changed written, in every copy. */
  write(changes: Changes): void {
    const size = this.boot.sectorSize;
    const sectors = this.changed.values();
    for (let index = 0; index < sectors.length; index++) {
      const sector = sectors[index];
      const bytes = new Uint8Array(size);
      const first = sector * (<u32>size >> 2);
      for (let place = 0; place < size; place += 4) {
        const cluster = first + (<u32>place >> 2);
        if (cluster < this.boot.clusters + 2) put32(bytes, place, this.entries[cluster]);
      }
      for (let copy = 0; copy < this.boot.tables; copy++) {
        if (this.boot.activeTable >= 0 && copy != this.boot.activeTable) continue;
        changes.write(this.boot.tableStart + <u32>copy * this.boot.tableSectors + sector, bytes);
      }
    }
    this.changed.clear();
  }

  private set(cluster: u32, value: u32): void {
    this.entries[cluster] = (this.entries[cluster] & ~MASK) | value;
    this.changed.add(cluster / (<u32>this.boot.sectorSize >> 2));
  }

  /** Where the next search begins: a hint for others. */
  get hint(): u32 {
    return this.next;
  }
}

/** Values of an entry, page 18. */
const MASK: u32 = 0x0fffffff;
const FREE: u32 = 0;
const BAD: u32 = 0x0ffffff7;
const LAST: u32 = 0x0ffffff8;
const END: u32 = 0x0fffffff;
