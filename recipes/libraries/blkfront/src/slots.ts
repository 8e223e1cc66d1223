import { FrontRing, PAGE, Pages } from "xenbus";

/** io/blkif.h, blkif_request: 112 bytes for us (x86_64-abi), so that 32 fit into a page. */
const ENTRIES: i32 = 32;
const SIZE: i32 = 112;

export const READ: u8 = 0;
export const WRITE: u8 = 1;
export const FLUSH: u8 = 3;

/** Requests at a time, each with pages of its own. */
const SLOTS: i32 = 16;
const PAGES: i32 = 8;
/** The most bytes of one request. */
export const LIMIT: i32 = PAGES * PAGE;

/** io/blkif.h counts in these, whatever the disk does. */
export const SECTOR: i32 = 512;

/**
 * Requests on their way to the back end. Their bytes are copied into pages that it keeps mapped for good (feature-persistent): mapping the
 * caller's own for each request costs a back end more, and would show it whatever else is in them.
 */
export class Slots {
  private pages: Pages = new Pages(1 + SLOTS * PAGES);
  private ring: FrontRing = new FrontRing(this.pages.address, ENTRIES, SIZE);
  private free: i32[] = [];
  private lent: StaticArray<bool> = new StaticArray<bool>(SLOTS);
  /** Of the response that `next` has read. */
  done: bool = false;
  /** The back end tells nonsense. */
  broken: bool = false;

  /** Shares ring and pages; false when it cannot. */
  open(domain: i32): bool {
    this.ring.reset();
    for (let slot = SLOTS - 1; slot >= 0; slot--) this.free.push(slot);
    return this.pages.give(domain, false);
  }

  close(): void {
    this.pages.revoke();
  }

  get reference(): i32 {
    return this.pages.reference(0);
  }

  /** A slot for a request; -1 when there is none. */
  take(): i32 {
    return this.free.length > 0 ? this.free.pop() : -1;
  }

  release(slot: i32): void {
    this.lent[slot] = false;
    this.free.push(slot);
  }

  /** Where the bytes of a slot's request are. */
  address(slot: i32): usize {
    return this.pages.address + (1 + slot * PAGES) * PAGE;
  }

  /** Writes the request of a slot: `length` bytes from `sector` on. `flush` shows it to the back end. */
  ask(slot: i32, operation: u8, sector: u64, length: i32): void {
    this.lent[slot] = true;
    const request = this.ring.request();
    const segments = (length + PAGE - 1) / PAGE;
    memory.fill(request, 0, SIZE);
    store<u8>(request, operation);
    store<u8>(request, <u8>segments, 1);
    store<u64>(request, slot, 8);
    store<u64>(request, sector, 16);
    for (let segment = 0; segment < segments; segment++) {
      const at = request + 24 + 8 * segment;
      const bytes = min<i32>(PAGE, length - segment * PAGE);
      store<u32>(at, this.pages.reference(1 + slot * PAGES + segment));
      store<u8>(at, 0, 4);
      store<u8>(at, <u8>(bytes / SECTOR - 1), 5);
    }
  }

  /** Shows the back end the requests; whether it is to be notified. */
  flush(): bool {
    return this.ring.publish();
  }

  /** The slot of a request that is over, `done` saying how; -1 when there is none now. */
  next(): i32 {
    if (this.ring.responses == 0) {
      this.ring.notifyAfter(1);
      if (this.ring.responses == 0) return -1;
    }
    if (this.ring.responses < 0) {
      this.broken = true;
      return -1;
    }
    const response = this.ring.response();
    const slot = <i32>min<u64>(load<u64>(response), SLOTS);
    if (slot >= SLOTS || !this.lent[slot]) {
      this.broken = true;
      return -1;
    }
    this.done = load<i16>(response, 10) == 0;
    return slot;
  }
}
