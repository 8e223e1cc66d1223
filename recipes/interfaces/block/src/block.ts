/** Result: it was done. */
export declare const DONE: i32;

/** Result: the request makes no sense: no sectors, more than `limit` or beyond the end, half a sector. Nothing was done. */
export declare const INVALID: i32;

/** Result: the device cannot be written to. Nothing was done. */
export declare const READ_ONLY: i32;

/**
 * Result: the device could not do it. After a write its sectors may hold anything. After a flush every write since the
 * last flush that was done may be lost, and a later flush does not speak for them: do not try again, but give up.
 */
export declare const FAILED: i32;

/** Result: the device is gone. After a write or a flush: as FAILED. */
export declare const GONE: i32;

/** What is told of a device. */
export interface Handler {
  /** After `read`, `write` or `flush` answered false: requests are taken again. */
  onRoom(device: Device): void;

  /** The device is gone, for ever. Told once, after all its requests were told of. */
  onGone(device: Device): void;
}

/** What waits for one request. An object may wait for several, and be used again. */
export interface Waiter {
  /** The request is over, with one of the results above. Told once, and never inside the call that made the request. */
  onDone(result: i32): void;
}

/**
 * One disk: `sectors` sectors of `sectorSize` bytes, counted from 0.
 *
 * Several requests may be under way; they are done in any order, also where they overlap: who needs an order waits for
 * the one before asking for the next. `bytes` belong to the device until the waiter is told: nobody else writes to
 * them, nor reads those of a read. A provider may take them as they are, so that there is no copy.
 *
 * A read sees every write that was told DONE before it was asked for. A write that was told DONE may still be lost by
 * the power failing, alone or in part, each of its sectors whole, torn or not at all, whatever was written before or
 * after it. A flush that is told DONE makes every write lasting that was told DONE before the flush was asked for. It
 * says nothing of writes that were under way when it was asked for.
 */
export declare class Device {
  /** Reads `bytes`, whole sectors, from `sector` on. False, and nothing is told, when there is no room for a request now. */
  read(sector: u64, bytes: Uint8Array, waiter: Waiter): bool;

  /** Writes `bytes`, whole sectors, from `sector` on. False, and nothing is told, when there is no room for a request now. */
  write(sector: u64, bytes: Uint8Array, waiter: Waiter): bool;

  /** Makes what was written lasting, see above. False, and nothing is told, when there is no room for a request now. */
  flush(waiter: Waiter): bool;

  /** New bytes for whole sectors, placed so that the device can take them without a copy. Others serve as well. */
  buffer(sectors: i32): Uint8Array;

  /** Bytes of a sector: a power of two, 512 to 4096. It does not change. */
  get sectorSize(): i32;

  /** How many sectors there are. It does not change. */
  get sectors(): u64;

  /** The most sectors of one request: of 32 KiB at least. */
  get limit(): i32;

  /** Whether every write is refused. */
  get readOnly(): bool;
}

/** Opens disk `index`, counted from 0, and tells `handler` of it; null when there is none, or it is open already. */
export declare function open(index: i32, handler: Handler): Device | null;
