import * as block from "block";
import { clusters } from "config";
import { Disk, get32 } from "disk";
import { Boot } from "./boot";
import { Changed, Changes } from "./changes";
import { DONE, FAILED, FOREIGN, FULL } from "./result";
import { Table } from "./table";
import { Volume } from "./volume";

/** What waits for a volume to be read. */
export interface Mounted {
  onMounted(volume: Volume | null, result: i32): void;
}

/** What is being waited for. */
const BOOT: i32 = 0;
const TABLE: i32 = 1;
const INFO: i32 = 2;

/**
 * Opens a volume: the boot sector, all of the allocation table, and the count of free clusters. Where the second copy of
 * the table differs from the first, or the count is wrong, as after the power failing, they are mended.
 */
export class Mount implements block.Waiter, Changed {
  private boot: Boot | null = null;
  private table: Table | null = null;
  private mending: Changes | null = null;
  private step: i32 = BOOT;
  private reads: i32 = 0;
  private isFailed: bool = false;
  /** The next sector of the table; what was read last of it and of its copy. */
  private sector: u32 = 0;
  private bytes: Uint8Array;
  private copy: Uint8Array = new Uint8Array(0);

  constructor(
    private disk: Disk,
    private waiter: Mounted,
  ) {
    this.bytes = disk.buffer(1);
  }

  begin(): void {
    this.reads = 1;
    this.disk.read(0, this.bytes, this);
  }

  onDone(result: i32): void {
    if (result != block.DONE) this.isFailed = true;
    if (--this.reads > 0) return;
    if (this.isFailed) this.waiter.onMounted(null, FAILED);
    else if (this.step == BOOT) this.onBoot();
    else if (this.step == TABLE) this.onTable();
    else this.onInfo();
  }

  onChanged(result: i32): void {
    const isSound = result == DONE;
    this.waiter.onMounted(isSound ? this.volume : null, result);
  }

  private get volume(): Volume {
    const summary = this.step == INFO ? this.bytes : new Uint8Array(0);
    return new Volume(this.disk, this.boot!, this.table!, summary);
  }

  private onBoot(): void {
    const disk = this.disk;
    const boot = Boot.read(this.bytes, disk.sectors * <u64>disk.sectorSize);
    if (boot === null || boot.sectorSize % disk.sectorSize != 0) {
      this.waiter.onMounted(null, FOREIGN);
    } else if (boot.clusters > <u32>clusters) {
      this.waiter.onMounted(null, FULL);
    } else {
      this.boot = boot;
      this.table = new Table(boot);
      this.mending = new Changes(disk, boot);
      this.step = TABLE;
      this.readTable();
    }
  }

  private readTable(): void {
    const boot = this.boot!;
    if (this.sector == boot.tableSectors) {
      this.readInfo();
      return;
    }
    const count = min<u32>(PIECE / <u32>boot.sectorSize, boot.tableSectors - this.sector);
    const active = max(boot.activeTable, 0);
    this.bytes = this.read(boot.tableStart + <u32>active * boot.tableSectors + this.sector, count);
    if (this.hasCopy) {
      this.copy = this.read(boot.tableStart + boot.tableSectors + this.sector, count);
    }
  }

  private onTable(): void {
    const boot = this.boot!;
    const size = boot.sectorSize;
    this.table!.load(this.sector, this.bytes);
    for (let start = 0; this.hasCopy && start < this.bytes.length; start += size) {
      const first = this.bytes.dataStart + <usize>start;
      const second = this.copy.dataStart + <usize>start;
      if (memory.compare(first, second, size) == 0) continue;
      const sector = this.sector + <u32>(start / size);
      const place = boot.tableStart + boot.tableSectors + sector;
      this.mending!.write(place, this.bytes.slice(start, start + size));
    }
    this.sector += <u32>(this.bytes.length / size);
    this.readTable();
  }

  private get hasCopy(): bool {
    return this.boot!.tables == 2 && this.boot!.activeTable < 0;
  }

  private readInfo(): void {
    const boot = this.boot!;
    if (boot.infoSector == 0) {
      this.mend();
      return;
    }
    this.step = INFO;
    this.bytes = this.read(boot.infoSector, 1);
  }

  private onInfo(): void {
    // Page 21.
    const isInfo = get32(this.bytes, 0) == 0x41615252 && get32(this.bytes, 484) == 0x61417272;
    if (!isInfo) this.step = TABLE;
    this.mend();
  }

  private mend(): void {
    if (this.disk.readOnly) {
      this.waiter.onMounted(this.volume, DONE);
      return;
    }
    this.volume.writeInfo(this.mending!);
    this.mending!.make(this);
  }

  private read(sector: u32, count: u32): Uint8Array {
    const scale = <u64>(this.boot!.sectorSize / this.disk.sectorSize);
    const bytes = new Uint8Array(<i32>count * this.boot!.sectorSize);
    this.reads++;
    this.disk.read(<u64>sector * scale, bytes, this);
    return bytes;
  }
}

/** Bytes of the table that are read at a time. */
const PIECE: u32 = 65536;
