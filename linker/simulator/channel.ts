import type { Random } from "./random.ts";
import type { Schedule } from "./schedule.ts";

/** What a link does to frames in one direction. Times are nanoseconds, shares are of 1. */
export interface Path {
  readonly delay?: number;
  /** Bits a second; unlimited when absent. */
  readonly bandwidth?: number;
  /** Octets that wait for the bandwidth at most; what comes then is lost. */
  readonly queue?: number;
  readonly loss?: number;
  readonly duplicate?: number;
  /** Share of frames that arrive later than others sent after them, by up to the delay and a millisecond. */
  readonly reorder?: number;
  /** Share of frames that the sender's device has no room for; it has again a while later. */
  readonly busy?: number;
  /** Share of frames with a bit changed. */
  readonly corrupt?: number;
  /** Octets that a frame may carry after its header; larger ones are lost. Unlimited when absent. */
  readonly mtu?: number;
}

/** Octets that wait for a link's bandwidth, unless its path says otherwise. */
export const usualQueue = 256 * 1024;

const ethernetHeader = 14;
const millisecond = 1e6;

/** What became of the frames of a channel. */
export interface Tally {
  sent: number;
  /** Octets of `sent`. */
  octets: number;
  /** By chance, by a full queue, by their size, or because the link was down. */
  lost: number;
  duplicated: number;
  reordered: number;
  corrupted: number;
}

/** One direction of a link. All its chance comes from `random`, so that equal seeds give equal runs. */
export class Channel {
  path: Path;
  /** While it is down, every frame is lost. */
  up = true;
  readonly tally: Tally = {
    sent: 0,
    octets: 0,
    lost: 0,
    duplicated: 0,
    reordered: 0,
    corrupted: 0,
  };
  /** Called after `send` answered false, once there is room again. */
  onRoom = () => {};
  readonly #schedule: Schedule;
  readonly #random: Random;
  readonly #deliver: (frame: Uint8Array) => void;
  #freeAt = 0;
  #full = false;

  /** @param deliver the far end; what it is given is not changed afterwards */
  constructor(
    schedule: Schedule,
    random: Random,
    path: Path,
    deliver: (frame: Uint8Array) => void,
  ) {
    this.#schedule = schedule;
    this.#random = random;
    this.path = path;
    this.#deliver = deliver;
  }

  /** Takes a frame, which must not change afterwards; false when there is no room now, then `onRoom` follows. */
  send(frame: Uint8Array): boolean {
    const { path, tally } = this;
    const random = this.#random;
    const now = this.#schedule.now;
    if (this.#full) return false;
    if (path.busy !== undefined && random.chance(path.busy)) {
      this.#full = true;
      this.#schedule.at(now + random.below(2 * millisecond), () => {
        this.#full = false;
        this.onRoom();
      });
      return false;
    }
    tally.sent++;
    tally.octets += frame.length;
    const isTooLong = path.mtu !== undefined && frame.length > path.mtu + ethernetHeader;
    if (random.chance(path.loss ?? 0) || !this.up || isTooLong) {
      tally.lost++;
      return true;
    }
    if (path.bandwidth !== undefined) {
      const start = Math.max(this.#freeAt, now);
      const waiting = ((start - now) * path.bandwidth) / 8e9;
      if (waiting > (path.queue ?? usualQueue)) {
        tally.lost++;
        return true;
      }
      this.#freeAt = start + Math.ceil((frame.length * 8e9) / path.bandwidth);
    }
    this.#send(frame, Math.max(this.#freeAt, now) + (path.delay ?? 0));
    return true;
  }

  #send(frame: Uint8Array, arrival: number): void {
    const { path, tally } = this;
    const random = this.#random;
    const copies = random.chance(path.duplicate ?? 0) ? 2 : 1;
    tally.duplicated += copies - 1;
    for (let copy = 0; copy < copies; copy++) {
      const isLate = random.chance(path.reorder ?? 0);
      const late = isLate ? Math.round(((path.delay ?? 0) + millisecond) * random.next()) : 0;
      if (isLate) tally.reordered++;
      const isCorrupt = random.chance(path.corrupt ?? 0);
      const arriving = isCorrupt ? this.#corrupted(frame) : frame;
      this.#schedule.at(arrival + late, () => {
        // What is under way when a cable is cut does not arrive either.
        if (this.up) this.#deliver(arriving);
        else tally.lost++;
      });
    }
  }

  #corrupted(frame: Uint8Array): Uint8Array {
    this.tally.corrupted++;
    const changed = frame.slice();
    const index = this.#random.below(frame.length);
    changed[index] = changed[index]! ^ (1 << this.#random.below(8));
    return changed;
  }
}
