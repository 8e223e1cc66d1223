import * as block from "block";
import * as event from "event";
import { Directory, Location } from "./directory";
import { Log } from "./log";
import { Record, SET } from "./record";
import { ABSENT, CORRUPT, DONE, FAILED } from "./result";

/** What waits for a value. */
export interface Reader {
  /** The value, the reader's own, with DONE; otherwise null with why. */
  onValue(key: string, value: Uint8Array | null, result: i32): void;
}

/** The reading of one value. */
export class ValueRead implements block.Waiter, event.Task {
  private bytes: Uint8Array = new Uint8Array(0);
  private found: Location | null = null;

  constructor(
    private log: Log,
    private directory: Directory,
    private key: string,
    private reader: Reader,
  ) {}

  begin(): void {
    this.found = this.directory.find(this.key);
    const found = this.found;
    if (found === null) {
      event.defer(this);
      return;
    }
    const disk = this.log.disk;
    const size = disk.sectorSize;
    const first = found.start & ~(size - 1);
    const end = (found.start + found.length + size - 1) & ~(size - 1);
    this.bytes = disk.buffer((end - first) / size);
    const sector = (this.log.geometry.startOf(found.segment) + <u64>first) / <u64>size;
    disk.read(sector, this.bytes, this);
  }

  /** There is no such key. */
  run(): void {
    this.reader.onValue(this.key, null, ABSENT);
  }

  onDone(result: i32): void {
    const found = this.found!;
    // The collector, or another write, has moved it: what was read may be another's.
    if (!this.directory.isLast(this.key, found.segment, found.start)) {
      this.begin();
      return;
    }
    if (result != block.DONE) {
      this.reader.onValue(this.key, null, FAILED);
      return;
    }
    const start = found.start & (this.log.disk.sectorSize - 1);
    const record = Record.read(this.bytes, start, start + found.length);
    if (
      record === null ||
      record.kind != SET ||
      record.length != found.length ||
      record.key != this.key
    ) {
      this.reader.onValue(this.key, null, CORRUPT);
    } else {
      this.reader.onValue(this.key, record.value, DONE);
    }
  }
}
