/** Result: it was done; of a write: and lasts, whatever happens from now on. */
export declare const DONE: i32;

/** Result: there is no value at the key. */
export declare const ABSENT: i32;

/** Result: the key or the batch is longer than the store takes. Nothing was changed. */
export declare const INVALID: i32;

/** Result: there is no room left. Nothing was changed; batches that only delete are still taken. Of an opening: there is not enough for a store. */
export declare const FULL: i32;

/** Result: as many writes are under way as the store has room for. Nothing was changed; try again when one of them was told. */
export declare const BUSY: i32;

/** Result: what is stored is damaged; nothing of it is given out. */
export declare const CORRUPT: i32;

/** Result: what the store lies on holds something else than a store. It was left as it is. */
export declare const FOREIGN: i32;

/**
 * Result: what the store lies on failed or is not there. Of a write: it may or may not be there after a restart, as a
 * whole. The store takes no more writes.
 */
export declare const FAILED: i32;

/** What waits for a store. */
export interface Opener {
  /** The store is there, with all that was told DONE before. */
  onOpen(store: Store): void;

  /** It cannot be had, for one of the results above. */
  onRefused(result: i32): void;
}

/** What waits for a value. */
export interface Reader {
  /** The value, the reader's own, with DONE; otherwise null with why. */
  onValue(key: string, value: Uint8Array | null, result: i32): void;
}

/** What waits for a write. */
export interface Writer {
  /** The write is over. Only DONE says that it lasts. */
  onWritten(result: i32): void;
}

/** Changes that are made together: after a power failure all of them are there, or none. For one commit. */
export declare class Batch {
  /** The key has this value, a copy of which is taken. */
  set(key: string, value: Uint8Array): Batch;

  /** The key has no value. */
  delete(key: string): Batch;
}

/**
 * A store. Writes are made in the order in which they were asked for. Reads see the writes that were told DONE, and no
 * others. Nothing is told inside the call that asked for it.
 */
export declare class Store {
  /** Reads the value at `key`. */
  get(key: string, reader: Reader): void;

  /** Sets one value, a copy of which is taken. */
  set(key: string, value: Uint8Array, writer: Writer): void;

  /** Deletes one key; DONE also when it is not there. */
  delete(key: string, writer: Writer): void;

  /** A batch without changes. */
  batch(): Batch;

  /** Makes all changes of a batch, or none. */
  commit(batch: Batch, writer: Writer): void;

  /** Whether there is a value at `key`. */
  has(key: string): bool;

  /** All keys that begin with `prefix`, sorted by UTF-16 code units. */
  keys(prefix: string): string[];

  /** How many keys have a value. */
  get size(): i32;
}

/** Opens the store and tells `opener`. All who open it get the same one, which stays open until the program ends. */
export declare function open(opener: Opener): void;
