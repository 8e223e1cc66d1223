import * as block from "block";
import { Disk } from "disk";
import { Boot } from "./boot";
import { DONE, FAILED } from "./result";

/** What waits for changes. */
export interface Changed {
  onChanged(result: i32): void;
}

class Write {
  constructor(
    public sector: u32,
    public bytes: Uint8Array,
  ) {}
}

/**
 * Writes in steps: those of a step in any order, and each step only when the one before it lasts. The power failing
 * leaves a disk on which all steps up to one were made, the next in part, and none after it.
 */
export class Changes implements block.Waiter {
  private steps: Write[][] = [[]];
  private step: i32 = 0;
  private underWay: i32 = 0;
  private isFailed: bool = false;
  private isFlushing: bool = false;
  private waiter: Changed | null = null;

  constructor(
    private disk: Disk,
    private boot: Boot,
  ) {}

  /** One more write of the present step: whole sectors of the volume. The bytes do not change until it is made. */
  write(sector: u32, bytes: Uint8Array): void {
    this.steps[this.steps.length - 1].push(new Write(sector, bytes));
  }

  /** What follows is written when what is there lasts. */
  next(): void {
    if (this.steps[this.steps.length - 1].length > 0) this.steps.push([]);
  }

  /** Makes them. */
  make(waiter: Changed): void {
    this.waiter = waiter;
    this.begin();
  }

  onDone(result: i32): void {
    if (result != block.DONE) this.isFailed = true;
    if (--this.underWay > 0) return;
    if (this.isFailed) {
      this.waiter!.onChanged(FAILED);
    } else if (this.isFlushing) {
      this.isFlushing = false;
      this.step++;
      this.begin();
    } else {
      this.isFlushing = true;
      this.underWay = 1;
      this.disk.flush(this);
    }
  }

  private begin(): void {
    const last = this.step >= this.steps.length || this.steps[this.step].length == 0;
    if (last) {
      this.waiter!.onChanged(DONE);
      return;
    }
    const writes = this.steps[this.step];
    this.underWay = writes.length;
    const scale = <u64>(this.boot.sectorSize / this.disk.sectorSize);
    for (let index = 0; index < writes.length; index++) {
      this.disk.write(<u64>writes[index].sector * scale, writes[index].bytes, this);
    }
  }
}
