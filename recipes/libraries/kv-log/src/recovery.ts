import * as block from "block";
import { segment } from "config";
import { Disk } from "disk";
import { Chunk } from "./chunk";
import { Directory } from "./directory";
import { Geometry, SUPERBLOCK, UNIT } from "./geometry";
import { Log, suits } from "./log";
import { Record } from "./record";
import { CORRUPT, DONE, FAILED, FOREIGN, FULL } from "./result";
import { Segments } from "./segments";
import { isBlank, Listed, OPEN, Superblock } from "./superblock";

/** What waits for the store to be read. */
export interface Recovered {
  onRecovered(recovery: Recovery, result: i32): void;
}

/** What is being waited for. */
const SUPERBLOCKS: i32 = 0;
const FORMAT: i32 = 1;
const SEGMENT: i32 = 2;
const FLUSH: i32 = 3;

/**
 * Opens the store: the later of the two superblocks that is whole, then all chunks of the segments that it lists. A
 * disk of zeros becomes an empty store.
 */
export class Recovery implements block.Waiter {
  log: Log | null = null;
  directory: Directory | null = null;
  /** Room for a segment. */
  bytes: Uint8Array = new Uint8Array(0);
  private step: i32 = SUPERBLOCKS;
  private reads: i32 = 2;
  private first: Uint8Array;
  private second: Uint8Array;
  private isFailed: bool = false;
  private superblock: Superblock | null = null;
  /** The place in the list of the segment that is read. */
  private place: i32 = 0;
  private used: i32 = 0;
  private ordinal: u32 = 0;

  constructor(
    private disk: Disk,
    private waiter: Recovered,
  ) {
    const sectors = SUPERBLOCK / disk.sectorSize;
    this.first = disk.buffer(sectors);
    this.second = disk.buffer(sectors);
  }

  /** The store's size is the disk's when it is new. */
  begin(): void {
    const disk = this.disk;
    const bytes = disk.sectors * <u64>disk.sectorSize;
    if (!suits(disk) || bytes < 2 * <u64>SUPERBLOCK) {
      this.waiter.onRecovered(this, FULL);
      return;
    }
    disk.read(0, this.first, this);
    disk.read(<u64>(SUPERBLOCK / disk.sectorSize), this.second, this);
  }

  onDone(result: i32): void {
    if (result != block.DONE) this.isFailed = true;
    if (this.step == SUPERBLOCKS && --this.reads > 0) return;
    if (this.isFailed) this.end(FAILED);
    else if (this.step == SUPERBLOCKS) this.choose();
    else if (this.step == FORMAT) this.start();
    else if (this.step == SEGMENT) this.onSegment();
    else this.end(DONE);
  }

  private choose(): void {
    const first = Superblock.read(this.first);
    const second = Superblock.read(this.second);
    let best = first;
    if (best === null || (second !== null && second.generation > best.generation)) best = second;
    const bytes = this.disk.sectors * <u64>this.disk.sectorSize;
    if (best === null) {
      this.format(bytes);
    } else if (best.fits(bytes)) {
      this.superblock = best;
      this.start();
    } else {
      this.end(CORRUPT);
    }
  }

  private format(bytes: u64): void {
    const geometry = Geometry.choose(bytes, segment);
    if (geometry === null) {
      this.end(FULL);
      return;
    }
    const superblock = new Superblock(0, geometry, []);
    const fresh = this.disk.buffer(SUPERBLOCK / this.disk.sectorSize);
    superblock.write(fresh);
    if (!isBlank(this.first, this.second, fresh)) {
      this.end(FOREIGN);
    } else if (this.disk.readOnly) {
      this.end(FAILED);
    } else {
      this.superblock = superblock;
      this.step = FORMAT;
      this.disk.write(0, fresh, this);
    }
  }

  private start(): void {
    const geometry = this.superblock!.geometry;
    this.bytes = this.disk.buffer(geometry.segmentSize / this.disk.sectorSize);
    const segments = new Segments(geometry.segments);
    this.log = new Log(this.disk, geometry, segments, this.superblock!.generation);
    this.directory = new Directory(segments);
    this.step = SEGMENT;
    this.readNext();
  }

  private readNext(): void {
    const list = this.superblock!.list;
    while (this.place < list.length && list[this.place].used == 0) {
      this.log!.segments.add(list[this.place++]);
    }
    if (this.place < list.length) {
      const listed = list[this.place];
      const sector = this.log!.geometry.startOf(listed.segment) / <u64>this.disk.sectorSize;
      const length = listed.used == OPEN ? this.bytes.length : listed.used;
      this.disk.read(sector, this.bytes.subarray(0, length), this);
    } else {
      // What was read may be in a cache only, as after an end of the program alone: it has to last before it counts.
      this.step = FLUSH;
      if (this.disk.readOnly) this.end(DONE);
      else this.disk.flush(this);
    }
  }

  private onSegment(): void {
    const listed = this.superblock!.list[this.place++];
    if (this.replay(listed)) this.readNext();
    else this.end(CORRUPT);
  }

  /** Takes in all chunks of a segment; false when one is damaged. */
  private replay(listed: Listed): bool {
    const log = this.log!;
    log.segments.add(listed);
    const isHead = listed.used == OPEN;
    const limit = isHead ? this.bytes.length : listed.used;
    this.used = 0;
    this.ordinal = 0;
    while (this.used < limit) {
      const chunk = Chunk.read(this.bytes, this.used, limit, listed.epoch);
      if (chunk === null) break;
      if (chunk.ordinal != this.ordinal || !chunk.isSound(this.bytes)) return false;
      this.apply(chunk, listed.segment);
      this.used = chunk.next;
      this.ordinal++;
    }
    if (!isHead) return this.used == limit;
    log.used = this.used;
    log.ordinal = this.ordinal;
    return !this.goesOn(listed);
  }

  private apply(chunk: Chunk, segment: i32): void {
    let start = chunk.start;
    while (start < chunk.end) {
      const record = Record.read(this.bytes, start, chunk.end)!;
      this.directory!.apply(record, segment, start);
      start = record.end;
    }
  }

  /**
   * Whether there is a chunk after the end of the head: then what is at the end was no write that the power cut short,
   * since a chunk is written only when the one before it lasts.
   */
  private goesOn(head: Listed): bool {
    const limit = this.bytes.length;
    for (let start = this.used + UNIT; start < limit; start += UNIT) {
      if (Chunk.read(this.bytes, start, limit, head.epoch) !== null) return true;
    }
    return false;
  }

  private end(result: i32): void {
    this.waiter.onRecovered(this, result);
  }
}
