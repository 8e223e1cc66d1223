import { index, pending } from "config";
import * as event from "event";
import { Batch } from "./batch";
import { applyChunk, Collected, Collector } from "./collector";
import { Directory } from "./directory";
import { Appender, Log } from "./log";
import { BUSY, CORRUPT, DONE, FAILED, FULL, INVALID } from "./result";

/** What waits for a write. */
export interface Writer {
  /** The write is over. Only DONE says that it lasts. */
  onWritten(result: i32): void;
}

/** A batch on its way to the disk. */
class Commit {
  constructor(
    public batch: Batch,
    public writer: Writer,
  ) {}
}

/** A writer that is told by a task, since nothing is told inside a call. */
class Refusal implements event.Task {
  constructor(
    private writer: Writer,
    private result: i32,
  ) {}

  run(): void {
    this.writer.onWritten(this.result);
  }
}

/**
 * Takes batches, in order. While a chunk is on its way to the disk, others gather; all that fit make the next chunk, so
 * that many writers share a flush.
 */
export class Committer implements Appender, Collected {
  private queue: Commit[] = [];
  /** Those whose chunk is being written. */
  private group: Commit[] = [];
  /** Bytes of all batches in both. */
  private waiting: i32 = 0;
  /** Bytes of memory that keys of theirs may take. */
  private waitingMemory: i32 = 0;
  private isBusy: bool = false;

  constructor(
    private log: Log,
    private directory: Directory,
    private collector: Collector,
    private isReadOnly: bool,
  ) {}

  /** Makes all changes of a batch, or none. */
  commit(batch: Batch, writer: Writer): void {
    const result = this.check(batch);
    if (result != DONE || batch.count == 0) {
      event.defer(new Refusal(writer, result));
      return;
    }
    this.waiting += batch.length;
    this.waitingMemory += batch.memory;
    this.queue.push(new Commit(batch, writer));
    this.goOn();
  }

  onAppended(result: i32): void {
    if (result == DONE) applyChunk(this.log, this.directory);
    const group = this.group;
    this.group = [];
    this.isBusy = false;
    for (let place = 0; place < group.length; place++) this.tell(group[place], result);
    this.goOn();
  }

  onCollected(result: i32): void {
    this.isBusy = false;
    // A damaged segment stays, others may serve.
    if (result == CORRUPT && this.log.segments.victim() === null) this.refuseAll(FULL);
    this.goOn();
  }

  private check(batch: Batch): i32 {
    if (this.log.isDead || this.isReadOnly) return FAILED;
    if (batch.isInvalid || batch.length > this.log.geometry.batchLimit) return INVALID;
    if (this.waiting > 0 && this.waiting + batch.length > pending) return BUSY;
    let limit = this.log.geometry.liveLimit;
    // Deletions take room before they free any.
    if (!batch.hasSet) limit += <u64>this.log.geometry.segmentSize;
    const live = this.log.segments.liveBytes + <u64>this.waiting + <u64>batch.length;
    if (live > limit) return FULL;
    const memory = <i64>this.directory.memory + this.waitingMemory + batch.memory;
    return batch.hasSet && memory > <i64>index ? FULL : DONE;
  }

  private goOn(): void {
    if (this.isBusy || this.queue.length == 0) return;
    if (this.log.isDead) {
      this.refuseAll(FAILED);
      return;
    }
    const log = this.log;
    log.begin();
    let taken = this.gather();
    if (taken == 0) {
      if (this.collectIfDue()) return;
      log.advance();
      taken = this.gather();
    }
    this.group = this.queue.slice(0, taken);
    this.queue = this.queue.slice(taken);
    this.isBusy = true;
    log.append(this);
  }

  /** Puts into the chunk what fits; returns how many batches that are. */
  private gather(): i32 {
    let taken = 0;
    while (taken < this.queue.length) {
      const batch = this.queue[taken].batch;
      if (!this.log.add(batch.records.subarray(0, batch.length), batch.count)) break;
      taken++;
    }
    return taken;
  }

  /** Begins to make room when free segments are few. One is always left for the collector to write to. */
  private collectIfDue(): bool {
    if (this.log.segments.free >= FEW) return false;
    const victim = this.log.segments.victim();
    if (victim === null) return false;
    this.isBusy = true;
    this.collector.collect(victim, this);
    return true;
  }

  private refuseAll(result: i32): void {
    const queue = this.queue;
    this.queue = [];
    for (let place = 0; place < queue.length; place++) {
      this.waiting -= queue[place].batch.length;
      this.waitingMemory -= queue[place].batch.memory;
      event.defer(new Refusal(queue[place].writer, result));
    }
  }

  private tell(commit: Commit, result: i32): void {
    this.waiting -= commit.batch.length;
    this.waitingMemory -= commit.batch.memory;
    commit.writer.onWritten(result);
  }
}

/** With fewer free segments than this, one is collected before the log goes on in another. */
const FEW: i32 = 3;
