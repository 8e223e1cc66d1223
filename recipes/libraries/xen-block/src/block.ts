import * as front from "blkfront";
import * as host from "host-block";

export { DONE, FAILED, GONE, INVALID, READ_ONLY } from "blkfront";

/** What is told of a device. */
export interface Handler {
  /** After `read`, `write` or `flush` answered false: requests are taken again. */
  onRoom(device: Device): void;

  /** The device is gone, for ever. Told once, after all its requests were told of. */
  onGone(device: Device): void;
}

/** What waits for one request. An object may wait for several, and be used again. */
export interface Waiter {
  /** The request is over, with a result. Told once, and never inside the call that made the request. */
  onDone(result: i32): void;
}

/** One disk, of either kind. */
export abstract class Device {
  /** Reads `bytes`, whole sectors, from `sector` on. False, and nothing is told, when there is no room for a request now. */
  abstract read(sector: u64, bytes: Uint8Array, waiter: Waiter): bool;

  /** Writes `bytes`, whole sectors, from `sector` on. False, and nothing is told, when there is no room for a request now. */
  abstract write(sector: u64, bytes: Uint8Array, waiter: Waiter): bool;

  /** Makes what was written lasting. False, and nothing is told, when there is no room for a request now. */
  abstract flush(waiter: Waiter): bool;

  /** New bytes for whole sectors, placed so that the device can take them without a copy. Others serve as well. */
  abstract buffer(sectors: i32): Uint8Array;

  /** Bytes of a sector: a power of two, 512 to 4096. It does not change. */
  abstract get sectorSize(): i32;

  /** How many sectors there are. It does not change. */
  abstract get sectors(): u64;

  /** The most sectors of one request: of 32 KiB at least. */
  abstract get limit(): i32;

  /** Whether every write is refused. */
  abstract get readOnly(): bool;
}

/** Opens disk `index`, counted from 0, and tells `handler` of it; null when there is none, or it is open already. */
export function open(index: i32, handler: Handler): Device | null {
  const xen = new XenDisk(handler);
  const disk = front.open(index, xen);
  if (disk !== null) {
    xen.disk = disk;
    return xen;
  }
  const virtio = new VirtioDisk(handler);
  const other = host.open(index, virtio);
  if (other === null) return null;
  virtio.disk = other;
  return virtio;
}

class XenDisk extends Device implements front.Handler {
  disk!: front.Device;

  constructor(private handler: Handler) {
    super();
  }

  read(sector: u64, bytes: Uint8Array, waiter: Waiter): bool {
    return this.disk.read(sector, bytes, new XenDiskWaiter(waiter));
  }

  write(sector: u64, bytes: Uint8Array, waiter: Waiter): bool {
    return this.disk.write(sector, bytes, new XenDiskWaiter(waiter));
  }

  flush(waiter: Waiter): bool {
    return this.disk.flush(new XenDiskWaiter(waiter));
  }

  buffer(sectors: i32): Uint8Array {
    return this.disk.buffer(sectors);
  }

  get sectorSize(): i32 {
    return this.disk.sectorSize;
  }

  get sectors(): u64 {
    return this.disk.sectors;
  }

  get limit(): i32 {
    return this.disk.limit;
  }

  get readOnly(): bool {
    return this.disk.readOnly;
  }

  onRoom(_disk: front.Device): void {
    this.handler.onRoom(this);
  }

  onGone(_disk: front.Device): void {
    this.handler.onGone(this);
  }
}

class XenDiskWaiter implements front.Waiter {
  constructor(private waiter: Waiter) {}

  onDone(result: i32): void {
    this.waiter.onDone(result);
  }
}

class VirtioDisk extends Device implements host.Handler {
  disk!: host.Device;

  constructor(private handler: Handler) {
    super();
  }

  read(sector: u64, bytes: Uint8Array, waiter: Waiter): bool {
    return this.disk.read(sector, bytes, new VirtioDiskWaiter(waiter));
  }

  write(sector: u64, bytes: Uint8Array, waiter: Waiter): bool {
    return this.disk.write(sector, bytes, new VirtioDiskWaiter(waiter));
  }

  flush(waiter: Waiter): bool {
    return this.disk.flush(new VirtioDiskWaiter(waiter));
  }

  buffer(sectors: i32): Uint8Array {
    return this.disk.buffer(sectors);
  }

  get sectorSize(): i32 {
    return this.disk.sectorSize;
  }

  get sectors(): u64 {
    return this.disk.sectors;
  }

  get limit(): i32 {
    return this.disk.limit;
  }

  get readOnly(): bool {
    return this.disk.readOnly;
  }

  onRoom(_disk: host.Device): void {
    this.handler.onRoom(this);
  }

  onGone(_disk: host.Device): void {
    this.handler.onGone(this);
  }
}

class VirtioDiskWaiter implements host.Waiter {
  constructor(private waiter: Waiter) {}

  onDone(result: i32): void {
    this.waiter.onDone(result);
  }
}
