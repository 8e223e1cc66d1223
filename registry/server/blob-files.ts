import { randomUUID } from "node:crypto";
import { mkdir, open, readFile, rename, stat } from "node:fs/promises";
import { dirname, join } from "node:path";
import { hexOf, isOfIntegrity, sriOf } from "../protocol/digest.ts";

/**
 * Blobs as files, named by the SHA-512 of their bytes: `sha512/ab/abcd…`. A file is there whole or not at all, on a
 * disk that lost its power, too: it is written under another name, synced, renamed, and its folder synced.
 */
export class BlobFiles {
  readonly #folder: string;
  readonly #folders = new Set<string>();

  constructor(folder: string) {
    this.#folder = folder;
  }

  async put(bytes: Uint8Array): Promise<string> {
    const digest = sriOf(bytes);
    const path = this.pathOf(digest);
    // The same bytes are there already; whoever put them has synced them.
    if (await isThere(path)) return digest;
    const folder = dirname(path);
    if (!this.#folders.has(folder)) {
      await mkdir(folder, { recursive: true });
      await syncFolder(dirname(folder));
      this.#folders.add(folder);
    }
    const unfinished = join(folder, `.${randomUUID()}.part`);
    const file = await open(unfinished, "wx", 0o600);
    try {
      await file.writeFile(bytes);
      await file.datasync();
    } finally {
      await file.close();
    }
    await rename(unfinished, path);
    await syncFolder(folder);
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
    const hex = hexOf(digest);
    return join(this.#folder, "sha512", hex.slice(0, 2), hex);
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
