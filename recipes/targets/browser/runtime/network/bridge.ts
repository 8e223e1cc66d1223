import { addressAt, isGroup } from "../../../../../linker/ethernet/address.ts";

/** How long a station is remembered that has not been heard of, in milliseconds (IEEE 802.1D, table 7-5: 300 s). */
const ageing = 300_000;

/** Stations of the cable that are remembered at most; a tab has one, or a few. */
const most = 1024;

/** A bridge with two ports, the cable between tabs and the link to a switch: which frames go across. Times are milliseconds. */
export class Bridge {
  /** Stations on the cable, and when they were heard last; the one that was silent the longest first. */
  readonly #onCable = new Map<number, number>();

  /** Whether a frame that was heard on the cable goes over the link: unless its destination is on the cable, too. */
  leavesCable(frame: Uint8Array, now: number): boolean {
    const from = addressAt(frame, 6);
    if (!isGroup(frame[6]!)) this.#hear(from, now);
    return !this.#isOnCable(addressAt(frame, 0), now);
  }

  /**
   * Whether a frame from the link goes onto the cable. Not one whose source is on the cable: the switch has sent it
   * back, since it remembers the last bridge's port, or another way leads there.
   */
  entersCable(frame: Uint8Array, now: number): boolean {
    return !this.#isOnCable(addressAt(frame, 6), now);
  }

  #hear(station: number, now: number): void {
    this.#onCable.delete(station);
    this.#onCable.set(station, now);
    if (this.#onCable.size <= most) return;
    for (const oldest of this.#onCable.keys()) {
      this.#onCable.delete(oldest);
      break;
    }
  }

  #isOnCable(station: number, now: number): boolean {
    const heard = this.#onCable.get(station);
    return heard !== undefined && now - heard < ageing;
  }
}
