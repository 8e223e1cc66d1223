import { FrontRing, PAGE, Pages } from "xenbus";
import { completeChecksum } from "./checksum";

/** io/netif.h: netif_rx_request and netif_rx_response are 8 bytes; 256 fit into a page. */
const ENTRIES: i32 = 256;
const SIZE: i32 = 8;

/** NETRXF_*. */
const CHECKSUM_BLANK: u16 = 2;
const MORE_DATA: u16 = 4;
const EXTRA_INFO: u16 = 8;

/** Frames that come from the back end, each into a page that it was given, and that it gets again once the frame was dealt with. */
export class Receiver {
  /** The page of the ring, then those of the frames. */
  private pages: Pages = new Pages(1 + ENTRIES);
  private ring: FrontRing = new FrontRing(this.pages.address, ENTRIES, SIZE);
  private lent: StaticArray<bool> = new StaticArray<bool>(ENTRIES);
  /** The place of the frame that `next` answered last; -1 when it was given back. */
  private held: i32 = -1;
  /** Within a frame of several parts, which is more than we asked for. */
  private skipping: bool = false;
  /** The back end tells nonsense. */
  broken: bool = false;

  /** Shares ring and pages; false when it cannot. */
  open(domain: i32): bool {
    this.ring.reset();
    this.lent.fill(false);
    this.held = -1;
    this.skipping = false;
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
      const waiting = this.ring.responses;
      if (waiting == 0) return null;
      if (waiting < 0) break;
      const response = this.ring.response();
      const place = load<u16>(response);
      const offset = <i32>load<u16>(response, 2);
      const flags = load<u16>(response, 4);
      const length = <i32>load<i16>(response, 6);
      if (<i32>place >= ENTRIES || !this.lent[place] || offset + length > PAGE) break;
      this.lent[place] = false;
      this.held = place;
      const part = this.skipping || (flags & (MORE_DATA | EXTRA_INFO)) != 0;
      this.skipping = (flags & (MORE_DATA | EXTRA_INFO)) != 0;
      if (!part && length > 0) {
        const frame = this.pages.view((1 + place) * PAGE + offset, length);
        if ((flags & CHECKSUM_BLANK) != 0) completeChecksum(frame);
        return frame;
      }
      // An error, or a part of a frame larger than a page: nobody was told that we take those.
      this.giveBack();
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

  private giveBack(): void {
    if (this.held < 0) return;
    this.lend(this.held);
    this.held = -1;
  }

  private lend(place: i32): void {
    this.lent[place] = true;
    const request = this.ring.request();
    store<u16>(request, <u16>place);
    store<u16>(request, 0, 2);
    store<u32>(request, this.pages.reference(1 + place), 4);
  }
}
