import {
  type HostModule,
  INVALID,
  type Memory,
  WOULD_BLOCK,
} from "../../../linker/node-host/abi.ts";
import type { Random } from "../../net/support/random.ts";

export const sectorSize = 512;

/** What happened to a disk, in order, beside what its user was told: enough to know every state that a power cut can leave. */
export type DiskEvent =
  | { readonly kind: "write"; readonly write: Write }
  | { readonly kind: "written"; readonly write: Write }
  | { readonly kind: "flush"; readonly flush: object }
  | { readonly kind: "flushed"; readonly flush: object }
  | { readonly kind: "told"; readonly text: string };

export interface Write {
  readonly sector: number;
  readonly bytes: Uint8Array;
}

interface Request {
  readonly tag: number;
  readonly address: number;
  readonly length: number;
  readonly sector: number;
  readonly write: Write | null;
  readonly flush: object | null;
}

/** How a request goes wrong: the result that is told instead. */
export type Fault = (kind: "read" | "write" | "flush") => number | null;

/** Module `block` of docs/abi.md: a disk in memory that does requests in any order, and remembers what it did. */
export class SimulatedDisk {
  readonly bytes: Uint8Array;
  readonly events: DiskEvent[] = [];
  /** The most requests at a time, and the most bytes of one. */
  room = 8;
  limit = 32768;
  fault: Fault = () => null;
  reads = 0;
  readonly #random: Random;
  readonly #pending: Request[] = [];
  readonly #over: [tag: number, result: number][] = [];
  #isDrained = true;

  constructor(bytes: Uint8Array, random: Random) {
    this.bytes = bytes;
    this.#random = random;
  }

  module(memory: Memory): HostModule {
    const sectors = this.bytes.length / sectorSize;
    const ask = (tag: number, sector: bigint, address: number, length: number, kind: string) => {
      if (this.#pending.length + this.#over.length >= this.room) return WOULD_BLOCK;
      const start = Number(sector);
      if (kind !== "flush" && (length <= 0 || length % sectorSize !== 0 || length > this.limit)) {
        return INVALID;
      }
      if (start + length / sectorSize > sectors) return INVALID;
      const bytes = memory().slice(address >>> 0, (address >>> 0) + length);
      const write = kind === "write" ? { sector: start, bytes } : null;
      const flush = kind === "flush" ? {} : null;
      if (write !== null) this.events.push({ kind: "write", write });
      if (flush !== null) this.events.push({ kind: "flush", flush });
      this.#pending.push({ tag, address: address >>> 0, length, sector: start, write, flush });
      return 0;
    };
    return {
      open: (index: number) => (index === 0 ? 0 : -4),
      sectorSize: () => sectorSize,
      sectors: () => BigInt(sectors),
      limit: () => this.limit,
      readOnly: () => 0,
      read: (_handle: number, tag: number, sector: bigint, address: number, length: number) =>
        ask(tag, sector, address, length, "read"),
      write: (_handle: number, tag: number, sector: bigint, address: number, length: number) =>
        ask(tag, sector, address, length, "write"),
      flush: (_handle: number, tag: number) => ask(tag, 0n, 0, 0, "flush"),
      completed: (_handle: number, address: number, capacity: number) => {
        const told = this.#over.splice(0, capacity);
        const view = new DataView(memory().buffer);
        for (const [index, [tag, result]] of told.entries()) {
          view.setInt32((address >>> 0) + 8 * index, tag, true);
          view.setInt32((address >>> 0) + 8 * index + 4, result, true);
        }
        if (told.length < capacity) this.#isDrained = true;
        return told.length;
      },
    };
  }

  /** Does one of the pending requests, any; whether there was one. */
  step(memory: Memory): boolean {
    if (this.#pending.length === 0) return false;
    const place = this.#random.below(this.#pending.length);
    const [request] = this.#pending.splice(place, 1) as [Request];
    this.#over.push([request.tag, this.#perform(request, memory())]);
    return true;
  }

  /** Whether the image is to be told now that requests are over. */
  takeReadable(): boolean {
    const isReadable = this.#isDrained && this.#over.length > 0;
    if (isReadable) this.#isDrained = false;
    return isReadable;
  }

  #perform({ address, length, sector, write, flush }: Request, memory: Uint8Array): number {
    const kind = write !== null ? "write" : flush !== null ? "flush" : "read";
    const failure = this.fault(kind);
    if (failure !== null) return failure;
    const start = sector * sectorSize;
    if (write !== null) {
      this.bytes.set(write.bytes, start);
      this.events.push({ kind: "written", write });
    } else if (flush !== null) {
      this.events.push({ kind: "flushed", flush });
    } else {
      this.reads++;
      memory.set(this.bytes.subarray(start, start + length), address);
    }
    return 0;
  }
}
