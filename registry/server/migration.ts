import { existsSync, readFileSync, renameSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { BlobFiles } from "./blob-files.ts";
import type { Blobs } from "./blobs.ts";
import { DatabaseLog, readLines } from "./database-log.ts";
import { EmbeddedStorage } from "./embedded-storage.ts";
import type { Entry } from "./event.ts";
import { openBucket, type StorageOptions } from "./open-storage.ts";
import { SharedStorage } from "./shared-storage.ts";

/** What was copied. */
export interface Migrated {
  readonly entries: number;
  readonly blobs: number;
  /** Head of the log, the same on both sides. */
  readonly root: string;
}

/**
 * Copies the registry of a folder, which nobody serves meanwhile, to a database and a bucket, or what of these is given.
 * Lines are copied as they are: the log is the same log, and clients notice nothing. Throws a sentence when there is
 * another log at the other side.
 */
export async function migrateAway(options: StorageOptions): Promise<Migrated> {
  const elsewhere = await openBucket(options);
  const from = await EmbeddedStorage.open(options.data);
  try {
    const blobs = elsewhere === null ? 0 : await copyBlobs(from.entries(0), from, elsewhere);
    if (options.database !== null) {
      const lines: Buffer[] = [];
      for (let seq = 1; seq <= from.state.last; seq++) lines.push((await from.line(seq))!);
      await DatabaseLog.fill(options.database, lines);
    }
    return { entries: from.tree.size, blobs, root: rootOf(from) };
  } finally {
    await from.close();
  }
}

/**
 * Copies the registry of a database, a bucket, or both, into a folder; instances should not take anything meanwhile, for
 * the folder would not have it. A log that is in the folder must be the begin of the other.
 */
export async function migrateBack(options: StorageOptions): Promise<Migrated> {
  const { data, database } = options;
  const elsewhere = await openBucket(options);
  const files = await BlobFiles.open(join(data, "blobs"));
  const from =
    database === null
      ? await EmbeddedStorage.open(data, { elsewhere })
      : await SharedStorage.open(database, elsewhere ?? files);
  try {
    const blobs = elsewhere === null ? 0 : await copyBlobs(from.entries(0), from, files);
    if (database !== null) {
      const lines: string[] = [];
      for await (const line of readLines(database)) lines.push(`${line}\n`);
      const path = join(data, "log.ndjson");
      const text = lines.join("");
      if (existsSync(path) && !text.startsWith(readFileSync(path, "utf8"))) {
        throw new Error(`${path} is another log than that of the database`);
      }
      writeFileSync(`${path}.part`, text, { mode: 0o600, flush: true });
      renameSync(`${path}.part`, path);
    }
    return { entries: from.tree.size, blobs, root: rootOf(from) };
  } finally {
    await from.close();
  }
}

/** Copies every blob that an entry names. @returns how many */
async function copyBlobs(
  entries: AsyncIterable<Entry>,
  from: { getBlob(digest: string): Promise<Buffer | null> },
  to: Blobs,
): Promise<number> {
  const digests = new Set<string>();
  for await (const { event } of entries) {
    for (const value of Object.values(event)) {
      if (typeof value === "string" && /^sha512-[A-Za-z0-9+/]{86}==$/.test(value))
        digests.add(value);
    }
  }
  for (const digest of digests) {
    const bytes = await from.getBlob(digest);
    if (bytes === null) throw new Error(`the blob ${digest} is lost`);
    await to.put(bytes);
  }
  return digests.size;
}

function rootOf({ tree }: { readonly tree: { root(): Uint8Array } }): string {
  return Buffer.from(tree.root()).toString("base64");
}
