import * as block from "block";
import * as clock from "clock";
import * as config from "config";
import { log } from "console";
import { Disk, get64 } from "disk";
import { exit } from "event";

/** Bytes of the units by which the disk is numbered: each begins with its number. */
const UNIT: i32 = 4096;

/** One measurement: reads of `size` bytes, `depth` at a time, in places that chance chooses. What is read is looked at. */
class Measurement {
  private state: u64 = 2463534242;
  private left: i32;
  private running: i32 = 0;
  private begin: u64 = clock.monotonic();

  constructor(
    readonly disk: Disk,
    readonly size: i32,
    readonly depth: i32,
    private after: Plan,
  ) {
    this.left = <i32>(config.kilobytes * 1024) / size;
  }

  start(): void {
    for (let index = 0; index < this.depth; index++) new Read(this).ask();
  }

  /** The number of the unit where the next read begins; -1 when there are enough. (xorshift64, Marsaglia 2003.) */
  next(): i64 {
    if (this.left == 0) {
      if (this.running == 0) this.end();
      return -1;
    }
    this.left--;
    this.running++;
    this.state ^= this.state << 13;
    this.state ^= this.state >> 7;
    this.state ^= this.state << 17;
    const bytes = this.disk.sectors * <u64>this.disk.sectorSize;
    return <i64>((this.state % (bytes / <u64>this.size)) * <u64>(this.size / UNIT));
  }

  done(): void {
    this.running--;
  }

  private end(): void {
    const microseconds = (clock.monotonic() - this.begin) / 1000;
    const count = <i32>(config.kilobytes * 1024) / this.size;
    log(`reads ${this.size} ${this.depth} ${count} ${microseconds}`);
    this.after.next();
  }
}

/** One of the reads that are under way. */
class Read implements block.Waiter {
  private unit: i64 = 0;
  private bytes: Uint8Array;

  constructor(private owner: Measurement) {
    this.bytes = owner.disk.buffer(owner.size / owner.disk.sectorSize);
  }

  ask(): void {
    this.unit = this.owner.next();
    if (this.unit < 0) return;
    const sector = <u64>this.unit * <u64>(UNIT / this.owner.disk.sectorSize);
    this.owner.disk.read(sector, this.bytes, this);
  }

  onDone(result: i32): void {
    for (let at = 0; at < this.bytes.length; at += UNIT) {
      if (result != block.DONE || get64(this.bytes, at) != <u64>this.unit + <u64>(at / UNIT)) {
        log(`wrong at ${this.unit}: ${result}`);
        exit(1);
      }
    }
    this.owner.done();
    this.ask();
  }
}

/** All measurements, one after another. */
class Plan {
  private sizes: i32[] = [4096, 4096, 65536, 65536];
  private depths: i32[] = [1, 32, 1, 32];
  private at: i32 = 0;

  constructor(private disk: Disk) {}

  next(): void {
    if (this.at == this.sizes.length) exit(0);
    const measurement = new Measurement(this.disk, this.sizes[this.at], this.depths[this.at], this);
    this.at++;
    measurement.start();
  }
}

export function main(): void {
  const disk = Disk.open(0);
  if (disk === null) {
    log("no disk");
    exit(1);
    return;
  }
  new Plan(disk).next();
}
