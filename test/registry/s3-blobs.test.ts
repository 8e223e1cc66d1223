import { AwsClient } from "aws4fetch";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { sriOf } from "../../registry/protocol/digest.ts";
import {
  type Bucket,
  type BucketKey,
  parseBucket,
  S3Blobs,
} from "../../registry/server/s3-blobs.ts";
import { startObjectStore } from "../support/s3.ts";
import { signatureOf } from "../support/s3-signature.mjs";
import { freePort } from "../support/unipkg.ts";

test("blobs in a bucket: kept, found by another instance, and not taken for others", async () => {
  const { bucket, key, address } = await startObjectStore();
  expect(parseBucket(address)).toEqual(bucket);
  const one = new S3Blobs(bucket, key);
  const bytes = Buffer.from(Array.from({ length: 300_000 }, (_, at) => at % 256));
  const digest = await one.put(bytes);
  expect(digest).toBe(sriOf(bytes));
  expect(await one.put(bytes)).toBe(digest);
  const other = new S3Blobs(bucket, key);
  expect(await other.put(bytes)).toBe(digest);
  expect((await new S3Blobs(bucket, key).get(digest))?.equals(bytes)).toBe(true);
  expect(await other.get(sriOf(Buffer.from("others")))).toBeNull();
  await Promise.all(Array.from({ length: 20 }, () => one.put(Buffer.from("at the same time"))));
  expect(String(await other.get(await one.put(Buffer.from("at the same time"))))).toBe(
    "at the same time",
  );
});

test("what is wrong with the store, the key or the bucket is told when it is opened", async () => {
  const { bucket, key } = await startObjectStore();
  const told = (where: Bucket, by: BucketKey) =>
    new S3Blobs(where, by).check().then(
      () => "nothing",
      (error: Error) => error.message.replaceAll(bucket.endpoint, "URL").replaceAll(/:\d+/g, ""),
    );
  expect([
    await told(bucket, key),
    await told(bucket, { ...key, secret: "guessed" }),
    await told(bucket, { ...key, id: "nobody" }),
    await told(bucket, { ...key, session: "of somebody else" }),
    await told({ ...bucket, bucket: "nothing" }, key),
    await told({ ...bucket, endpoint: `http://127.0.0.1:${await freePort()}` }, key),
  ]).toMatchInlineSnapshot(`
    [
      "nothing",
      "the object store at URL does not take the signature: AWS_SECRET_ACCESS_KEY is not the secret of S3RVER (SignatureDoesNotMatch)",
      "the object store at URL has no key nobody: set AWS_ACCESS_KEY_ID to one of its keys (InvalidAccessKeyId)",
      "the object store at URL does not take AWS_SESSION_TOKEN: it is of another key, or has expired (InvalidToken)",
      "the object store at URL has no bucket nothing (NoSuchBucket)",
      "the object store at http://127.0.0.1 cannot be reached: connect ECONNREFUSED 127.0.0.1",
    ]
  `);
  await expect(new S3Blobs(bucket, { ...key, secret: "x" }).put(Buffer.from("x"))).rejects.toThrow(
    "PUT with status 403 SignatureDoesNotMatch",
  );
});

test("temporary keys have a session", async () => {
  const { bucket, key } = await startObjectStore("session/of+today==");
  const digest = await new S3Blobs(bucket, key).put(Buffer.from("bytes"));
  expect(String(await new S3Blobs(bucket, key).get(digest))).toBe("bytes");
  await expect(new S3Blobs(bucket, { ...key, session: null }).check()).rejects.toThrow(
    "does not take AWS_SESSION_TOKEN",
  );
});

test("names and bodies of all kinds are signed as AWS's own library signs them", async () => {
  const { bucket, key } = await startObjectStore();
  const part = fc.oneof(
    fc.string({ minLength: 1, maxLength: 12, unit: "grapheme" }),
    fc.constantFrom("a b", "a+b", "ä€", "100%", "%2f", "!'()*", "~-._", "a=b&c", "q?x#y", "::"),
  );
  // A folder of dots is another place, and s3rver keeps names in files: no control characters, not too long.
  const parts = fc.array(
    part.filter((text) => !/^\.+$|[/\\\p{C}]/u.test(text)),
    { maxLength: 3 },
  );
  const body = fc.oneof(fc.uint8Array({ maxLength: 200 }), fc.constant(new Uint8Array(1 << 20)));
  await fc.assert(
    fc.asyncProperty(parts, body, async (names, bytes) => {
      const prefix = names.map((name) => `${name}/`).join("");
      const digest = await new S3Blobs({ ...bucket, prefix }, key).put(bytes);
      const found = await new S3Blobs({ ...bucket, prefix }, key).get(digest);
      expect(found?.equals(bytes)).toBe(true);
    }),
    { seed: 4, numRuns: 40 },
  );
});

