import { EXHAUSTED, FAILED } from "../../../../../linker/node-host/abi.ts";
import type { Backing, RequestEnd } from "../../../../../linker/node-host/disk.ts";

/** A disk that is a file of the origin's private file system. Its requests are over at once. */
export class OpfsDisk implements Backing {
  readonly bytes: number;
  readonly isReadOnly = false;
  readonly #file: FileSystemSyncAccessHandle;

  private constructor(file: FileSystemSyncAccessHandle, bytes: number) {
    this.#file = file;
    this.bytes = bytes;
  }

  /** Whether this browser has such files. */
  static get isThere(): boolean {
    return (
      "storage" in navigator &&
      "getDirectory" in navigator.storage &&
      typeof FileSystemFileHandle !== "undefined" &&
      "createSyncAccessHandle" in FileSystemFileHandle.prototype
    );
  }

  /** Opens the disk `name`, or makes it. Throws when the browser will not, as in a private window. */
  static async open(name: string, bytes: number): Promise<OpfsDisk> {
    const root = await navigator.storage.getDirectory();
    const folder = await root.getDirectoryHandle("unipkg", { create: true });
    const file = await folder.getFileHandle(encodeURIComponent(name), { create: true });
    return new OpfsDisk(await file.createSyncAccessHandle(), bytes);
  }

  read(at: number, bytes: Uint8Array, end: RequestEnd): void {
    try {
      // Beyond what was written there is nothing yet: zeros, as in a new disk.
      const count = this.#file.read(bytes, { at });
      bytes.fill(0, count);
      end(0);
    } catch {
      end(FAILED);
    }
  }

  write(at: number, bytes: Uint8Array, end: RequestEnd): void {
    let result = 0;
    try {
      if (this.#file.write(bytes, { at }) !== bytes.length) result = EXHAUSTED;
    } catch (error) {
      result = isFull(error) ? EXHAUSTED : FAILED;
    }
    end(result);
  }

  flush(end: RequestEnd): void {
    let result = 0;
    try {
      this.#file.flush();
    } catch (error) {
      result = isFull(error) ? EXHAUSTED : FAILED;
    }
    end(result);
  }

  close(): void {
    this.#file.close();
  }
}

/** Whether an error says that the browser gives the origin no more room. */
export function isFull(error: unknown): boolean {
  return error instanceof DOMException && error.name === "QuotaExceededError";
}
