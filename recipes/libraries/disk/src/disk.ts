import * as block from "block";
import { Transfer } from "./transfer";

export { get16, get32, get64, put16, put32, put64 } from "./number";

/**
 * A block device whose requests are always taken. Bytes, order and results are those of `block`: transfers are done in
 * any order, and their waiters told once, never inside the call.
 */
export class Disk implements block.Handler {
  private device: block.Device | null = null;
  /** Parts that the device had no room for, first come first served. */
  private waiting: Transfer[] = [];
  private first: i32 = 0;

  private constructor() {}

  /** Null when there is no disk of this index. */
  static open(index: i32): Disk | null {
    const disk = new Disk();
    disk.device = block.open(index, disk);
    return disk.device === null ? null : disk;
  }

  /** Reads whole sectors, at least one, from `sector` on into `bytes`. */
  read(sector: u64, bytes: Uint8Array, waiter: block.Waiter): void {
    this.begin(new Transfer(Transfer.READ, sector, bytes, waiter));
  }

  /** Writes `bytes`, whole sectors, at least one, from `sector` on. */
  write(sector: u64, bytes: Uint8Array, waiter: block.Waiter): void {
    this.begin(new Transfer(Transfer.WRITE, sector, bytes, waiter));
  }

  /** Makes lasting what was told written. */
  flush(waiter: block.Waiter): void {
    this.begin(new Transfer(Transfer.FLUSH, 0, NOTHING, waiter));
  }

  /** New bytes for whole sectors. */
  buffer(sectors: i32): Uint8Array {
    return this.device!.buffer(sectors);
  }

  get sectorSize(): i32 {
    return this.device!.sectorSize;
  }

  get sectors(): u64 {
    return this.device!.sectors;
  }

  get readOnly(): bool {
    return this.device!.readOnly;
  }

  onRoom(_device: block.Device): void {
    while (this.first < this.waiting.length) {
      if (!this.waiting[this.first].ask(this.device!)) return;
      this.first++;
    }
    this.waiting = [];
    this.first = 0;
  }

  /** Whatever is asked for from now on, the device answers itself that it is gone. */
  onGone(device: block.Device): void {
    this.onRoom(device);
  }

  private begin(transfer: Transfer): void {
    if (this.waiting.length > 0 || !transfer.ask(this.device!)) this.waiting.push(transfer);
  }
}

const NOTHING: Uint8Array = new Uint8Array(0);
