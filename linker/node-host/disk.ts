import {
  CLOSED,
  DENIED,
  type HostModule,
  IN_USE,
  INVALID,
  type Memory,
  READABLE,
  UNREACHABLE,
  WOULD_BLOCK,
} from "./abi.ts";
import type { Ready } from "./ready.ts";

/** Disks have the handles below this, by their index. */
export const diskLimit = 10;

const sectorSize = 512;
const byteLimit = 1 << 20;
const requestLimit = 64;

/** Told when a request is over: 0, or an error of docs/abi.md, block. */
export type RequestEnd = (result: number) => void;

/** Where the bytes of a disk are. `end` is called once for each request, at once or later. */
export interface Backing {
  /** How many there are. It does not change. */
  readonly bytes: number;
  readonly isReadOnly: boolean;
  /** Fills `bytes`. */
  read(at: number, bytes: Uint8Array, end: RequestEnd): void;
  /** `bytes` do not change until the end. */
  write(at: number, bytes: Uint8Array, end: RequestEnd): void;
  /** Makes what was written lasting. */
  flush(end: RequestEnd): void;
  /** Called once, when no request is under way. */
  close(): void;
}

/** Module `block` of docs/abi.md over backings. Bytes are copied, since linear memory moves when it grows. */
export class Disks {
  readonly #memory: Memory;
  readonly #ready: Ready;
  readonly #backing: (index: number) => Backing | number;
  readonly #open = new Map<number, Disk>();

  /** @param backing opens that of a disk by its index, or answers why it cannot be */
  constructor(memory: Memory, ready: Ready, backing: (index: number) => Backing | number) {
    this.#memory = memory;
    this.#ready = ready;
    this.#backing = backing;
  }

  module(): HostModule {
    const disk = (handle: number) => this.#open.get(handle) ?? null;
    return {
      open: (index: number) => this.#openDisk(index),
      sectorSize: (handle: number) => (disk(handle) === null ? INVALID : sectorSize),
      sectors: (handle: number) => BigInt(disk(handle)?.sectors ?? 0),
      limit: (handle: number) => (disk(handle) === null ? INVALID : byteLimit),
      readOnly: (handle: number) => (disk(handle)?.isReadOnly === false ? 0 : 1),
      read: (handle: number, tag: number, sector: bigint, address: number, length: number) =>
        disk(handle)?.read(tag, sector, address >>> 0, length) ?? INVALID,
      write: (handle: number, tag: number, sector: bigint, address: number, length: number) =>
        disk(handle)?.write(tag, sector, address >>> 0, length) ?? INVALID,
      flush: (handle: number, tag: number) => disk(handle)?.flush(tag) ?? INVALID,
      completed: (handle: number, address: number, capacity: number) =>
        disk(handle)?.completed(address >>> 0, capacity) ?? INVALID,
    };
  }

  /** Closes all disks, each when its requests are over. */
  closeAll(): void {
    for (const disk of this.#open.values()) disk.close();
  }

  #openDisk(index: number): number {
    if (index < 0 || index >= diskLimit) return UNREACHABLE;
    if (this.#open.has(index)) return IN_USE;
    const backing = this.#backing(index);
    if (typeof backing === "number") return backing;
    this.#open.set(index, new Disk(backing, this.#memory, () => this.#ready.add(index, READABLE)));
    return index;
  }
}

class Disk {
  readonly sectors: number;
  readonly #backing: Backing;
  readonly #memory: Memory;
  readonly #tell: () => void;
  readonly #over: [tag: number, result: number][] = [];
  #underWay = 0;
  #isClosed = false;

  constructor(backing: Backing, memory: Memory, tell: () => void) {
    this.#backing = backing;
    this.sectors = Math.floor(backing.bytes / sectorSize);
    this.#memory = memory;
    this.#tell = tell;
  }

  get isReadOnly(): boolean {
    return this.#backing.isReadOnly;
  }

  read(tag: number, sector: bigint, address: number, length: number): number {
    if (!this.#fits(sector, length)) return INVALID;
    const bytes = new Uint8Array(length);
    return this.#ask(tag, (end) => {
      this.#backing.read(Number(sector) * sectorSize, bytes, (result) => {
        if (result === 0 && !this.#isClosed) this.#memory().set(bytes, address);
        end(result);
      });
    });
  }

  write(tag: number, sector: bigint, address: number, length: number): number {
    if (!this.#fits(sector, length)) return INVALID;
    if (this.isReadOnly) return DENIED;
    const bytes = this.#memory().slice(address, address + length);
    return this.#ask(tag, (end) => {
      this.#backing.write(Number(sector) * sectorSize, bytes, end);
    });
  }

  flush(tag: number): number {
    return this.#ask(tag, (end) => this.#backing.flush(end));
  }

  completed(address: number, capacity: number): number {
    const told = this.#over.splice(0, capacity);
    const memory = this.#memory();
    const view = new DataView(memory.buffer, memory.byteOffset);
    for (const [index, [tag, result]] of told.entries()) {
      view.setInt32(address + 8 * index, tag, true);
      view.setInt32(address + 8 * index + 4, result, true);
    }
    this.#underWay -= told.length;
    return told.length;
  }

  close(): void {
    this.#isClosed = true;
    this.#closeIfIdle();
  }

  #fits(sector: bigint, length: number): boolean {
    if (length <= 0 || length > byteLimit || length % sectorSize !== 0) return false;
    return sector >= 0n && sector + BigInt(length / sectorSize) <= BigInt(this.sectors);
  }

  #ask(tag: number, begin: (end: RequestEnd) => void): number {
    if (this.#isClosed) return CLOSED;
    if (this.#underWay === requestLimit) return WOULD_BLOCK;
    this.#underWay++;
    begin((result) => {
      this.#over.push([tag, result]);
      if (this.#isClosed) this.#closeIfIdle();
      else this.#tell();
    });
    return 0;
  }

  /** A descriptor that is closed under a request could be another file's by then. */
  #closeIfIdle(): void {
    if (this.#over.length === this.#underWay) this.#backing.close();
  }
}
