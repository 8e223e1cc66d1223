import { CLOSED, EXHAUSTED, FAILED } from "../../../../../linker/node-host/abi.ts";
import type { Backing, RequestEnd } from "../../../../../linker/node-host/disk.ts";
import { isFull } from "./opfs.ts";

/** A record of the database: so many bytes from its number times this on. */
const blockSize = 4096;
const store = "blocks";

/** A disk that is a database, block by block, for browsers without files that a worker can write to. */
export class IndexedDbDisk implements Backing {
  readonly bytes: number;
  readonly isReadOnly = false;
  readonly #database: IDBDatabase;
  #isClosed = false;

  private constructor(database: IDBDatabase, bytes: number) {
    this.#database = database;
    this.bytes = bytes;
    database.onclose = () => {
      this.#isClosed = true;
    };
  }

  /** Opens the disk `name`, or makes it. */
  static open(name: string, bytes: number): Promise<IndexedDbDisk> {
    return new Promise((resolve, reject) => {
      const request = indexedDB.open(`unipkg ${name}`, 1);
      request.onupgradeneeded = () => request.result.createObjectStore(store);
      request.onsuccess = () => resolve(new IndexedDbDisk(request.result, bytes));
      request.onerror = () => reject(request.error ?? new Error("no database"));
    });
  }

  read(at: number, bytes: Uint8Array, end: RequestEnd): void {
    const transaction = this.#begin("readonly", end);
    if (transaction === null) return;
    const blocks = transaction.objectStore(store);
    eachBlock(at, bytes, (number, from, part) => {
      const request = blocks.get(number);
      request.onsuccess = () => {
        const block = request.result as Uint8Array | undefined;
        if (block !== undefined) part.set(block.subarray(from, from + part.length));
      };
    });
  }

  /** A transaction of durability `strict` is on the medium when it is over: a write is lasting then, before any flush. */
  write(at: number, bytes: Uint8Array, end: RequestEnd): void {
    const transaction = this.#begin("readwrite", end);
    if (transaction === null) return;
    const blocks = transaction.objectStore(store);
    eachBlock(at, bytes, (number, from, part) => {
      if (part.length === blockSize) {
        blocks.put(part.slice(), number);
        return;
      }
      const request = blocks.get(number);
      request.onsuccess = () => {
        const block = (request.result as Uint8Array | undefined) ?? new Uint8Array(blockSize);
        block.set(part, from);
        blocks.put(block, number);
      };
    });
  }

  flush(end: RequestEnd): void {
    end(this.#isClosed ? CLOSED : 0);
  }

  close(): void {
    this.#isClosed = true;
    this.#database.close();
  }

  #begin(mode: IDBTransactionMode, end: RequestEnd): IDBTransaction | null {
    try {
      const transaction = this.#database.transaction(store, mode, { durability: "strict" });
      transaction.oncomplete = () => end(0);
      transaction.onabort = () => end(isFull(transaction.error) ? EXHAUSTED : FAILED);
      return transaction;
    } catch {
      end(this.#isClosed ? CLOSED : FAILED);
      return null;
    }
  }
}

/** The parts of a range, block by block: the block's number, where in it the part begins, and the part's bytes. */
function eachBlock(
  at: number,
  bytes: Uint8Array,
  visit: (number: number, from: number, part: Uint8Array) => void,
): void {
  for (let done = 0; done < bytes.length; ) {
    const from = (at + done) % blockSize;
    const length = Math.min(blockSize - from, bytes.length - done);
    visit(Math.floor((at + done) / blockSize), from, bytes.subarray(done, done + length));
    done += length;
  }
}
