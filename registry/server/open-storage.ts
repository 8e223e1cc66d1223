import { join } from "node:path";
import { BlobFiles } from "./blob-files.ts";
import type { Blobs } from "./blobs.ts";
import { EmbeddedStorage } from "./embedded-storage.ts";
import type { Storage } from "./storage.ts";

/** Where a registry is kept. */
export interface StorageOptions {
  /** Folder of the embedded storage, or of what is not elsewhere. */
  readonly data: string;
  /** `postgres://…`: the log is there, and several instances may serve it; null for the folder. */
  readonly database: string | null;
  /** `s3://…`: the blobs are there; null for the folder, which several instances must share. */
  readonly blobs: string | null;
  /** For the keys of an object store. */
  readonly environment: Readonly<Record<string, string | undefined>>;
}

/** Opens a registry's storage; throws a sentence when that cannot be done. What is not used is not loaded. */
export async function openStorage(options: StorageOptions): Promise<Storage> {
  const { data, database } = options;
  const elsewhere = await openBucket(options);
  if (database === null) return EmbeddedStorage.open(data, { elsewhere });
  const { SharedStorage } = await import("./shared-storage.ts");
  const blobs = elsewhere ?? (await BlobFiles.open(join(data, "blobs")));
  return SharedStorage.open(database, blobs);
}

/** The bucket that blobs are in, once it has answered; null when they are in the folder. */
export async function openBucket({ blobs, environment }: StorageOptions): Promise<Blobs | null> {
  if (blobs === null) return null;
  const { parseBucket, S3Blobs } = await import("./s3-blobs.ts");
  const { AWS_ACCESS_KEY_ID: id = "", AWS_SECRET_ACCESS_KEY: secret = "" } = environment;
  const { AWS_SESSION_TOKEN: session = "" } = environment;
  if (id === "" || secret === "") {
    throw new Error(
      "set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY to the keys of the object store",
    );
  }
  const key = { id, secret, session: session === "" ? null : session };
  const bucket = new S3Blobs(parseBucket(blobs), key);
  await bucket.check();
  return bucket;
}
