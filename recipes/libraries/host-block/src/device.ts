import * as event from "event";
import * as host from "./host/block";
import { DONE, FAILED, GONE, INVALID, READ_ONLY } from "./result";

/** What is told of a device. */
export interface Handler {
  /** After `read`, `write` or `flush` answered false: requests are taken again. */
  onRoom(device: Device): void;

  /** The device is gone, for ever. Told once, after all its requests were told of. */
  onGone(device: Device): void;
}

/** What waits for one request. An object may wait for several, and be used again. */
export interface Waiter {
  /** The request is over, with a result. Told once, and never inside the call that made the request. */
  onDone(result: i32): void;
}

/** A request: what the collector must not take before it is over. Its place in the table is its tag. */
class Request {
  bytes: Uint8Array | null = null;
  waiter: Waiter | null = null;
  /** The host has it. */
  asked: bool = false;
  /** Of a request that the host does not have: what is to be told. */
  result: i32 = 0;
}

/** One disk. It is open until the program ends, and keeps the program alive while requests are under way. */
export class Device implements event.Watcher, event.Task {
  private requests: Request[] = [];
  /** Tags that are free, the next one last. */
  private free: i32[] = [];
  /** Tags of requests that are over without the host. */
  private refused: i32[] = [];
  /** How many requests the host has. */
  private underWay: i32 = 0;
  private blocked: bool = false;
  private present: bool = true;
  private goneTold: bool = false;
  private deferred: bool = false;
  /** Where the host writes tags and results. */
  private records: Int32Array = new Int32Array(2 * RECORDS);
  private size: i32;
  private count: u64;
  private most: i32;
  private fixed: bool;

  private constructor(
    private handle: i32,
    private handler: Handler,
  ) {
    this.size = host.sectorSize(handle);
    this.count = <u64>host.sectors(handle);
    this.most = host.limit(handle) / this.size;
    this.fixed = host.readOnly(handle) != 0;
  }

  /** Null when the host does not give the device. */
  static open(index: i32, handler: Handler): Device | null {
    const handle = host.open(index);
    return handle < 0 ? null : new Device(handle, handler);
  }

  /** Reads `bytes`, whole sectors, from `sector` on. False, and nothing is told, when there is no room for a request now. */
  read(sector: u64, bytes: Uint8Array, waiter: Waiter): bool {
    if (this.blocked) return false;
    const tag = this.take(bytes, waiter);
    if (!this.fits(sector, bytes)) return this.refuse(tag, INVALID);
    if (!this.present) return this.refuse(tag, GONE);
    const answer = host.read(this.handle, tag, <i64>sector, bytes.dataStart, bytes.length);
    return this.answered(tag, answer);
  }

  /** Writes `bytes`, whole sectors, from `sector` on. False, and nothing is told, when there is no room for a request now. */
  write(sector: u64, bytes: Uint8Array, waiter: Waiter): bool {
    if (this.blocked) return false;
    const tag = this.take(bytes, waiter);
    if (!this.fits(sector, bytes)) return this.refuse(tag, INVALID);
    if (this.fixed) return this.refuse(tag, READ_ONLY);
    if (!this.present) return this.refuse(tag, GONE);
    const answer = host.write(this.handle, tag, <i64>sector, bytes.dataStart, bytes.length);
    return this.answered(tag, answer);
  }

  /** Makes what was written lasting. False, and nothing is told, when there is no room for a request now. */
  flush(waiter: Waiter): bool {
    if (this.blocked) return false;
    const tag = this.take(null, waiter);
    if (!this.present) return this.refuse(tag, GONE);
    return this.answered(tag, host.flush(this.handle, tag));
  }

  /** New bytes for whole sectors, placed so that the device can take them without a copy. Others serve as well. */
  buffer(sectors: i32): Uint8Array {
    return new Uint8Array(sectors * this.size);
  }

  /** Bytes of a sector: a power of two, 512 to 4096. It does not change. */
  get sectorSize(): i32 {
    return this.size;
  }

  /** How many sectors there are. It does not change. */
  get sectors(): u64 {
    return this.count;
  }

