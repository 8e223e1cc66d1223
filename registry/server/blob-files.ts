import { randomUUID } from "node:crypto";
import { existsSync } from "node:fs";
import { mkdir, open, readFile, rename } from "node:fs/promises";
import { join } from "node:path";
import { hexOf, isOfIntegrity, sriOf } from "../protocol/digest.ts";
import type { Blobs } from "./blobs.ts";
import { SizedCache } from "./sized-cache.ts";

/**
 * Blobs as files, named by the SHA-512 of their bytes. A file is there whole or not at all, on a disk that lost its
 * power, too: it is written under another name, synced, renamed, and its folder synced. One folder for all: file
 * systems have found names by trees for long, and a new folder would have to be synced as well.
 */
export class BlobFiles implements Blobs {
  readonly #folder: string;
  /** What was read lately, and was what its name says. */
  readonly #recent = new SizedCache<Buffer>(mostRecent);
  /** The sync of the folder that is under way, and the one that begins after it. */
  #syncing: Promise<void> | null = null;
  #next: Promise<void> | null = null;

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
    if (existsSync(path)) return digest;
    const unfinished = join(this.#folder, `.${randomUUID()}.part`);
    const file = await open(unfinished, "wx", 0o600);
    try {
      await file.writeFile(bytes);
      await file.datasync();
    } finally {
      await file.close();
    }
    await rename(unfinished, path);
    await this.#sync();
    return digest;
  }

  /** Null when it is not there, or when the disk has other bytes under its name. */
  async get(digest: string): Promise<Buffer | null> {
    const known = this.#recent.get(digest);
    if (known !== undefined) return known;
    try {
      const bytes = await readFile(this.pathOf(digest));
      if (!isOfIntegrity(bytes, digest)) return null;
      if (bytes.length <= mostRecent / 16) this.#recent.set(digest, bytes, bytes.length);
      return bytes;
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === "ENOENT") return null;
      throw error;
    }
  }

  /** Syncs the folder; those who come while that is under way share the next one. */
  #sync(): Promise<void> {
    if (this.#syncing === null) {
      this.#syncing = syncFolder(this.#folder).finally(() => {
        this.#syncing = null;
      });
      return this.#syncing;
    }
    this.#next ??= this.#syncing
      .catch(() => null)
      .then(() => {
        this.#next = null;
        return this.#sync();
      });
    return this.#next;
  }

  pathOf(digest: string): string {
    return join(this.#folder, hexOf(digest));
  }
}

/** Bytes of blobs that are kept in memory. */
const mostRecent = 32 << 20;

async function syncFolder(path: string): Promise<void> {
  const folder = await open(path, "r");
  try {
    await folder.sync();
  } finally {
    await folder.close();
  }
}
