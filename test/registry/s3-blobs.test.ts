import { expect, test } from "vitest";
import { sriOf } from "../../registry/protocol/digest.ts";
import { parseBucket, S3Blobs } from "../../registry/server/s3-blobs.ts";
import { startObjectStore } from "../support/s3.ts";

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

test("a wrong key, a bucket that is not there, bytes that somebody changed", async () => {
  const { bucket, key } = await startObjectStore();
  const bytes = Buffer.from("bytes");
  const wrong = new S3Blobs(bucket, { ...key, id: "nobody" });
  await expect(wrong.put(bytes)).rejects.toThrow("PUT with status 403 InvalidAccessKeyId");
  const none = new S3Blobs({ ...bucket, bucket: "nothing" }, key);
  await expect(none.put(bytes)).rejects.toThrow("PUT with status 404 NoSuchBucket");
  // An object under the name of another: as if it were not there.
  const digest = await new S3Blobs(bucket, key).put(bytes);
  const forged = { ...bucket, prefix: "forged/" };
  const { AwsClient } = await import("aws4fetch");
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
