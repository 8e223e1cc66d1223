import { createHash } from "node:crypto";
import { AwsClient } from "aws4fetch";
import { hexOf, isOfIntegrity, sriOf } from "../protocol/digest.ts";
import type { Blobs } from "./blobs.ts";
import { SizedCache } from "./sized-cache.ts";

/** A bucket of an object store that speaks S3's protocol. */
export interface Bucket {
  /** `https://s3.example`, without the bucket: it is named in the path. */
  readonly endpoint: string;
  readonly bucket: string;
  /** Begin of all names; empty or with `/` at its end. */
  readonly prefix: string;
  readonly region: string;
}

export interface BucketKey {
  readonly id: string;
  readonly secret: string;
}

/**
 * Reads `s3://BUCKET[/PREFIX][?endpoint=URL&region=REGION]`; throws a sentence when it is none. Keys are not in it: they
 * come from the environment, as other programs take them.
 */
export function parseBucket(text: string): Bucket {
  const url = URL.canParse(text) ? new URL(text) : null;
  if (url?.protocol !== "s3:" || !/^[a-z0-9][a-z0-9.-]{2,62}$/.test(url.hostname)) {
    throw new Error(`"${text}" is not s3://BUCKET[/PREFIX][?endpoint=URL&region=REGION]`);
  }
  if (url.username !== "" || url.password !== "") {
    throw new Error("keys are not in the address: set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY");
  }
  const region = url.searchParams.get("region") ?? "us-east-1";
  const endpoint = url.searchParams.get("endpoint") ?? `https://s3.${region}.amazonaws.com`;
  if (!/^https?:$/.test(URL.canParse(endpoint) ? new URL(endpoint).protocol : "")) {
    throw new Error(`the endpoint "${endpoint}" is no address of the web`);
  }
  const prefix = decodeURIComponent(url.pathname.slice(1)).replace(/\/?$/, "/").replace(/^\/$/, "");
  return { endpoint: endpoint.replace(/\/$/, ""), bucket: url.hostname, prefix, region };
}

/**
 * Blobs in a bucket, one object each. An object is there whole or not at all, and lasts once the store has said so; that
 * two instances put the same one does no harm. What was read lately is kept in memory.
 */
export class S3Blobs implements Blobs {
  readonly #root: string;
  readonly #client: AwsClient;
  readonly #recent = new SizedCache<Buffer>(64 << 20);

  constructor({ endpoint, bucket, prefix, region }: Bucket, key: BucketKey) {
    this.#root = `${endpoint}/${bucket}/${prefix}sha512/`;
    this.#client = new AwsClient({
      ...{ accessKeyId: key.id, secretAccessKey: key.secret, service: "s3", region },
      // 429 and 5xx: about six seconds at the most.
      retries: 6,
      initRetryMs: 100,
    });
  }

  async put(bytes: Uint8Array): Promise<string> {
    const digest = sriOf(bytes);
    if (this.#recent.get(digest) !== undefined) return digest;
    const there = await this.#ask("HEAD", digest);
    if (there.status !== 200 || Number(there.headers.get("content-length")) !== bytes.length) {
      const answer = await this.#ask("PUT", digest, bytes);
      if (!answer.ok) throw await refused("PUT", answer);
      await answer.arrayBuffer();
    }
    this.#recent.set(digest, Buffer.from(bytes), bytes.length);
    return digest;
  }

  async get(digest: string): Promise<Buffer | null> {
    const known = this.#recent.get(digest);
    if (known !== undefined) return known;
    const answer = await this.#ask("GET", digest);
    if (answer.status === 404) return null;
    if (!answer.ok) throw await refused("GET", answer);
    const bytes = Buffer.from(await answer.arrayBuffer());
    if (!isOfIntegrity(bytes, digest)) return null;
    this.#recent.set(digest, bytes, bytes.length);
    return bytes;
  }

  #ask(method: "GET" | "HEAD" | "PUT", digest: string, body?: Uint8Array): Promise<Response> {
    // The store checks what it got by this; it is part of what is signed (AWS Signature Version 4).
    const sha256 = createHash("sha256")
      .update(body ?? "")
      .digest("hex");
    return this.#client.fetch(`${this.#root}${hexOf(digest)}`, {
      method,
      headers: { "x-amz-content-sha256": sha256 },
      ...(body === undefined ? {} : { body: Buffer.from(body) }),
      signal: AbortSignal.timeout(60_000),
    });
  }
}

async function refused(method: string, answer: Response): Promise<Error> {
  const code = /<Code>(\w{1,100})<\/Code>/.exec(await answer.text())?.[1] ?? "";
  return new Error(
    `the object store answered ${method} with status ${answer.status} ${code}`.trim(),
  );
}
