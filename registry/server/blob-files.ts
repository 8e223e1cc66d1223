import { randomUUID } from "node:crypto";
import { mkdir, open, readFile, rename, stat } from "node:fs/promises";
import { join } from "node:path";
import { hexOf, isOfIntegrity, sriOf } from "../protocol/digest.ts";
import type { Blobs } from "./blobs.ts";

/**
 * Blobs as files, named by the SHA-512 of their bytes. A file is there whole or not at all, on a disk that lost its
 * power, too: it is written under another name, synced, renamed, and its folder synced. One folder for all: file
 * systems have found names by trees for long, and a new folder would have to be synced as well.
 */
export class BlobFiles implements Blobs {
  readonly #folder: string;

  private constructor(folder: string) {
    this.#folder = folder;
  }

  static async open(folder: string): Promise<BlobFiles> {
    const files = new BlobFiles(join(folder, "sha512"));
    await mkdir(files.#folder, { recursive: true, mode: 0o700 });
    await syncFolder(folder);
    return files;
  }

  async put(bytes: Uint8Array): Promise<string> {
    const digest = sriOf(bytes);
    const path = this.pathOf(digest);
    // The same bytes are there already; whoever put them has synced them.
    if (await isThere(path)) return digest;
    const unfinished = join(this.#folder, `.${randomUUID()}.part`);
    const file = await open(unfinished, "wx", 0o600);
    try {
      await file.writeFile(bytes);
      await file.datasync();
    } finally {
      await file.close();
    }
    await rename(unfinished, path);
    await syncFolder(this.#folder);
    return digest;
  }

  /** Null when it is not there, or when the disk has other bytes under its name. */
  async get(digest: string): Promise<Buffer | null> {
    try {
      const bytes = await readFile(this.pathOf(digest));
      return isOfIntegrity(bytes, digest) ? bytes : null;
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === "ENOENT") return null;
      throw error;
    }
  }

  pathOf(digest: string): string {
    return join(this.#folder, hexOf(digest));
  }
}

async function isThere(path: string): Promise<boolean> {
  return stat(path).then(
    () => true,
    () => false,
  );
}

async function syncFolder(path: string): Promise<void> {
  const folder = await open(path, "r");
  try {
    await folder.sync();
  } finally {
    await folder.close();
  }
}
