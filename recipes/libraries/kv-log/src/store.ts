import { Batch } from "./batch";
import { Collector } from "./collector";
import { Committer, Writer } from "./committer";
import { Directory } from "./directory";
import { Log } from "./log";
import { Recovery } from "./recovery";
import { Reader, ValueRead } from "./value";

/**
 * A store. Writes are made in the order in which they were asked for. Reads see the writes that were told DONE, and no
 * others. Nothing is told inside the call that asked for it.
 */
export class Store {
  private log: Log;
  private directory: Directory;
  private committer: Committer;

  constructor(recovery: Recovery) {
    const log = recovery.log!;
    const directory = recovery.directory!;
    const collector = new Collector(log, directory, recovery.bytes);
    this.log = log;
    this.directory = directory;
    this.committer = new Committer(log, directory, collector, log.disk.readOnly);
  }

  /** Reads the value at `key`. */
  get(key: string, reader: Reader): void {
    new ValueRead(this.log, this.directory, key, reader).begin();
  }

  /** Sets one value, a copy of which is taken. */
  set(key: string, value: Uint8Array, writer: Writer): void {
    this.committer.commit(new Batch().set(key, value), writer);
  }

  /** Deletes one key; DONE also when it is not there. */
  delete(key: string, writer: Writer): void {
    this.committer.commit(new Batch().delete(key), writer);
  }

  /** A batch without changes. */
  batch(): Batch {
    return new Batch();
  }

  /** Makes all changes of a batch, or none. */
  commit(batch: Batch, writer: Writer): void {
    this.committer.commit(batch, writer);
  }

  /** Whether there is a value at `key`. */
  has(key: string): bool {
    return this.directory.has(key);
  }

  /** All keys that begin with `prefix`, sorted by UTF-16 code units. */
  keys(prefix: string): string[] {
    return this.directory.keys(prefix);
  }

  /** How many keys have a value. */
  get size(): i32 {
    return this.directory.size;
  }
}
