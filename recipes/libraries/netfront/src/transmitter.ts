import { FrontRing, PAGE, Pages } from "xenbus";

/** io/netif.h: netif_tx_request is 12 bytes, so that 256 fit into a page. */
const ENTRIES: i32 = 256;
const SIZE: i32 = 12;
/** NETTXF_data_validated: checksums are right, so that nobody on this machine has to look. */
const DATA_VALIDATED: u16 = 2;

/** Room for one frame, two a page. */
export const ROOM: i32 = PAGE / 2;
/** IEEE 802.3, 4A.4.2: the shortest frame without its checksum. */
const SHORTEST: i32 = 60;

/** Frames on their way to the back end. Each is copied once, into a page that the back end may read for good. */
export class Transmitter {
  /** The page of the ring, then those of the frames. */
  private pages: Pages = new Pages(1 + ENTRIES / 2);
  private ring: FrontRing = new FrontRing(this.pages.address, ENTRIES, SIZE);
  /** Places for frames that the back end does not have, the last `free` of them. */
  private places: StaticArray<u16> = new StaticArray<u16>(ENTRIES);
  private free: i32 = 0;
  private lent: StaticArray<bool> = new StaticArray<bool>(ENTRIES);

  /** Shares ring and pages; false when it cannot. */
  open(domain: i32): bool {
    this.ring.reset();
    this.free = 0;
    for (let place = ENTRIES - 1; place >= 0; place--) this.release(place);
    return this.pages.give(domain, false);
  }

  /** Takes all back; false when the back end still has some: this transmitter must not be used again. */
  close(): bool {
    return this.pages.revoke();
  }

  get reference(): i32 {
    return this.pages.reference(0);
  }

  /** Takes a frame, which is sent by `flush`; false when there is no room. */
  take(frame: Uint8Array): bool {
    if (this.free == 0) return false;
    const place = this.places[--this.free];
    this.lent[place] = true;
    const offset = (place & 1) * ROOM;
    const page = 1 + (place >> 1);
    const length = frame.length;
    const to = this.pages.address + page * PAGE + offset;
    memory.copy(to, frame.dataStart, length);
    if (length < SHORTEST) memory.fill(to + length, 0, SHORTEST - length);
    const request = this.ring.request();
    store<u32>(request, this.pages.reference(page));
    store<u16>(request, <u16>offset, 4);
    store<u16>(request, DATA_VALIDATED, 6);
    store<u16>(request, place, 8);
    store<u16>(request, <u16>max<i32>(length, SHORTEST), 10);
    return true;
  }

  /** Shows the back end the frames that were taken; whether it is to be notified. */
  flush(): bool {
    return this.ring.publish();
  }

  /** Takes back the places of frames that are sent; false when the back end tells nonsense. */
  reclaim(): bool {
    for (let left = this.ring.responses; left != 0; left--) {
      if (left < 0) return false;
      const place = load<u16>(this.ring.response());
      if (<i32>place >= ENTRIES || !this.lent[place]) return false;
      this.release(place);
    }
    return true;
  }

  /** Asks to be told when half of what is on its way is sent. */
  notifyWhenSent(): void {
    this.ring.notifyAfter(1 + (ENTRIES - this.free) / 2);
  }

  private release(place: i32): void {
    this.lent[place] = false;
    this.places[this.free++] = <u16>place;
  }
}