// "Examples: Signature Calculations" of the Amazon S3 API Reference, "Authenticating Requests: Using the Authorization
// Header (AWS Signature Version 4)": their keys, times, requests and signatures.
describe("the examples of the Amazon S3 API Reference", () => {
  const key = {
    id: "AKIAIOSFODNN7EXAMPLE",
    secret: "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY",
    ...{ session: null, region: "us-east-1" },
  };
  const nothing = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855";
  const welcome = "44ce7dd67c959e0d3524ffac1771dfbba87d2b6b4b4e99e42034a8b803f8b072";
  test.each([
    [
      ...(["GET", "/test.txt", { range: "bytes=0-9" }, nothing] as const),
      "f0e8bdb87c964420e857bd35b5d6ed310bd44f0170aba48dd91039c6036bdb41",
    ],
    [
      "PUT",
      "/test%24file.text",
      { date: "Fri, 24 May 2013 00:00:00 GMT", "x-amz-storage-class": "REDUCED_REDUNDANCY" },
      welcome,
      "98ad721746da40c64f1a55b78f14c238d841ea1380cd77a1b5971af0ece108bd",
    ],
    [
      ...(["GET", "/?lifecycle=", {}, nothing] as const),
      "fea454ca298b7da1c68078a5d1bdbfbbe0d65c699e0f91ac7a200a0136783543",
    ],
    [
      ...(["GET", "/?max-keys=2&prefix=J", {}, nothing] as const),
      "34b48302e7b5fa45bde8084f4b7868a86f0a534bc59db6670ed5711ef69dc6f7",
    ],
  ])("%s %s", async (method, path, extra, sha256, expected) => {
    const host = "examplebucket.s3.amazonaws.com";
    const headers = { ...extra, "x-amz-content-sha256": sha256 };
    const client = new AwsClient({
      ...{ accessKeyId: key.id, secretAccessKey: key.secret, service: "s3", region: key.region },
    });
    const signed = await client.sign(`https://${host}${path}`, {
      ...{ method, headers, aws: { datetime: "20130524T000000Z", allHeaders: true } },
    });
    expect(signed.headers.get("authorization")).toContain(`Signature=${expected}`);
    // What the tests verify by knows the same; it never signs `date`, a header that it sets itself.
    if ("date" in extra) return;
    const all = { host, ...headers, "x-amz-date": "20130524T000000Z" };
    expect(await signatureOf({ method, url: path, headers: all }, key)).toBe(expected);
  });
});

test("a bucket that is not there, bytes that somebody changed", async () => {
  const { bucket, key } = await startObjectStore();
  const bytes = Buffer.from("bytes");
  const none = new S3Blobs({ ...bucket, bucket: "nothing" }, key);
  await expect(none.put(bytes)).rejects.toThrow("PUT with status 404 NoSuchBucket");
  // An object under the name of another: as if it were not there.
  const digest = await new S3Blobs(bucket, key).put(bytes);
  const forged = { ...bucket, prefix: "forged/" };
  const client = new AwsClient({
    accessKeyId: key.id,
    secretAccessKey: key.secret,
    service: "s3",
    region: "us-east-1",
  });
  const hex = Buffer.from(digest.slice(7), "base64").toString("hex");
  await client.fetch(`${bucket.endpoint}/packages/forged/sha512/${hex}`, {
    method: "PUT",
    body: "other",
  });
  expect(await new S3Blobs(forged, key).get(digest)).toBeNull();
});

test.each([
  ["s3://packages", { endpoint: "https://s3.us-east-1.amazonaws.com", prefix: "" }],
  [
    "s3://packages/a/b/?region=eu-north-1",
    { endpoint: "https://s3.eu-north-1.amazonaws.com", prefix: "a/b/" },
  ],
  [
    "s3://packages?endpoint=http://127.0.0.1:9000/",
    { endpoint: "http://127.0.0.1:9000", prefix: "" },
  ],
])("%s is a bucket", (text, expected) => {
  expect(parseBucket(text)).toMatchObject({ bucket: "packages", ...expected });
});

test.each([
  "packages",
  "s3://",
  "s3://P",
  "https://packages",
  "s3://id:secret@packages",
  "s3://packages?endpoint=file:///etc",
])("%s is none", (text) => {
  expect(() => parseBucket(text)).toThrow(/./);
});
