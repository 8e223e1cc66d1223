import { close, constants, fdatasync, fstatSync, openSync, read, write } from "node:fs";
import {
  DENIED,
  FAILED,
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

/** Module `block` of docs/abi.md over files. Bytes are copied, since linear memory moves when it grows. */
export class Disks {
  readonly #memory: Memory;
  readonly #ready: Ready;
  readonly #files: readonly string[];
  readonly #open = new Map<number, Disk>();

  /** @param files path of each disk, disk 0 first */
  constructor(memory: Memory, ready: Ready, files: readonly string[]) {
    this.#memory = memory;
    this.#ready = ready;
    this.#files = files;
  }

  module(): HostModule {
    const disk = (handle: number) => this.#open.get(handle) ?? null;
    return {
      open: (index: number) => this.#openDisk(index),
      sectorSize: (handle: number) => (disk(handle) === null ? INVALID : sectorSize),
      sectors: (handle: number) => BigInt(disk(handle)?.sectors ?? 0),
      limit: (handle: number) => (disk(handle) === null ? INVALID : byteLimit),
      readOnly: (handle: number) => (disk(handle)?.readOnly === false ? 0 : 1),
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
    const path = this.#files[index];
    if (path === undefined || index >= diskLimit) return UNREACHABLE;
    if (this.#open.has(index)) return IN_USE;
    const disk = Disk.open(path, this.#memory, () => this.#ready.add(index, READABLE));
    if (typeof disk === "number") return disk;
    this.#open.set(index, disk);
    return index;
  }
}

class Disk {
  readonly sectors: number;
  readonly readOnly: boolean;
  readonly #file: number;
  readonly #memory: Memory;
  readonly #tell: () => void;
  readonly #over: [tag: number, result: number][] = [];
  #underWay = 0;
  #isClosed = false;

  private constructor(file: number, readOnly: boolean, memory: Memory, tell: () => void) {
    this.#file = file;
    this.readOnly = readOnly;
    this.sectors = Math.floor(fstatSync(file).size / sectorSize);
    this.#memory = memory;
    this.#tell = tell;
  }

  /** A disk, or why there is none. */
  static open(path: string, memory: Memory, tell: () => void): Disk | number {
    try {
      return new Disk(openSync(path, constants.O_RDWR), false, memory, tell);
    } catch (error) {
      if (!isDenied(error)) return UNREACHABLE;
    }
    try {
      return new Disk(openSync(path, constants.O_RDONLY), true, memory, tell);
    } catch (error) {
      return isDenied(error) ? DENIED : UNREACHABLE;
    }
  }

  read(tag: number, sector: bigint, address: number, length: number): number {
    if (!this.#fits(sector, length)) return INVALID;
    const bytes = Buffer.alloc(length);
    return this.#ask(tag, (end) => {
      read(this.#file, bytes, 0, length, Number(sector) * sectorSize, (error, count) => {
        const isWhole = error === null && count === length;
        if (isWhole && !this.#isClosed) this.#memory().set(bytes, address);
        end(isWhole);
      });
    });
  }

  write(tag: number, sector: bigint, address: number, length: number): number {
    if (!this.#fits(sector, length)) return INVALID;
    if (this.readOnly) return DENIED;
    const bytes = Buffer.from(this.#memory().subarray(address, address + length));
    return this.#ask(tag, (end) => {
      write(this.#file, bytes, 0, length, Number(sector) * sectorSize, (error, count) =>
        end(error === null && count === length),
      );
    });
  }

  flush(tag: number): number {
    return this.#ask(tag, (end) => fdatasync(this.#file, (error) => end(error === null)));
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

  #ask(tag: number, begin: (end: (isDone: boolean) => void) => void): number {
    if (this.#underWay === requestLimit) return WOULD_BLOCK;
    this.#underWay++;
    begin((isDone) => {
      this.#over.push([tag, isDone ? 0 : FAILED]);
      if (this.#isClosed) this.#closeIfIdle();
      else this.#tell();
    });
    return 0;
  }

  /** A descriptor that is closed under a request could be another file's by then. */
  #closeIfIdle(): void {
    if (this.#over.length === this.#underWay) close(this.#file, () => {});
  }
}

function isDenied(error: unknown): boolean {
  const { code } = error as NodeJS.ErrnoException;
  return code === "EACCES" || code === "EPERM" || code === "EROFS" || code === "EISDIR";
}
