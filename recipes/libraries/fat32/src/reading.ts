import * as block from "block";
import { Operation } from "./operation";
import { ABSENT, CORRUPT, DONE, FAILED, INVALID, WRONG_KIND } from "./result";
import { Volume } from "./volume";

/** What waits for a part of a file. */
export interface Reader {
  /** The bytes, the reader's own, with DONE: fewer than asked for at the end of the file. Otherwise null with why. */
  onRead(bytes: Uint8Array | null, result: i32): void;
}

/** Reads a part of a file: whole sectors, of which it gives out what was asked for. */
export class Reading extends Operation {
  private bytes: Uint8Array | null = null;
  private parts: i32 = 0;
  private isLost: bool = false;
  private isInside: bool = false;

  constructor(
    volume: Volume,
    path: string,
    private position: u32,
    private length: i32,
    private reader: Reader,
  ) {
    super(volume, path);
  }

  protected act(): void {
    const entry = this.entry;
    if (this.name.length == 0 || (entry !== null && entry.isFolder)) {
      this.end(WRONG_KIND);
      return;
    }
    if (entry === null || this.length < 0) {
      this.end(entry === null ? ABSENT : INVALID);
      return;
    }
    const left = entry.size > this.position ? entry.size - this.position : 0;
    this.length = <i32>min<u32>(left, <u32>this.length);
    if (this.length == 0) {
      this.bytes = new Uint8Array(0);
      this.position = 0;
      this.end(DONE);
      return;
    }
    const boot = this.volume.boot;
    const clusters = this.volume.table.chain(entry.cluster);
    const end = <u64>this.position + <u64>this.length;
    if (clusters === null || <u64>clusters.length * <u64>boot.clusterSize < end) {
      this.end(CORRUPT);
      return;
    }
    const size = <u32>boot.sectorSize;
    const inCluster = this.position % <u32>boot.clusterSize;
    const first = <i32>(this.position / <u32>boot.clusterSize);
    const start = inCluster & ~(size - 1);
    const total = (inCluster + <u32>this.length + size - 1) & ~(size - 1);
    this.position = inCluster - start;
    const bytes = new Uint8Array(<i32>(total - start));
    this.bytes = bytes;
    this.isInside = true;
    this.parts = this.volume.transfer(false, clusters.slice(first), <i32>start, bytes, this, null);
  }

  onDone(result: i32): void {
    if (!this.isInside) {
      super.onDone(result);
      return;
    }
    if (result != block.DONE) this.isLost = true;
    if (--this.parts == 0) this.end(this.isLost ? FAILED : DONE);
  }

  protected tell(result: i32): void {
    const bytes = this.bytes;
    if (result != DONE || bytes === null) this.reader.onRead(null, result);
    else {
      const start = <i32>this.position;
      this.reader.onRead(bytes.subarray(start, start + this.length), DONE);
    }
  }
}
