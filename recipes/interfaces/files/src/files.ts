/** Result: it was done; of a change: and lasts. */
export declare const DONE: i32;

/** Result: there is no such file or folder. */
export declare const ABSENT: i32;

/** Result: a name, a place or a length that cannot be. Nothing was changed. */
export declare const INVALID: i32;

/** Result: something of that name is there. Nothing was changed. */
export declare const EXISTS: i32;

/** Result: a folder where a file is needed, or the reverse. */
export declare const WRONG_KIND: i32;

/** Result: the folder has something in it. Nothing was changed. */
export declare const NOT_EMPTY: i32;

/** Result: there is no room. Nothing was changed. */
export declare const FULL: i32;

/** Result: what is stored is damaged. Nothing was changed. */
export declare const CORRUPT: i32;

/** Result: what the volume should lie on holds something else. It was left as it is. */
export declare const FOREIGN: i32;

/** Result: what the volume lies on failed, is not there, or cannot be written to. After a failure nothing more is changed. */
export declare const FAILED: i32;

/** What waits for a volume. */
export interface Opener {
  onOpen(volume: Volume): void;

  /** It cannot be had, for one of the results above. */
  onRefused(result: i32): void;
}

/** What waits for a change. */
export interface Waiter {
  onDone(result: i32): void;
}

/** What waits for a part of a file. */
export interface Reader {
  /** The bytes, the reader's own, with DONE: fewer than asked for at the end of the file. Otherwise null with why. */
  onRead(bytes: Uint8Array | null, result: i32): void;
}

/** What waits to learn what there is. */
export interface Asker {
  /** One entry, or those of a folder sorted by name; null with why. */
  onEntries(entries: Entry[] | null, result: i32): void;
}

/** A file or a folder as it was when it was asked for. */
export declare class Entry {
  get name(): string;

  get isFolder(): bool;

  /** Bytes of a file. */
  get size(): u32;

  /** When it was changed last: nanoseconds since 1970, as exactly as it is stored; 0 when it is not known. */
  get modified(): i64;
}

/**
 * Files in folders. Paths have `/` between names and none in front; the empty one is the volume's own folder. What is
 * asked for is done in that order, one after another. Nothing is told inside the call that asked for it.
 */
export declare class Volume {
  /** What is at `path`. */
  info(path: string, asker: Asker): void;

  /** What is in the folder at `path`. */
  list(path: string, asker: Asker): void;

  /** Reads `length` bytes of a file from `position` on. */
  read(path: string, position: u32, length: i32, reader: Reader): void;

  /** Writes to a file at `position`, at its end at most; it grows as it has to. `bytes` are copied. Not all or nothing. */
  write(path: string, position: u32, bytes: Uint8Array, waiter: Waiter): void;

  /** Cuts a file to `size` bytes, no more than it has. */
  truncate(path: string, size: u32, waiter: Waiter): void;

  /** Makes an empty file. */
  create(path: string, waiter: Waiter): void;

  /** Makes an empty folder. */
  makeFolder(path: string, waiter: Waiter): void;

  /** Removes a file, or a folder that is empty. */
  remove(path: string, waiter: Waiter): void;

  /** Gives a file another name, in any folder; a folder, in the same one. Nothing of that name may be there. */
  rename(from: string, to: string, waiter: Waiter): void;

  /** Bytes that files can still take, and that they could take if there were none. */
  get free(): u64;
  get capacity(): u64;
}

/** Opens the volume and tells `opener`. All who open it get the same one, which stays open until the program ends. */
export declare function open(opener: Opener): void;
