import {
  type HostModule,
  IN_USE,
  INVALID,
  type Memory,
  READABLE,
  UNREACHABLE,
  WOULD_BLOCK,
} from "../../../../linker/node-host/abi.ts";
import { diskLimit } from "../../../../linker/node-host/disk.ts";
import type { Ready } from "../../../../linker/node-host/ready.ts";

/** Behind the handles of disks. */
const handle = diskLimit;

/** The usual one of Ethernet; frames are longer by the header of 14. */
const mtu = 1500;
const header = 14;
const shortestFrame = 60;

/** Frames from the network that wait for the image; later ones are lost, as in a real card. */
const queueLimit = 1024;

export interface CardCounters {
  sentFrames: number;
  sentBytes: number;
  receivedFrames: number;
  receivedBytes: number;
  lostFrames: number;
}

/** Module `net` of docs/abi.md: one card, device 0. */
export class Card {
  readonly counters: CardCounters = {
    sentFrames: 0,
    sentBytes: 0,
    receivedFrames: 0,
    receivedBytes: 0,
    lostFrames: 0,
  };
  readonly #memory: Memory;
  readonly #ready: Ready;
  readonly #hardware: number;
  readonly #send: (frame: Uint8Array) => void;
  readonly #queue: Uint8Array[] = [];
  #isOpen = false;
  /** The image found nothing, so that it is to be told of the next frame. */
  #wantsFrame = true;

  /** @param send takes a frame of the image, which is free again at once */
  constructor(memory: Memory, ready: Ready, hardware: number, send: (frame: Uint8Array) => void) {
    this.#memory = memory;
    this.#ready = ready;
    this.#hardware = hardware;
    this.#send = send;
  }

  module(): HostModule {
    return {
      open: (index: number) => {
        if (index !== 0) return UNREACHABLE;
        if (this.#isOpen) return IN_USE;
        this.#isOpen = true;
        return handle;
      },
      address: (of: number) => BigInt(of === handle ? this.#hardware : 0),
      mtu: (of: number) => (of === handle ? mtu : INVALID),
      send: (of: number, address: number, length: number) =>
        of === handle ? this.#take(address >>> 0, length) : INVALID,
      receive: (of: number, address: number, capacity: number) =>
        of === handle ? this.#give(address >>> 0, capacity) : INVALID,
    };
  }

  /** A frame for the image. `isCertain`: it is never lost, its sender seeing to it that they do not get too many. */
  deliver(frame: Uint8Array, isCertain: boolean): void {
    if (!this.#isOpen) return;
    if (!isCertain && this.#queue.length >= queueLimit) {
      this.counters.lostFrames++;
      return;
    }
    this.#queue.push(frame);
    if (!this.#wantsFrame) return;
    this.#wantsFrame = false;
    this.#ready.add(handle, READABLE);
  }

  #take(address: number, length: number): number {
    if (length < header || length > header + mtu) return INVALID;
    const frame = this.#memory().subarray(address, address + length);
    this.counters.sentFrames++;
    this.counters.sentBytes += length;
    if (length >= shortestFrame) {
      this.#send(frame);
    } else {
      const padded = new Uint8Array(shortestFrame);
      padded.set(frame);
      this.#send(padded);
    }
    return length;
  }

  #give(address: number, capacity: number): number {
    const frame = this.#queue.shift();
    if (frame === undefined) {
      this.#wantsFrame = true;
      return WOULD_BLOCK;
    }
    const given = frame.subarray(0, capacity);
    this.#memory().set(given, address);
    this.counters.receivedFrames++;
    this.counters.receivedBytes += given.length;
    // docs/abi.md: a read shorter than its capacity asks to be told of the next.
    if (given.length < capacity) this.#wantsFrame = true;
    return given.length;
  }
}
