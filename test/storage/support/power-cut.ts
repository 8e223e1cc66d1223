import type { Random } from "../../net/support/random.ts";
import { type DiskEvent, sectorSize, type Write } from "./disk.ts";

/** How much of what was not flushed the power failing leaves on the disk. */
export type Loss = "all" | "none" | "some";

/** Walks through a history, and makes the disks that the power failing at each place of it can leave. */
export class PowerCuts {
  /** What lasts at the present place. */
  readonly #lasting: Uint8Array;
  /** Writes that may or may not be there, those that were told done first, in their order. */
  #done: Write[] = [];
  readonly #underWay = new Set<Write>();
  /** Of each flush under way: how many of `#done` it covers. */
  readonly #flushes = new Map<object, readonly Write[]>();
  readonly #random: Random;
  readonly #tears: boolean;

  /** @param tears whether a sector may be new in part */
  constructor(start: Uint8Array, random: Random, tears = true) {
    this.#lasting = start.slice();
    this.#random = random;
    this.#tears = tears;
  }

  step(event: DiskEvent): void {
    switch (event.kind) {
      case "write":
        this.#underWay.add(event.write);
        break;
      case "written":
        this.#underWay.delete(event.write);
        this.#done.push(event.write);
        break;
      case "flush":
        this.#flushes.set(event.flush, [...this.#done]);
        break;
      case "flushed": {
        const covered = new Set(this.#flushes.get(event.flush));
        for (const write of this.#done) {
          if (covered.has(write)) this.#lasting.set(write.bytes, write.sector * sectorSize);
        }
        this.#done = this.#done.filter((write) => !covered.has(write));
        break;
      }
      case "told":
        break;
    }
  }

  /** A disk that the power failing here can leave. */
  cut(loss: Loss): Uint8Array {
    const bytes = this.#lasting.slice();
    if (loss === "all") return bytes;
    for (const write of [...this.#done, ...this.#underWay]) {
      for (let offset = 0; offset < write.bytes.length; offset += sectorSize) {
        const start = write.sector * sectorSize + offset;
        const fresh = write.bytes.subarray(offset, offset + sectorSize);
        if (loss === "none") bytes.set(fresh, start);
        else this.#tear(bytes.subarray(start, start + sectorSize), fresh);
      }
    }
    return bytes;
  }

  /** A sector is new, old, or both: a part from the front, or words here and there. */
  #tear(old: Uint8Array, fresh: Uint8Array): void {
    const kind = this.#random.below(this.#tears ? 5 : 4);
    if (kind < 2) old.set(fresh);
    else if (!this.#tears) return;
    else if (kind === 2) old.set(fresh.subarray(0, this.#random.below(sectorSize)));
    else if (kind === 3) {
      for (let word = 0; word < sectorSize; word += 8) {
        if (this.#random.chance(0.5)) old.set(fresh.subarray(word, word + 8), word);
      }
    }
  }
}
