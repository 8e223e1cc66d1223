import { FrontRing, PAGE, Pages } from "xenbus";
import { completeChecksum } from "./checksum";
import { Cut } from "./cut";

/** io/netif.h: netif_rx_request and netif_rx_response are 8 bytes; 256 fit into a page. */
const ENTRIES: i32 = 256;
const SIZE: i32 = 8;

/** NETRXF_*. */
const CHECKSUM_BLANK: u16 = 2;
const MORE_DATA: u16 = 4;
const EXTRA_INFO: u16 = 8;
/** XEN_NETIF_EXTRA_TYPE_GSO, and that another one follows. */
const EXTRA_GSO: u8 = 1;
const EXTRA_MORE: u8 = 1;

/** A frame of 64 KiB in pages. */
const LARGEST: i32 = 65536;

/** Frames that come from the back end, each into a page that it was given, and that it gets again once the frame was dealt with. */
export class Receiver {
  /** The page of the ring, then those of the frames. */
  private pages: Pages = new Pages(1 + ENTRIES);
  private ring: FrontRing = new FrontRing(this.pages.address, ENTRIES, SIZE);
  /** By entry of the ring: the page that was asked to be filled there. */
  private asked: StaticArray<u8> = new StaticArray<u8>(ENTRIES);
  /** The place of the frame that `next` answered last; -1 when it was given back. */
  private held: i32 = -1;
  /** A frame of several parts, put together; null until there is one. */
  private whole: Uint8Array | null = null;
  private gathered: i32 = 0;
  /** Within a frame of several parts; and one that is left out. */
  private gathering: bool = false;
  private skipping: bool = false;
  /** What the extra information of that frame says: text of each segment, 0 when it is one packet; and whether its checksum is to be made. */
  private size: i32 = 0;
  private blank: bool = false;
  /** The next entry is extra information. */
  private extra: bool = false;
  private more: bool = false;
  private cut: Cut = new Cut();
  /** The back end tells nonsense. */
  broken: bool = false;

  /** Shares ring and pages; false when it cannot. */
  open(domain: i32): bool {
    this.ring.reset();
    this.held = -1;
    this.gathering = false;
    this.extra = false;
    this.cut = new Cut();
    this.broken = false;
    if (!this.pages.give(domain, false)) return false;
    for (let place = 0; place < ENTRIES; place++) this.lend(place);
    this.ring.publish();
    return true;
  }

  /** Takes all back; false when the back end still has some: this receiver must not be used again. */
  close(): bool {
    return this.pages.revoke();
  }

  get reference(): i32 {
    return this.pages.reference(0);
  }

  /** The next frame, which stays until the call after; null when there is none. */
  next(): Uint8Array | null {
    this.giveBack();
    while (!this.broken) {
      const whole = this.whole;
      if (whole !== null && this.cut.next()) {
        return whole.subarray(this.cut.start, this.cut.start + this.cut.length);
      }
      const waiting = this.ring.responses;
      if (waiting == 0) return null;
      if (waiting < 0) break;
      const response = this.ring.response();
      if (this.extra) this.takeExtra(response);
      else {
        const frame = this.takePart(response);
        if (frame !== null) return frame;
      }
      if (this.broken) break;
      if (!this.gathering || this.more || this.extra) continue;
      const frame = this.endWhole();
      if (frame !== null) return frame;
    }
    this.broken = true;
    return null;
  }

  /** Shows the back end the pages that it may use again; whether it is to be notified. */
  flush(): bool {
    this.giveBack();
    return this.ring.publish();
  }

  /** Asks to be told of the next frame; false when one has come meanwhile. */
  rest(): bool {
    this.ring.notifyAfter(1);
    return this.ring.responses == 0;
  }

  /** Answers with the frame when it is all of one. */
  private takePart(response: usize): Uint8Array | null {
    const place = <i32>load<u16>(response);
    const offset = <i32>load<u16>(response, 2);
    const flags = load<u16>(response, 4);
    const length = <i32>load<i16>(response, 6);
    // Requests are answered in their order: extra information, which has no number, is known by its entry alone.
    if (place != this.asked[this.ring.placeOf(response)] || offset + length > PAGE) {
      this.broken = true;
      return null;
    }
    this.held = place;
    const at = (1 + place) * PAGE + offset;
    const more = (flags & MORE_DATA) != 0;
    const extra = (flags & EXTRA_INFO) != 0;
    const blank = (flags & CHECKSUM_BLANK) != 0;
    if (this.gathering || more || extra) {
      if (!this.gathering) this.beginWhole(blank);
      this.gather(this.pages.address + at, length);
      this.more = more;
      this.extra = extra;
    } else if (length > 0) {
      const frame = this.pages.view(at, length);
      if (blank) completeChecksum(frame.dataStart, length);
      return frame;
    }
    this.giveBack();
    return null;
  }

  private beginWhole(blank: bool): void {
    if (this.whole === null) this.whole = new Uint8Array(LARGEST);
    this.gathering = true;
    this.skipping = false;
    this.gathered = 0;
    this.size = 0;
    this.blank = blank;
  }

  private gather(from: usize, length: i32): void {
    const whole = this.whole;
    // Below 0 is an error of the back end's: the others come nevertheless.
    if (whole === null || length <= 0 || this.gathered + length > LARGEST) this.skipping = true;
    if (whole === null || this.skipping) return;
    memory.copy(whole.dataStart + this.gathered, from, length);
    this.gathered += length;
  }

  /** netif_extra_info: it takes an entry, and leaves the page of that entry to us. */
  private takeExtra(entry: usize): void {
    const place = this.asked[this.ring.placeOf(entry)];
    if (load<u8>(entry) == EXTRA_GSO) this.size = load<u16>(entry, 2);
    else this.skipping = true;
    this.extra = (load<u8>(entry, 1) & EXTRA_MORE) != 0;
    this.lend(place);
  }

  /** The frame of several parts is there. Null when it is left out, or was cut: then the segments are next. */
  private endWhole(): Uint8Array | null {
    this.gathering = false;
    const whole = this.whole;
    if (whole === null || this.skipping || this.gathered == 0) return null;
    if (this.size == 0) {
      if (this.blank) completeChecksum(whole.dataStart, this.gathered);
      return whole.subarray(0, this.gathered);
    }
    this.cut.begin(whole.dataStart, this.gathered, this.size);
    return null;
  }

  private giveBack(): void {
    if (this.held < 0) return;
    this.lend(this.held);
    this.held = -1;
  }

  private lend(place: i32): void {
    const request = this.ring.request();
    this.asked[this.ring.placeOf(request)] = <u8>place;
    store<u16>(request, <u16>place);
    store<u16>(request, 0, 2);
    store<u32>(request, this.pages.reference(1 + place), 4);
  }
}