  /** The most sectors of one request: of 32 KiB at least. */
  get limit(): i32 {
    return this.most;
  }

  /** Whether every write is refused. */
  get readOnly(): bool {
    return this.fixed;
  }

  onReady(flags: u32): void {
    if ((flags & event.READABLE) != 0) this.collect();
    if ((flags & event.HANGUP) != 0) this.lose();
  }

  run(): void {
    this.deferred = false;
    const refused = this.refused;
    this.refused = [];
    for (let index = 0; index < refused.length; index++) {
      this.end(refused[index], this.requests[refused[index]].result);
    }
    if (this.present || this.goneTold) return;
    this.goneTold = true;
    this.collect();
    const lost: i32[] = [];
    for (let tag = 0; tag < this.requests.length; tag++) {
      if (this.requests[tag].asked) lost.push(tag);
    }
    for (let index = 0; index < lost.length; index++) this.end(lost[index], GONE);
    this.blocked = false;
    this.handler.onGone(this);
  }

  private fits(sector: u64, bytes: Uint8Array): bool {
    const length = bytes.length;
    if (length == 0 || (length & (this.size - 1)) != 0) return false;
    const sectors = length / this.size;
    return sectors <= this.most && sector <= this.count && <u64>sectors <= this.count - sector;
  }

  /** A tag for a request. */
  private take(bytes: Uint8Array | null, waiter: Waiter): i32 {
    const tag = this.free.length > 0 ? this.free.pop() : this.requests.push(new Request()) - 1;
    const request = this.requests[tag];
    request.bytes = bytes;
    request.waiter = waiter;
    return tag;
  }

  /** Deals with the host's answer to a request. */
  private answered(tag: i32, answer: i32): bool {
    if (answer == CLOSED) this.lose();
    if (answer == WOULD_BLOCK) {
      this.release(tag);
      this.blocked = true;
      return false;
    }
    if (answer < 0) return this.refuse(tag, resultOf(answer));
    this.requests[tag].asked = true;
    if (this.underWay++ == 0) event.watch(this.handle, this);
    return true;
  }

  /** Has `result` told in a task, so that nothing is told inside a call. */
  private refuse(tag: i32, result: i32): bool {
    this.requests[tag].result = result;
    this.refused.push(tag);
    this.later();
    return true;
  }

  private lose(): void {
    if (!this.present) return;
    this.present = false;
    this.later();
  }

  private later(): void {
    if (this.deferred) return;
    this.deferred = true;
    event.defer(this);
  }

  /** Tells of all that the host has done, after which there is room for others. */
  private collect(): void {
    const records = this.records;
    let count = RECORDS;
    while (count == RECORDS) {
      count = host.completed(this.handle, records.dataStart, RECORDS);
      const hasRoom = this.blocked && count > 0;
      if (hasRoom) this.blocked = false;
      for (let index = 0; index < count; index++) {
        const answer = records[2 * index + 1];
        this.end(records[2 * index], answer == 0 ? DONE : resultOf(answer));
      }
      if (hasRoom) this.handler.onRoom(this);
    }
  }

  private end(tag: i32, result: i32): void {
    const request = this.requests[tag];
    const waiter = request.waiter;
    if (request.asked && --this.underWay == 0) event.unwatch(this.handle);
    this.release(tag);
    if (waiter !== null) waiter.onDone(result);
  }

  private release(tag: i32): void {
    const request = this.requests[tag];
    request.bytes = null;
    request.waiter = null;
    request.asked = false;
    this.free.push(tag);
  }
}

/** Requests told of by one call of the host. */
const RECORDS: i32 = 64;

/** Results of host calls (docs/abi.md, What the host offers). */
const WOULD_BLOCK: i32 = -1;
const CLOSED: i32 = -2;
const DENIED: i32 = -6;
const NOT_VALID: i32 = -9;

function resultOf(answer: i32): i32 {
  if (answer == CLOSED) return GONE;
  if (answer == DENIED) return READ_ONLY;
  return answer == NOT_VALID ? INVALID : FAILED;
}
