import {
  type Direction,
  interfaceBlock,
  type Packet,
  packetBlock,
  sectionBlock,
} from "../ethernet/pcapng.ts";

/** Frames as they were seen at interfaces, to be written as a file. */
export class Capture {
  readonly #limit: number;
  readonly #interfaces: string[] = [];
  #packets: Packet[] = [];
  #size = 0;
  /** Frames that were left out, the oldest first, for the limit. */
  dropped = 0;

  /** @param limit octets of frames that are kept at most */
  constructor(limit: number) {
    this.#limit = limit;
  }

  /** A new interface: its number. */
  interface(name: string): number {
    return this.#interfaces.push(name) - 1;
  }

  /** Keeps a frame, which must not change afterwards. */
  add(at: number, interfaceNumber: number, direction: Direction, frame: Uint8Array): void {
    this.#packets.push({ interface: interfaceNumber, at, frame, direction });
    this.#size += frame.length;
    if (this.#size > this.#limit) this.#dropOldest();
  }

  /** The file. */
  encode(): Uint8Array {
    return Buffer.concat([
      sectionBlock(),
      ...this.#interfaces.map(interfaceBlock),
      ...this.#packets.map(packetBlock),
    ]);
  }

  /** A quarter at once, so that this is seldom done. */
  #dropOldest(): void {
    let count = 0;
    while (this.#size > (this.#limit * 3) / 4) this.#size -= this.#packets[count++]!.frame.length;
    this.#packets = this.#packets.slice(count);
    this.dropped += count;
  }
}
