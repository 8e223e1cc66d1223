import * as block from "block";
import * as clock from "clock";
import { Disk, get32, put32 } from "disk";
import { Asker, Info, List } from "./asking";
import { Boot } from "./boot";
import { Waiter } from "./change";
import { Changes } from "./changes";
import { Create, Remove, Rename } from "./naming";
import { Operation, Queue } from "./operation";
import { Reader, Reading } from "./reading";
import { Table } from "./table";
import { toStamp } from "./time";
import { Truncate, Write } from "./writing";

/**
 * Files in folders. What is asked for is done in that order, one after another. Nothing is told inside the call that asked
 * for it.
 */
export class Volume implements Queue {
  /** The disk failed: nothing more is read or written. */
  isDead: bool = false;
  private waiting: Operation[] = [];
  private isBusy: bool = false;

  constructor(
    public disk: Disk,
    public boot: Boot,
    public table: Table,
    /** The sector with the count of free clusters; empty without one. */
    private summary: Uint8Array,
  ) {}

  /** What is at `path`. */
  info(path: string, asker: Asker): void {
    this.add(new Info(this, path, asker));
  }

  /** What is in the folder at `path`. */
  list(path: string, asker: Asker): void {
    this.add(new List(this, path, asker));
  }

  /** Reads `length` bytes of a file from `position` on. */
  read(path: string, position: u32, length: i32, reader: Reader): void {
    this.add(new Reading(this, path, position, length, reader));
  }

  /** Writes to a file at `position`, at its end at most; it grows as it has to. `bytes` are copied. Not all or nothing. */
  write(path: string, position: u32, bytes: Uint8Array, waiter: Waiter): void {
    this.add(new Write(this, path, position, bytes.slice(), waiter));
  }

  /** Cuts a file to `size` bytes, no more than it has. */
  truncate(path: string, size: u32, waiter: Waiter): void {
    this.add(new Truncate(this, path, size, waiter));
  }

  /** Makes an empty file. */
  create(path: string, waiter: Waiter): void {
    this.add(new Create(this, path, false, waiter));
  }

  /** Makes an empty folder. */
  makeFolder(path: string, waiter: Waiter): void {
    this.add(new Create(this, path, true, waiter));
  }

  /** Removes a file, or a folder that is empty. */
  remove(path: string, waiter: Waiter): void {
    this.add(new Remove(this, path, waiter));
  }

  /** Gives a file another name, in any folder; a folder, in the same one. Nothing of that name may be there. */
  rename(from: string, to: string, waiter: Waiter): void {
    this.add(new Rename(this, from, to, waiter));
  }

  /** Bytes that files can still take, and that they could take if there were none. */
  get free(): u64 {
    return <u64>this.table.free * <u64>this.boot.clusterSize;
  }

  get capacity(): u64 {
    return <u64>this.boot.clusters * <u64>this.boot.clusterSize;
  }

  onOver(): void {
    this.isBusy = false;
    this.goOn();
  }

  /** The present time, as entries have it. */
  get stamp(): u32 {
    return toStamp(clock.wall());
  }

  /**
   * Reads or writes `bytes`, whole sectors, at a byte of a chain, each run of neighbours at once: as requests of the disk
   * that `waiter` waits for, whose number is returned, or as `changes`.
   */
  transfer(
    isWrite: bool,
    clusters: u32[],
    start: i32,
    bytes: Uint8Array,
    waiter: block.Waiter,
    changes: Changes | null,
  ): i32 {
    const boot = this.boot;
    const size = boot.clusterSize;
    const scale = <u64>(boot.sectorSize / this.disk.sectorSize);
    let count = 0;
    let done = 0;
    while (done < bytes.length) {
      let place = (start + done) / size;
      const inCluster = (start + done) % size;
      const sector = boot.sectorOf(clusters[place]) + <u32>(inCluster / boot.sectorSize);
      let length = size - inCluster;
      while (done + length < bytes.length && clusters[place + 1] == clusters[place] + 1) {
        length += size;
        place++;
      }
      const part = bytes.subarray(done, min(done + length, bytes.length));
      if (changes !== null) changes.write(sector, part);
      else if (isWrite) this.disk.write(<u64>sector * scale, part, waiter);
      else this.disk.read(<u64>sector * scale, part, waiter);
      done += part.length;
      count++;
    }
    return count;
  }

  /** Has the count of free clusters written (page 22), when it differs. */
  writeInfo(changes: Changes): void {
    const summary = this.summary;
    if (summary.length == 0 || get32(summary, FREE_COUNT) == this.table.free) return;
    put32(summary, FREE_COUNT, this.table.free);
    put32(summary, NEXT_FREE, this.table.hint);
    changes.write(this.boot.infoSector, summary.slice());
  }

  private add(operation: Operation): void {
    this.waiting.push(operation);
    this.goOn();
  }

  private goOn(): void {
    if (this.isBusy || this.waiting.length == 0) return;
    this.isBusy = true;
    this.waiting.shift().begin(this);
  }
}

const FREE_COUNT: i32 = 488;
const NEXT_FREE: i32 = 492;
