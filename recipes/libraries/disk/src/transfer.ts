import * as block from "block";

/** A transfer of any length: as many requests as the device wants, and one answer. */
export class Transfer implements block.Waiter {
  static readonly READ: i32 = 0;
  static readonly WRITE: i32 = 1;
  static readonly FLUSH: i32 = 2;

  /** Bytes that requests were made for. */
  private asked: i32 = 0;
  private underWay: i32 = 0;
  private result: i32 = block.DONE;

  constructor(
    private kind: i32,
    private sector: u64,
    private bytes: Uint8Array,
    private waiter: block.Waiter,
  ) {}

  /** Asks for what was not asked for; false when the device has no room for all of it now. */
  ask(device: block.Device): bool {
    if (this.kind == Transfer.FLUSH) {
      if (!device.flush(this)) return false;
      this.underWay++;
      return true;
    }
    const length = this.bytes.length;
    const limit = device.limit * device.sectorSize;
    while (this.asked < length) {
      const end = min(length, this.asked + limit);
      const sector = this.sector + <u64>(this.asked / device.sectorSize);
      const part = this.bytes.subarray(this.asked, end);
      const taken =
        this.kind == Transfer.READ
          ? device.read(sector, part, this)
          : device.write(sector, part, this);
      if (!taken) return false;
      this.asked = end;
      this.underWay++;
    }
    return true;
  }

  onDone(result: i32): void {
    if (result != block.DONE) this.result = result;
    this.underWay--;
    const isAsked = this.kind == Transfer.FLUSH || this.asked == this.bytes.length;
    if (isAsked && this.underWay == 0) this.waiter.onDone(this.result);
  }
}
