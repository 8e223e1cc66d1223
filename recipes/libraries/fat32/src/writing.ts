import * as block from "block";
import { Change, Waiter } from "./change";
import { Entry, setFile } from "./entry";
import { ENTRY } from "./name";
import { ABSENT, CORRUPT, DONE, FAILED, FULL, INVALID, WRONG_KIND } from "./result";
import { NONE } from "./table";
import { Volume } from "./volume";

/** A change of what is in a file. */
class FileChange extends Change {
  protected clusters: u32[] = [];

  /** What is at the path, when it is a sound file; null after telling what else it is. */
  protected file(): Entry | null {
    const entry = this.entry;
    if (this.name.length == 0 || (entry !== null && entry.isFolder)) {
      this.end(WRONG_KIND);
      return null;
    }
    if (entry === null) {
      this.end(ABSENT);
      return null;
    }
    const clusters = this.volume.table.chain(entry.cluster);
    const size = <u64>this.volume.boot.clusterSize;
    if (clusters === null || <u64>clusters.length * size < <u64>entry.size) {
      this.end(CORRUPT);
      return null;
    }
    this.clusters = clusters;
    return entry;
  }

  /** Has the file's entry written. */
  protected update(first: u32, size: u32): void {
    const folder = this.folder!;
    const own = this.entry!.own;
    setFile(folder.bytes, own, first, size, this.volume.stamp);
    folder.write(this.changes, own, own + ENTRY);
  }
}

/**
 * Writes to a file: first the bytes, with the new clusters as a chain of their own; then that chain becomes a part of the
 * file's; then the entry tells of the new size.
 */
export class Write extends FileChange {
  /** Whole sectors around what is written. */
  private sectors: Uint8Array = NOTHING;
  /** Of the chain: how many clusters are before the first sector, and the sector's byte in the next. */
  private skipped: i32 = 0;
  private start: i32 = 0;
  private edges: i32 = 0;
  private isReading: bool = false;
  private isLost: bool = false;

  constructor(
    volume: Volume,
    path: string,
    private position: u32,
    private bytes: Uint8Array,
    waiter: Waiter,
  ) {
    super(volume, path, waiter);
  }

  protected act(): void {
    const entry = this.file();
    if (entry === null) return;
    const boot = this.volume.boot;
    const end = <u64>this.position + <u64>this.bytes.length;
    if (this.position > entry.size || end > LARGEST) {
      this.end(INVALID);
      return;
    }
    if (this.bytes.length == 0) {
      this.end(DONE);
      return;
    }
    if (this.missing(end) > <u64>this.volume.table.free) {
      this.end(FULL);
      return;
    }
    const size = boot.sectorSize;
    const inSector = <i32>(this.position & <u32>(size - 1));
    const first = this.position - <u32>inSector;
    this.skipped = <i32>(first / <u32>boot.clusterSize);
    this.start = <i32>(first % <u32>boot.clusterSize);
    this.sectors = new Uint8Array((inSector + this.bytes.length + size - 1) & ~(size - 1));
    this.readEdges(entry, first, end);
  }

  onDone(result: i32): void {
    if (!this.isReading) {
      super.onDone(result);
      return;
    }
    if (result != block.DONE) this.isLost = true;
    if (--this.edges > 0) return;
    if (this.isLost) this.end(FAILED);
    else this.write();
  }

  /** Clusters that the file has too few. */
  private missing(end: u64): u64 {
    const size = <u64>this.volume.boot.clusterSize;
    const needed = (end + size - 1) / size;
    return needed > <u64>this.clusters.length ? needed - <u64>this.clusters.length : 0;
  }

  /** Reads the first and the last sector, where they hold something that stays. */
  private readEdges(entry: Entry, first: u32, end: u64): void {
    const size = this.volume.boot.sectorSize;
    const length = this.sectors.length;
    const isFirst = this.position != first && first < entry.size;
    const last = first + <u32>(length - size);
    const isLast =
      end < <u64>entry.size && end != <u64>last + <u64>size && !(isFirst && length == size);
    this.isReading = true;
    this.edges = (isFirst ? 1 : 0) + (isLast ? 1 : 0);
    if (isFirst) this.readSector(first, 0);
    if (isLast) this.readSector(last, length - size);
    if (this.edges == 0) this.write();
  }

  /** Reads a sector of the file to its place in `sectors`. */
  private readSector(byte: u32, place: i32): void {
    const boot = this.volume.boot;
    const cluster = <i32>(byte / <u32>boot.clusterSize);
    const part = this.sectors.subarray(place, place + boot.sectorSize);
    const chain = this.clusters.slice(cluster, cluster + 1);
    this.volume.transfer(false, chain, <i32>(byte % <u32>boot.clusterSize), part, this, null);
  }

  private write(): void {
    const entry = this.entry!;
    const volume = this.volume;
    const table = volume.table;
    this.isReading = false;
    this.sectors.set(this.bytes, <i32>(this.position & <u32>(volume.boot.sectorSize - 1)));
    const end = <u64>this.position + <u64>this.bytes.length;
    const fresh = table.allocate(<u32>this.missing(end));
    const all = this.clusters.concat(fresh);
    const chain = all.slice(this.skipped);
    volume.transfer(true, chain, this.start, this.sectors, this, this.changes);
    table.write(this.changes);
    this.changes.next();
    if (fresh.length > 0 && this.clusters.length > 0) {
      table.attach(this.clusters[this.clusters.length - 1], fresh[0]);
      table.write(this.changes);
      this.changes.next();
    }
    this.update(all[0], max<u32>(entry.size, <u32>end));
    this.make();
  }
}

/** Cuts a file: first its size, then its chain. */
export class Truncate extends FileChange {
  constructor(
    volume: Volume,
    path: string,
    private size: u32,
    waiter: Waiter,
  ) {
    super(volume, path, waiter);
  }

  protected act(): void {
    const entry = this.file();
    if (entry === null) return;
    if (this.size >= entry.size) {
      this.end(this.size > entry.size ? INVALID : DONE);
      return;
    }
    const table = this.volume.table;
    const clusterSize = <u64>this.volume.boot.clusterSize;
    const kept = <i32>((<u64>this.size + clusterSize - 1) / clusterSize);
    this.update(kept > 0 ? entry.cluster : NONE, this.size);
    this.changes.next();
    if (kept < this.clusters.length) {
      if (kept > 0) table.end(this.clusters[kept - 1]);
      table.release(this.clusters, kept);
    }
    this.make();
  }
}

const NOTHING: Uint8Array = new Uint8Array(0);

/** A size has 32 bits. */
const LARGEST: u64 = 0xffffffff;
