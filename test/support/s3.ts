import { join } from "node:path";
import { onTestFinished } from "vitest";
import type { Bucket, BucketKey } from "../../registry/server/s3-blobs.ts";
import { installProgram } from "./npm-program.ts";
import { freePort, projectRoot, start, testFolder } from "./unipkg.ts";

/**
 * An object store on this machine with an empty bucket, and in front of it what verifies signatures of version 4: the store
 * itself does not.
 */
export interface TestStore {
  readonly bucket: Bucket;
  readonly key: BucketKey;
  /** As `--blobs` takes it. */
  readonly address: string;
}

/** @param session of temporary keys, which it takes no others of then */
export async function startObjectStore(session: string | null = null): Promise<TestStore> {
  const installed = installProgram("s3rver");
  const port = await freePort();
  const program = join(installed, "node_modules/s3rver/bin/s3rver.js");
  const options = ["--directory", testFolder(), "--port", String(port), "--address", "127.0.0.1"];
  const words = [program, ...options, "--no-vhost-buckets", "--configure-bucket", "packages"];
  const running = start(process.execPath, words, installed);
  onTestFinished(async () => {
    await running.stop();
  });
  await running.until("listening");
  const front = await freePort();
  const verifier = join(projectRoot, "test/support/s3-signature.mjs");
  // The name of the key is the only one that s3rver knows.
  const key = { id: "S3RVER", secret: "S3RVER", session };
  const given = [String(front), String(port), key.id, key.secret];
  const arguments_ = session === null ? given : [...given, session];
  const verifying = start(process.execPath, [verifier, ...arguments_], projectRoot);
  onTestFinished(async () => {
    await verifying.stop();
  });
  await verifying.until("verifying");
  const endpoint = `http://127.0.0.1:${front}`;
  return {
    bucket: { endpoint, bucket: "packages", prefix: "acme/", region: "us-east-1" },
    key,
    address: `s3://packages/acme?endpoint=${encodeURIComponent(endpoint)}`,
  };
}
