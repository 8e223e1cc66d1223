import { join } from "node:path";
import { onTestFinished } from "vitest";
import type { Bucket, BucketKey } from "../../registry/server/s3-blobs.ts";
import { installProgram } from "./npm-program.ts";
import { freePort, start, testFolder } from "./unipkg.ts";

/** An object store on this machine with an empty bucket. It knows keys, but does not recompute signatures of version 4. */
export interface TestStore {
  readonly bucket: Bucket;
  readonly key: BucketKey;
  /** As `--blobs` takes it. */
  readonly address: string;
}

export async function startObjectStore(): Promise<TestStore> {
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
  const endpoint = `http://127.0.0.1:${port}`;
  return {
    bucket: { endpoint, bucket: "packages", prefix: "acme/", region: "us-east-1" },
    key: { id: "S3RVER", secret: "S3RVER" },
    address: `s3://packages/acme?endpoint=${encodeURIComponent(endpoint)}`,
  };
}
