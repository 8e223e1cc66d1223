import { FrontRing, PAGE, Pages } from "xenbus";
import { Train } from "./train";

/** io/netif.h: netif_tx_request is 12 bytes, so that 256 fit into a page. */
const ENTRIES: i32 = 256;
const SIZE: i32 = 12;
/** NETTXF_*. Data that are validated have right checksums, so that nobody on this machine has to look. */
const CHECKSUM_BLANK: u16 = 1;
const DATA_VALIDATED: u16 = 2;
const MORE_DATA: u16 = 4;
const EXTRA_INFO: u16 = 8;
/** XEN_NETIF_EXTRA_TYPE_GSO. */
const EXTRA_GSO: u8 = 1;
/** NETIF_RSP_NULL: the response for a request that is none, but extra information. */
const NO_REQUEST: i16 = 1;
/** XEN_NETIF_NR_SLOTS_MIN: requests for one frame, which every back end takes. */
const MOST_PARTS: i32 = 18;

/** Pages for frames. */
const PAGES: i32 = 128;
/** IEEE 802.3, 4A.4.2: the shortest frame without its checksum. */
const SHORTEST: i32 = 60;

/**
 * Frames on their way to the back end. Each is copied once, behind the one before it, into pages that the back end may read for good. Segments that may
 * go together wait as `train` until another frame comes or all is shown; its parts are where its bytes are, page by page.
 */
export class Transmitter {
  /** What the back end takes: several segments of TCP as one frame, over IPv4 and over IPv6. Set when it is connected. */
  four: bool = false;
  six: bool = false;

  private ringPage: Pages = new Pages(1);
  private ring: FrontRing = new FrontRing(this.ringPage.address, ENTRIES, SIZE);
  private pages: Pages = new Pages(PAGES);
  /** Pages that nobody uses, the first `spare` of them. */
  private sparePages: StaticArray<u8> = new StaticArray<u8>(PAGES);
  private spare: i32 = 0;
  /** By page: requests for parts of it, and one more while it is filled. */
  private users: StaticArray<u16> = new StaticArray<u16>(PAGES);
  /** The page that is filled, -1 for none, and how far it is. */
  private page: i32 = -1;
  private filled: i32 = 0;
  /** Numbers of requests that the back end does not have, the first `free` of them. */
  private numbers: StaticArray<u8> = new StaticArray<u8>(ENTRIES);
  private free: i32 = 0;
  /** By number: the page of the request; -1 when the back end does not have it. */
  private pageOf: StaticArray<i16> = new StaticArray<i16>(ENTRIES);
  private train: Train = new Train();
  private parts: i32 = 0;
  private partPage: StaticArray<u8> = new StaticArray<u8>(MOST_PARTS);
  private partOffset: StaticArray<u16> = new StaticArray<u16>(MOST_PARTS);
  private partLength: StaticArray<u16> = new StaticArray<u16>(MOST_PARTS);

  /** Shares ring and pages; false when it cannot. */
  open(domain: i32): bool {
    this.four = false;
    this.six = false;
    this.ring.reset();
    this.page = -1;
    this.train.count = 0;
    this.users.fill(0);
    this.pageOf.fill(-1);
    for (let page = 0; page < PAGES; page++) this.sparePages[page] = <u8>page;
    this.spare = PAGES;
    for (let number = 0; number < ENTRIES; number++) this.numbers[number] = <u8>number;
    this.free = ENTRIES;
    return this.ringPage.give(domain, false) && this.pages.give(domain, true);
  }

  /** Takes all back; false when the back end still has some: this transmitter must not be used again. */
  close(): bool {
    const whole = this.ringPage.revoke();
    return this.pages.revoke() && whole;
  }

  get reference(): i32 {
    return this.ringPage.reference(0);
  }

  /** Takes a frame, which is sent by `flush`; false when there is no room. */
  take(frame: Uint8Array): bool {
    const from = frame.dataStart;
    const length = frame.length;
    if (this.train.count > 0) {
      if (this.join(from, length)) return true;
      this.couple();
    }
    const padded = max<i32>(length, SHORTEST);
    if (this.free == 0 || this.ring.room == 0 || !this.turnTo(padded)) return false;
    const to = this.pages.address + this.page * PAGE + this.filled;
    memory.copy(to, from, length);
    if (length < SHORTEST) memory.fill(to + length, 0, SHORTEST - length);
    this.parts = 0;
    this.addPart(padded);
    const waits =
      (this.four || this.six) &&
      this.free >= MOST_PARTS &&
      this.ring.room > MOST_PARTS &&
      this.train.begin(to, length, this.four, this.six);
    if (!waits) this.ask(0, DATA_VALIDATED, padded);
    return true;
  }

