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
  /** Of temporary keys (AWS STS); null for lasting ones. */
  readonly session: string | null;
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
  readonly #bucket: Bucket;
  readonly #key: BucketKey;
  readonly #root: string;
  readonly #client: AwsClient;
  readonly #recent = new SizedCache<Buffer>(64 << 20);

  constructor(bucket: Bucket, key: BucketKey) {
    const { endpoint, region } = bucket;
    this.#bucket = bucket;
    this.#key = key;
    const prefix = bucket.prefix.split("/").map(encodeURIComponent).join("/");
    this.#root = `${endpoint}/${bucket.bucket}/${prefix}sha512/`;
    this.#client = new AwsClient({
      ...{ accessKeyId: key.id, secretAccessKey: key.secret, service: "s3", region },
      ...(key.session === null ? {} : { sessionToken: key.session }),
      // 429 and 5xx: about six seconds at the most.
      retries: 6,
      initRetryMs: 100,
    });
  }

  /**
   * Asks for an object that is not there: a store that is reached, and takes the key, says so. Throws a sentence for the
   * operator otherwise.
   */
  async check(): Promise<void> {
    const { endpoint, bucket } = this.#bucket;
    let answer: Response;
    try {
      answer = await this.#send("GET", `${this.#root}${"0".repeat(128)}`, emptyBytes);
    } catch (error) {
      const { cause, message } = error as Error;
      const reason = cause instanceof Error && cause.message !== "" ? cause.message : message;
      throw new Error(`the object store at ${endpoint} cannot be reached: ${reason}`);
    }
    const code = codeIn(await answer.text());
    const fault = faultOf(code, bucket, this.#key);
    if (fault !== null) throw new Error(`the object store at ${endpoint} ${fault} (${code})`);
    // Without the right to list a bucket, what is not there is denied instead.
    if (answer.status !== 404 && code !== "AccessDenied") {
      throw new Error(
        `the object store at ${endpoint} answers with status ${answer.status} ${code}`,
      );
    }
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
    return this.#send(method, `${this.#root}${hexOf(digest)}`, body ?? emptyBytes);
  }

  #send(method: "GET" | "HEAD" | "PUT", url: string, body: Uint8Array): Promise<Response> {
    // The store checks what it got by this; it is part of what is signed (AWS Signature Version 4).
    const sha256 = createHash("sha256").update(body).digest("hex");
    return this.#client.fetch(url, {
      method,
      headers: { "x-amz-content-sha256": sha256 },
      ...(method === "PUT" ? { body: Buffer.from(body) } : {}),
      signal: AbortSignal.timeout(60_000),
    });
  }
}

const emptyBytes = new Uint8Array();

/** What an error code of S3 means for whoever set the registry up; null when it is none of these. */
function faultOf(code: string, bucket: string, { id }: BucketKey): string | null {
  switch (code) {
    case "SignatureDoesNotMatch":
      return `does not take the signature: AWS_SECRET_ACCESS_KEY is not the secret of ${id}`;
    case "InvalidAccessKeyId":
      return `has no key ${id}: set AWS_ACCESS_KEY_ID to one of its keys`;
    case "InvalidToken":
    case "ExpiredToken":
      return `does not take AWS_SESSION_TOKEN: it is of another key, or has expired`;
    case "RequestTimeTooSkewed":
      return "has another time than this machine: set the clock";
    case "NoSuchBucket":
      return `has no bucket ${bucket}`;
    default:
      return null;
  }
}

/** The code of an error of S3; empty when there is none. */
function codeIn(text: string): string {
  return /<Code>(\w{1,100})<\/Code>/.exec(text)?.[1] ?? "";
}

async function refused(method: string, answer: Response): Promise<Error> {
  const code = codeIn(await answer.text());
  return new Error(
    `the object store answered ${method} with status ${answer.status} ${code}`.trim(),
  );
}
