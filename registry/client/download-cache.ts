import { createHash, randomUUID } from "node:crypto";
import { existsSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { hexOf, isOfIntegrity } from "../protocol/digest.ts";

/** An index as it was fetched: what the server called it, and its text. Null text: the server has no such package. */
export interface CachedIndex {
  readonly etag: string | null;
  readonly text: string | null;
}

/**
 * What was fetched on this machine, shared by all applications of a user and by processes that run at the same time.
 * Archives and types are known by their digest, which is checked whenever they are read; every file is written under
 * another name and renamed, so that a process killed at any moment leaves a whole file or none.
 */
export class DownloadCache {
  readonly #folder: string;
  readonly #made = new Set<string>();

  constructor(folder: string) {
    this.#folder = folder;
  }

  /** Bytes of this digest; null when they are not here, or are damaged. */
  blob(digest: string): Buffer | null {
    try {
      const bytes = readFileSync(this.#blobPath(digest));
      return isOfIntegrity(bytes, digest) ? bytes : null;
    } catch {
      return null;
    }
  }

  putBlob(digest: string, bytes: Uint8Array): void {
    this.#write(this.#blobPath(digest), bytes);
    rmSync(this.#partialPath(digest), { force: true });
  }

  /** What had come of a blob when its transfer broke off; null when there is nothing. Not to be trusted. */
  partial(digest: string): Buffer | null {
    try {
      return readFileSync(this.#partialPath(digest));
    } catch {
      return null;
    }
  }

  putPartial(digest: string, bytes: Uint8Array): void {
    this.#write(this.#partialPath(digest), bytes);
  }

  /**
   * What is known of a document of a registry.
   *
   * @param reader who it was fetched as: what one may read, another may not see
   */
  index(url: string, reader: string): CachedIndex | null {
    try {
      const { etag, text } = JSON.parse(
        readFileSync(this.#indexPath(url, reader), "utf8"),
      ) as CachedIndex;
      return typeof text === "string" || text === null ? { etag: etag ?? null, text } : null;
    } catch {
      return null;
    }
  }

  putIndex(url: string, reader: string, index: CachedIndex): void {
    this.#write(this.#indexPath(url, reader), JSON.stringify(index));
  }

  /** Folder that the archive of this digest is unpacked to. */
  unpackedFolder(digest: string): string {
    return join(this.#folder, "unpacked", hexOf(digest).slice(0, 64));
  }

  /** Takes an unpacked folder away that is not what it should be. */
  removeUnpacked(digest: string): void {
    const folder = this.unpackedFolder(digest);
    if (!existsSync(folder)) return;
    const doomed = `${folder}.${randomUUID()}.part`;
    renameSync(folder, doomed);
    rmSync(doomed, { recursive: true, force: true });
  }

  #blobPath(digest: string): string {
    return join(this.#folder, "sha512", hexOf(digest));
  }

  #partialPath(digest: string): string {
    return join(this.#folder, "partial", hexOf(digest));
  }

  #indexPath(url: string, reader: string): string {
    const key = createHash("sha256").update(`${reader}\n${url}`).digest("hex");
    return join(this.#folder, "index", key);
  }

  /** Makes the folder of a path; only looked at once, since nobody takes folders away while a command runs. */
  #makeFolderOf(path: string): void {
    const folder = dirname(path);
    if (this.#made.has(folder)) return;
    mkdirSync(folder, { recursive: true, mode: 0o700 });
    this.#made.add(folder);
  }

  /** A cache that cannot be written to costs time only. */
  #write(path: string, content: string | Uint8Array): void {
    const unfinished = `${path}.${randomUUID()}.part`;
    try {
      this.#makeFolderOf(path);
      writeFileSync(unfinished, content, { mode: 0o600 });
      renameSync(unfinished, path);
    } catch {
      rmSync(unfinished, { force: true });
    }
  }
}
