import * as block from "block";
import { CHUNK_HEADER, Chunk } from "./chunk";
import { Directory } from "./directory";
import { Appender, Log } from "./log";
import { Record, SET } from "./record";
import { CORRUPT, DONE, FAILED } from "./result";
import { Listed } from "./superblock";

/** What waits for room. */
export interface Collected {
  /** DONE: a segment is free that was not. CORRUPT: it is damaged and stays as it is. FAILED: the disk failed. */
  onCollected(result: i32): void;
}

/** Makes room: what is live in a segment is appended to the log, then the segment is taken out. */
export class Collector implements block.Waiter, Appender {
  private victim: Listed | null = null;
  /** Where the victim's next chunk, and its next record, begin; and where the record's chunk ends. */
  private nextChunk: i32 = 0;
  private nextRecord: i32 = 0;
  private chunkEnd: i32 = 0;
  /** The victim is out, but for that to last. */
  private isReleasing: bool = false;
  private waiter: Collected | null = null;

  /** @param bytes room for a segment */
  constructor(
    private log: Log,
    private directory: Directory,
    private bytes: Uint8Array,
  ) {}

  /** Collects a segment. The log has a free segment and nothing else to do meanwhile. */
  collect(victim: Listed, waiter: Collected): void {
    this.victim = victim;
    this.waiter = waiter;
    this.isReleasing = false;
    if (victim.used == 0) {
      this.release();
      return;
    }
    const disk = this.log.disk;
    const sector = this.log.geometry.startOf(victim.segment) / <u64>disk.sectorSize;
    disk.read(sector, this.bytes.subarray(0, victim.used), this);
  }

  onDone(result: i32): void {
    if (result != block.DONE) {
      this.log.isDead = true;
      this.end(FAILED);
    } else if (!this.isSound()) {
      this.log.segments.break(this.victim!);
      this.end(CORRUPT);
    } else {
      this.forgetCopies();
      this.rewind();
      this.moveOn();
    }
  }

  onAppended(result: i32): void {
    if (result != DONE) this.end(FAILED);
    else if (this.isReleasing) this.end(DONE);
    else {
      applyChunk(this.log, this.directory);
      this.moveOn();
    }
  }

  /** Whether all of the victim is as it was written. */
  private isSound(): bool {
    const used = this.victim!.used;
    const epoch = this.victim!.epoch;
    let start = 0;
    while (start < used) {
      const chunk = Chunk.read(this.bytes, start, used, epoch);
      if (chunk === null || !chunk.isSound(this.bytes)) return false;
      start = chunk.next;
    }
    return true;
  }

  private rewind(): void {
    this.nextChunk = 0;
    this.nextRecord = 0;
    this.chunkEnd = 0;
  }

  /** The next record of the victim, or null at its end. Not taken before `nextRecord` is set to its end. */
  private peek(): Record | null {
    const used = this.victim!.used;
    const epoch = this.victim!.epoch;
    while (this.nextRecord == this.chunkEnd) {
      if (this.nextChunk >= used) return null;
      const chunk = Chunk.read(this.bytes, this.nextChunk, used, epoch)!;
      this.nextRecord = chunk.start;
      this.chunkEnd = chunk.end;
      this.nextChunk = chunk.next;
    }
    return Record.read(this.bytes, this.nextRecord, this.chunkEnd);
  }

  /** Deletions that only spoke against SETs of the victim are needed no more. */
  private forgetCopies(): void {
    this.rewind();
    for (let record = this.peek(); record !== null; record = this.peek()) {
      if (record.kind == SET) this.directory.forgetCopy(record.key);
      this.nextRecord = record.end;
    }
  }

  /** Appends the next live records, as many as one chunk takes; releases the victim after the last. */
  private moveOn(): void {
    const log = this.log;
    log.begin();
    for (let record = this.peek(); record !== null; record = this.peek()) {
      if (this.directory.isLast(record.key, this.victim!.segment, record.start)) {
        if (!log.add(this.bytes.subarray(record.start, record.end), 1)) {
          if (!log.isEmpty) break;
          log.advance();
          continue;
        }
      }
      this.nextRecord = record.end;
    }
    if (log.isEmpty) this.release();
    else log.append(this);
  }

  private release(): void {
    this.isReleasing = true;
    this.log.release(this.victim!, this);
  }

  private end(result: i32): void {
    this.waiter!.onCollected(result);
  }
}

/** The chunk that was appended last counts from now on. */
export function applyChunk(log: Log, directory: Directory): void {
  const segment = log.segments.head!.segment;
  const shift = log.start - CHUNK_HEADER;
  const end = CHUNK_HEADER + log.chunkLength;
  let start = CHUNK_HEADER;
  while (start < end) {
    const record = Record.read(log.chunk, start, end)!;
    directory.apply(record, segment, start + shift);
    start = record.end;
  }
}
