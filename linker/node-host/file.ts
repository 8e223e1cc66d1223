import { close, constants, fdatasync, fstatSync, openSync, read, write } from "node:fs";
import { DENIED, FAILED, UNREACHABLE } from "./abi.ts";
import type { Backing, RequestEnd } from "./disk.ts";

/** A file or block device as a disk, or why it is none. */
export function openFile(path: string | undefined): Backing | number {
  if (path === undefined) return UNREACHABLE;
  try {
    return new File(openSync(path, constants.O_RDWR), false);
  } catch (error) {
    if (!isDenied(error)) return UNREACHABLE;
  }
  try {
    return new File(openSync(path, constants.O_RDONLY), true);
  } catch (error) {
    return isDenied(error) ? DENIED : UNREACHABLE;
  }
}

class File implements Backing {
  readonly bytes: number;
  readonly isReadOnly: boolean;
  readonly #file: number;

  constructor(file: number, isReadOnly: boolean) {
    this.#file = file;
    this.isReadOnly = isReadOnly;
    this.bytes = fstatSync(file).size;
  }

  read(at: number, bytes: Uint8Array, end: RequestEnd): void {
    read(this.#file, bytes, 0, bytes.length, at, (error, count) =>
      end(error === null && count === bytes.length ? 0 : FAILED),
    );
  }

  write(at: number, bytes: Uint8Array, end: RequestEnd): void {
    write(this.#file, bytes, 0, bytes.length, at, (error, count) =>
      end(error === null && count === bytes.length ? 0 : FAILED),
    );
  }

  flush(end: RequestEnd): void {
    fdatasync(this.#file, (error) => end(error === null ? 0 : FAILED));
  }

  close(): void {
    close(this.#file, () => {});
  }
}

function isDenied(error: unknown): boolean {
  const { code } = error as NodeJS.ErrnoException;
  return code === "EACCES" || code === "EPERM" || code === "EROFS" || code === "EISDIR";
}
