import * as block from "block";
import { Disk } from "disk";
import * as random from "random";
import { CHUNK_HEADER, sealChunk } from "./chunk";
import { Geometry, inUnits, SUPERBLOCK, UNIT } from "./geometry";
import { DONE, FAILED } from "./result";
import { Segments } from "./segments";
import { Listed, Superblock } from "./superblock";

/** What waits for the log. */
export interface Appender {
  /** What was appended lasts, or the disk failed. */
  onAppended(result: i32): void;
}

/**
 * The log on the disk. One thing is done at a time: a chunk is written, with the superblock when the head is new, and
 * then all is flushed. So each chunk lasts before the next is written, and each superblock before the next.
 */
export class Log implements block.Waiter {
  /** Bytes of the head that are written, whole units. */
  used: i32 = 0;
  /** Chunks of the head. */
  ordinal: u32 = 0;
  /** Byte of the head where the records of the last chunk begin. */
  start: i32 = 0;
  /** The disk failed: nothing more is written. */
  isDead: bool = false;
  /** The chunk that is being made, and where its next record goes. */
  chunk: Uint8Array;
  private length: i32 = 0;
  private count: i32 = 0;
  private superblock: Uint8Array;
  /** The list differs from that of the last superblock. */
  private isChanged: bool = false;
  private writes: i32 = 0;
  private isFlushing: bool = false;
  private result: i32 = block.DONE;
  private appender: Appender | null = null;

  constructor(
    public disk: Disk,
    public geometry: Geometry,
    public segments: Segments,
    /** Of the last superblock. */
    private generation: u64,
  ) {
    const size = max(geometry.segmentSize / 4, min(geometry.segmentSize, LARGEST_CHUNK));
    this.chunk = disk.buffer(size / disk.sectorSize);
    this.superblock = disk.buffer(SUPERBLOCK / disk.sectorSize);
  }

  /** Begins a chunk. */
  begin(): void {
    this.length = 0;
    this.count = 0;
  }

  /** Adds `count` records to the chunk; false when it or the head has no room for them. */
  add(records: Uint8Array, count: i32): bool {
    if (this.segments.head === null) return false;
    const end = CHUNK_HEADER + this.length + records.length;
    if (end > this.chunk.length || inUnits(end) > this.geometry.segmentSize - this.used)
      return false;
    this.chunk.set(records, CHUNK_HEADER + this.length);
    this.length += records.length;
    this.count += count;
    return true;
  }

  get isEmpty(): bool {
    return this.count == 0;
  }

  /** Bytes of records of the chunk. */
  get chunkLength(): i32 {
    return this.length;
  }

  /** Goes on in a free segment, of which there must be one. */
  advance(): void {
    this.segments.advance(this.used, random.next64());
    this.used = 0;
    this.ordinal = 0;
    this.isChanged = true;
  }

  /** Writes the chunk. Its records begin at `start` of the head. */
  append(appender: Appender): void {
    const head = this.segments.head!;
    const whole = sealChunk(this.chunk, this.length, this.count, head.epoch, this.ordinal);
    this.appender = appender;
    this.writes = 1;
    if (this.isChanged) this.writeSuperblock();
    const byte = this.geometry.startOf(head.segment) + <u64>this.used;
    this.start = this.used + CHUNK_HEADER;
    this.used += whole;
    this.ordinal++;
    this.disk.write(this.sectorOf(byte), this.chunk.subarray(0, whole), this);
  }

  /** Takes a segment out. Only when that lasts, the segment is free. */
  release(listed: Listed, appender: Appender): void {
    this.segments.remove(listed);
    this.appender = appender;
    this.writes = 0;
    this.writeSuperblock();
  }

  onDone(result: i32): void {
    if (result != block.DONE) this.result = result;
    if (!this.isFlushing) {
      if (--this.writes > 0) return;
      if (this.result == block.DONE) {
        this.isFlushing = true;
        this.disk.flush(this);
        return;
      }
    }
    this.isFlushing = false;
    this.isDead = this.result != block.DONE;
    this.appender!.onAppended(this.isDead ? FAILED : DONE);
  }

  private writeSuperblock(): void {
    this.isChanged = false;
    this.generation++;
    new Superblock(this.generation, this.geometry, this.segments.list).write(this.superblock);
    const place = (this.generation & 1) * <u64>SUPERBLOCK;
    this.writes++;
    this.disk.write(this.sectorOf(place), this.superblock, this);
  }

  private sectorOf(byte: u64): u64 {
    return byte / <u64>this.disk.sectorSize;
  }
}

/** A chunk is flushed as a whole: more would make the first writers of it wait. */
const LARGEST_CHUNK: i32 = 256 * 1024;

/** Sectors divide units. */
export function suits(disk: Disk): bool {
  return UNIT % disk.sectorSize == 0;
}