  /** Shows the back end the frames that were taken; whether it is to be notified. */
  flush(): bool {
    this.couple();
    return this.ring.publish();
  }

  /** Takes back the places of frames that are sent; false when the back end tells nonsense. */
  reclaim(): bool {
    for (let left = this.ring.responses; left != 0; left--) {
      if (left < 0) return false;
      const response = this.ring.response();
      if (load<i16>(response, 2) == NO_REQUEST) continue;
      const number = <i32>load<u16>(response);
      if (number >= ENTRIES || this.pageOf[number] < 0) return false;
      this.leave(this.pageOf[number]);
      this.pageOf[number] = -1;
      this.numbers[this.free++] = <u8>number;
    }
    return true;
  }

  /** Asks to be told when half of what is on its way is sent. */
  notifyWhenSent(): void {
    this.ring.notifyAfter(1 + (ENTRIES - this.ring.room) / 2);
  }

  /** Adds the text of a segment to those that wait; false when it does not fit to them, or there is no room. */
  private join(from: usize, length: i32): bool {
    const train = this.train;
    const headers = train.accepts(from, length);
    if (headers == 0) return false;
    let left = length - headers;
    // A segment is no longer than a page, so that it needs one more at most.
    const here = min<i32>(PAGE - this.filled, left);
    if (here < left && (this.spare == 0 || this.parts == MOST_PARTS)) return false;
    const to = this.pages.address + this.page * PAGE + this.filled;
    memory.copy(to, from + headers, here);
    this.partLength[this.parts - 1] += <u16>here;
    this.filled += here;
    left -= here;
    if (left > 0) {
      this.turnTo(left);
      memory.copy(this.pages.address + this.page * PAGE, from + headers + here, left);
      this.addPart(left);
    }
    if (train.join(from, length)) this.couple();
    return true;
  }

  /** Asks for the segments that wait, if any, as one frame. */
  private couple(): void {
    const train = this.train;
    if (train.count == 0) return;
    const single = train.count == 1;
    train.count = 0;
    if (single) {
      this.ask(0, DATA_VALIDATED, this.partLength[0]);
      return;
    }
    train.finish();
    const more: u16 = this.parts > 1 ? MORE_DATA : 0;
    // The first request tells how long all of it is.
    this.ask(0, CHECKSUM_BLANK | DATA_VALIDATED | EXTRA_INFO | more, train.length);
    const extra = this.ring.request();
    memory.fill(extra, 0, SIZE);
    store<u8>(extra, EXTRA_GSO);
    store<u16>(extra, <u16>train.size, 2);
    store<u8>(extra, train.type, 4);
    for (let part = 1; part < this.parts; part++) {
      this.ask(part, part + 1 < this.parts ? MORE_DATA : 0, this.partLength[part]);
    }
  }

  private ask(part: i32, flags: u16, length: i32): void {
    const number = this.numbers[--this.free];
    const page = this.partPage[part];
    this.pageOf[number] = page;
    const request = this.ring.request();
    store<u32>(request, this.pages.reference(page));
    store<u16>(request, this.partOffset[part], 4);
    store<u16>(request, flags, 6);
    store<u16>(request, number, 8);
    store<u16>(request, <u16>length, 10);
  }

  /** Has `length` bytes follow one another in the page that is filled, which may be another one then; false when there is none. */
  private turnTo(length: i32): bool {
    if (this.page >= 0) {
      if (this.filled + length <= PAGE) return true;
      this.leave(this.page);
      this.page = -1;
    }
    if (this.spare == 0) return false;
    this.page = this.sparePages[--this.spare];
    this.users[this.page] = 1;
    this.filled = 0;
    return true;
  }

  private addPart(length: i32): void {
    const part = this.parts++;
    this.partPage[part] = <u8>this.page;
    this.partOffset[part] = <u16>this.filled;
    this.partLength[part] = <u16>length;
    this.users[this.page]++;
    this.filled += length;
  }

  private leave(page: i32): void {
    if (--this.users[page] == 0) this.sparePages[this.spare++] = <u8>page;
  }
}
