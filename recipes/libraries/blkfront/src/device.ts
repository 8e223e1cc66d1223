import * as event from "event";
import { Channel, Driver, Frontend, Listener } from "xenbus";
import { DONE, FAILED, GONE, INVALID, READ_ONLY } from "./result";
import { FLUSH, LIMIT, READ, SECTOR, Slots, WRITE } from "./slots";

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

/** A request that the back end has. */
class Request {
  constructor(
    readonly operation: u8,
    readonly bytes: Uint8Array | null,
    readonly waiter: Waiter,
  ) {}
}

/** What is to be told without the back end. */
class Refusal {
  constructor(
    readonly waiter: Waiter,
    readonly result: i32,
  ) {}
}

/** One disk: a ring that is shared with a back end (io/blkif.h). */
export class Device implements Driver, Listener, event.Task {
  private slots: Slots = new Slots();
  /** By slot. */
  private requests: (Request | null)[] = [];
  private refusals: Refusal[] = [];
  private channel: Channel | null = null;
  private count: u64 = 0;
  private fixed: bool = false;
  /** Whether the back end has a cache that a flush empties; otherwise what is done is lasting. */
  private flushes: bool = false;
  private present: bool = false;
  private goneTold: bool = false;
  private blocked: bool = false;
  private deferred: bool = false;

  private constructor(private handler: Handler) {}

  /** Null when the domain has no such disk, or its back end does not come. */
  static open(index: i32, handler: Handler): Device | null {
    if (opened.includes(index)) return null;
    const device = new Device(handler);
    const frontend = Frontend.open("vbd", index, false, device);
    if (frontend === null) return null;
    frontend.start();
    // What the disk is the back end tells when it is connected.
    if (!frontend.settle() || !device.present) return null;
    opened.push(index);
    return device;
  }

  /** Reads `bytes`, whole sectors, from `sector` on. False, and nothing is told, when there is no room for a request now. */
  read(sector: u64, bytes: Uint8Array, waiter: Waiter): bool {
    if (this.blocked) return false;
    if (!this.fits(sector, bytes)) return this.refuse(waiter, INVALID);
    return this.ask(READ, sector, bytes, waiter);
  }

  /** Writes `bytes`, whole sectors, from `sector` on. False, and nothing is told, when there is no room for a request now. */
  write(sector: u64, bytes: Uint8Array, waiter: Waiter): bool {
    if (this.blocked) return false;
    if (!this.fits(sector, bytes)) return this.refuse(waiter, INVALID);
    if (this.fixed) return this.refuse(waiter, READ_ONLY);
    return this.ask(WRITE, sector, bytes, waiter);
  }

  /** Makes what was written lasting. False, and nothing is told, when there is no room for a request now. */
  flush(waiter: Waiter): bool {
    if (this.blocked) return false;
    if (this.present && !this.flushes) return this.refuse(waiter, DONE);
    return this.ask(FLUSH, 0, null, waiter);
  }

  /** New bytes for whole sectors. All serve alike. */
  buffer(sectors: i32): Uint8Array {
    return new Uint8Array(sectors * SECTOR);
  }

  /** Bytes of a sector. */
  get sectorSize(): i32 {
    return SECTOR;
  }

  /** How many sectors there are. It does not change. */
  get sectors(): u64 {
    return this.count;
  }

  /** The most sectors of one request. */
  get limit(): i32 {
    return LIMIT / SECTOR;
  }

  /** Whether every write is refused. */
  get readOnly(): bool {
    return this.fixed;
  }

  offer(frontend: Frontend): bool {
    // A disk that was lost stays so: what was written to it may be.
    if (this.goneTold) return false;
    const channel = Channel.listen(frontend.domain, this);
    if (channel === null) return false;
    this.channel = channel;
    if (!this.slots.open(frontend.domain)) {
      this.end(frontend);
      return false;
    }
    frontend.write("ring-ref", this.slots.reference.toString());
    frontend.write("event-channel", channel.port.toString());
    frontend.write("feature-persistent", "1");
    return frontend.write("protocol", "x86_64-abi");
  }

  begin(frontend: Frontend): void {
    const sectors = frontend.readBackend("sectors");
    const size = frontend.readBackend("sector-size");
    const mode = frontend.readBackend("mode");
    const flushes = frontend.readBackend("feature-flush-cache");
    if (sectors === null || size === null || size != SECTOR.toString()) return;
    this.count = <u64>U64.parseInt(sectors);
    this.fixed = mode === null || !mode.includes("w");
    this.flushes = flushes !== null && flushes == "1";
    this.present = true;
  }

  end(_frontend: Frontend): void {
    const channel = this.channel;
    if (channel !== null) channel.close();
    this.channel = null;
    this.slots.close();
    if (!this.present) return;
    this.present = false;
    this.later();
  }

  onNotified(_channel: Channel): void {
    this.collect();
  }

  run(): void {
    this.deferred = false;
    const channel = this.channel;
    if (channel !== null && this.slots.flush()) channel.notify();
    const refusals = this.refusals;
    this.refusals = [];
    for (let index = 0; index < refusals.length; index++) {
      refusals[index].waiter.onDone(refusals[index].result);
    }
    if (this.present || this.goneTold) return;
    this.goneTold = true;
    for (let slot = 0; slot < this.requests.length; slot++) this.over(slot, GONE);
    this.blocked = false;
    this.handler.onGone(this);
  }

  private fits(sector: u64, bytes: Uint8Array): bool {
    const length = bytes.length;
    if (length == 0 || length % SECTOR != 0 || length > LIMIT) return false;
    return sector <= this.count && <u64>(length / SECTOR) <= this.count - sector;
  }

  private ask(operation: u8, sector: u64, bytes: Uint8Array | null, waiter: Waiter): bool {
    if (!this.present) return this.refuse(waiter, GONE);
    const length = bytes === null ? 0 : bytes.length;
    const slot = this.slots.take(length);
    if (slot < 0) {
      this.blocked = true;
      return false;
    }
    while (this.requests.length <= slot) this.requests.push(null);
    this.requests[slot] = new Request(operation, bytes, waiter);
    if (bytes !== null && operation == WRITE) this.slots.put(slot, bytes.dataStart, length);
    this.slots.ask(slot, operation, sector, length);
    // All requests of a round are shown at once, with one notification.
    this.later();
    return true;
  }

  /** Has `result` told in a task, so that nothing is told inside a call. */
  private refuse(waiter: Waiter, result: i32): bool {
    this.refusals.push(new Refusal(waiter, result));
    this.later();
    return true;
  }

  /** Tells of all that is over, after which there is room for others. */
  private collect(): void {
    while (this.present) {
      const slot = this.slots.next();
      if (this.slots.broken) {
        this.present = false;
        this.later();
      }
      if (slot < 0) return;
      const done = this.slots.done;
      const request = this.requests[slot];
      if (request !== null && done && request.operation == READ) {
        const bytes = request.bytes;
        if (bytes !== null) this.slots.get(slot, bytes.dataStart, bytes.length);
      }
      this.slots.release(slot);
      const hasRoom = this.blocked;
      this.blocked = false;
      this.over(slot, done ? DONE : FAILED);
      if (hasRoom) this.handler.onRoom(this);
    }
  }

  private over(slot: i32, result: i32): void {
    const request = this.requests[slot];
    if (request === null) return;
    this.requests[slot] = null;
    request.waiter.onDone(result);
  }

  private later(): void {
    if (this.deferred) return;
    this.deferred = true;
    event.defer(this);
  }
}

const opened: i32[] = [];
