import { FrontRing, PAGE, Pages } from "xenbus";

/** io/blkif.h, blkif_request: 112 bytes for us (x86_64-abi), so that 32 fit into a page. */
const ENTRIES: i32 = 32;
const SIZE: i32 = 112;

export const READ: u8 = 0;
export const WRITE: u8 = 1;
export const FLUSH: u8 = 3;

/** Pages of all requests together, and of one at most. */
const PAGES: i32 = 128;
const MOST: i32 = 8;
/** The most bytes of one request. */
export const LIMIT: i32 = MOST * PAGE;

/** io/blkif.h counts in these, whatever the disk does. */
export const SECTOR: i32 = 512;

/**
 * Requests on their way to the back end. Their bytes are copied into pages that it keeps mapped for good (feature-persistent): mapping the
 * caller's own for each request costs a back end more, and would show it whatever else is in them.
 */
export class Slots {
  private ringPage: Pages = new Pages(1);
  private ring: FrontRing = new FrontRing(this.ringPage.address, ENTRIES, SIZE);
  private pages: Pages = new Pages(PAGES);
  /** Pages of no request, the first `spare` of them. */
  private sparePages: StaticArray<u8> = new StaticArray<u8>(PAGES);
  private spare: i32 = 0;
  /** Slots of no request, one for each entry of the ring. */
  private free: i32[] = [];
  /** By slot: its pages, and how many it has; and whether the back end has it. */
  private owned: StaticArray<u8> = new StaticArray<u8>(ENTRIES * MOST);
  private counts: StaticArray<i32> = new StaticArray<i32>(ENTRIES);
  private lent: StaticArray<bool> = new StaticArray<bool>(ENTRIES);
  /** Of the response that `next` has read. */
  done: bool = false;
  /** The back end tells nonsense. */
  broken: bool = false;

  /** Shares ring and pages; false when it cannot. */
  open(domain: i32): bool {
    this.ring.reset();
    this.free = [];
    for (let slot = ENTRIES - 1; slot >= 0; slot--) this.free.push(slot);
    for (let page = 0; page < PAGES; page++) this.sparePages[page] = <u8>page;
    this.spare = PAGES;
    return this.ringPage.give(domain, false) && this.pages.give(domain, false);
  }

  close(): void {
    this.ringPage.revoke();
    this.pages.revoke();
  }

  get reference(): i32 {
    return this.ringPage.reference(0);
  }

  /** A slot for a request of `length` bytes; -1 when there is none, or not enough memory. */
  take(length: i32): i32 {
    const count = (length + PAGE - 1) / PAGE;
    if (this.free.length == 0 || this.spare < count) return -1;
    const slot = this.free.pop();
    this.counts[slot] = count;
    for (let index = 0; index < count; index++) {
      this.owned[slot * MOST + index] = this.sparePages[--this.spare];
    }
    return slot;
  }

  release(slot: i32): void {
    this.lent[slot] = false;
    this.free.push(slot);
    for (let index = 0; index < this.counts[slot]; index++) {
      this.sparePages[this.spare++] = this.owned[slot * MOST + index];
    }
  }

  /** Copies what is to be written into the slot's pages. */
  put(slot: i32, from: usize, length: i32): void {
    for (let at = 0; at < length; at += PAGE) {
      memory.copy(this.address(slot, at / PAGE), from + at, min<i32>(PAGE, length - at));
    }
  }

  /** Copies what was read out of the slot's pages. */
  get(slot: i32, to: usize, length: i32): void {
    for (let at = 0; at < length; at += PAGE) {
      memory.copy(to + at, this.address(slot, at / PAGE), min<i32>(PAGE, length - at));
    }
  }

  /** Writes the request of a slot: `length` bytes from `sector` on. `flush` shows it to the back end. */
  ask(slot: i32, operation: u8, sector: u64, length: i32): void {
    this.lent[slot] = true;
    const request = this.ring.request();
    const segments = this.counts[slot];
    memory.fill(request, 0, SIZE);
    store<u8>(request, operation);
    store<u8>(request, <u8>segments, 1);
    store<u64>(request, slot, 8);
    store<u64>(request, sector, 16);
    for (let segment = 0; segment < segments; segment++) {
      const at = request + 24 + 8 * segment;
      const bytes = min<i32>(PAGE, length - segment * PAGE);
      store<u32>(at, this.pages.reference(this.owned[slot * MOST + segment]));
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
    const slot = <i32>min<u64>(load<u64>(response), ENTRIES);
    if (slot >= ENTRIES || !this.lent[slot]) {
      this.broken = true;
      return -1;
    }
    this.done = load<i16>(response, 10) == 0;
    return slot;
  }

  private address(slot: i32, index: i32): usize {
    return this.pages.address + <i32>this.owned[slot * MOST + index] * PAGE;
  }
}
