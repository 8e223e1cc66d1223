// Transfers that break off: the rest is asked for, and what comes is known by its digest.
import { describe, expect, test } from "vitest";
import { readConfig } from "../../registry/client/config.ts";
import { DownloadCache } from "../../registry/client/download-cache.ts";
import { httpLimits } from "../../registry/client/http-client.ts";
import { Registries } from "../../registry/client/registries.ts";
import type { RemoteVersion } from "../../registry/client/remote-version.ts";
import { sriOf } from "../../registry/protocol/digest.ts";
import { type FakeAnswer, fakeRegistry } from "../support/fake-registry.ts";
import { testFolder } from "../support/unipkg.ts";

const archive = Buffer.from(Array.from({ length: 100_000 }, (_, at) => (at * 31) % 251));
const half = 50_000;

/** Answers that a server gives one after the other; the last one from then on. */
async function download(
  answers: readonly ((range: string | undefined) => FakeAnswer)[],
  cache = testFolder(),
): Promise<{ outcome: string; ranges: readonly (string | undefined)[]; cache: string }> {
  let count = 0;
  const server = await fakeRegistry((_, __, { range }) => {
    const answer = answers[Math.min(count++, answers.length - 1)]!;
    return answer(range);
  });
  const config = readConfig(null, null, {});
  if (!config.ok) throw new Error(config.problems[0]!.message);
  const limits = { ...httpLimits, attempts: 3, pause: 1 };
  const downloads = new DownloadCache(cache);
  const registries = new Registries(config.value, downloads, "online", {}, null, limits);
  const version = {
    ...{ name: "@acme/x", version: "1.0.0" },
    ...{ archive: sriOf(archive), archiveUrl: `${server.url}x.tgz` },
  } as RemoteVersion;
  const got = await registries.at(server.url).archive(version);
  return {
    outcome: got.ok ? (got.value.equals(archive) ? "whole" : "damaged") : got.problems[0]!.code,
    ranges: server.requests.map(({ headers }) => headers.range),
    cache,
  };
}

const whole = () => ({ body: archive });
const cut = () => ({ body: archive, cut: half });

/** As RFC 9110, 15.3.7 has it. */
function rest(
  range: string | undefined,
  from = Number(/\d+/.exec(range ?? "")?.[0] ?? 0),
): FakeAnswer {
  const headers = { "content-range": `bytes ${from}-${archive.length - 1}/${archive.length}` };
  return { status: 206, headers, body: archive.subarray(from) };
}

describe("a transfer that breaks off in the middle", () => {
  test("goes on where it was", async () => {
    expect(await download([cut, rest])).toMatchObject({
      outcome: "whole",
      ranges: [undefined, `bytes=${half}-`],
    });
  });

  test("begins anew when the server has no ranges", async () => {
    expect(await download([cut, whole])).toMatchObject({ outcome: "whole" });
  });

  test("begins anew when another part comes than was asked for", async () => {
    const other = () => rest("bytes=7-");
    expect(await download([cut, other, whole])).toMatchObject({
      outcome: "whole",
      ranges: [undefined, `bytes=${half}-`, undefined],
    });
  });

  test("begins anew when the server has less than there is already", async () => {
    const none = () => ({ status: 416, headers: { "content-range": "bytes */10" } });
    expect(await download([cut, none, whole])).toMatchObject({ outcome: "whole" });
  });

  test("goes on in another process, later", async () => {
    const first = await download([cut, () => ({ status: 503 })]);
    expect(first.outcome).toBe("UP804");
    expect(await download([rest], first.cache)).toMatchObject({
      outcome: "whole",
      ranges: [`bytes=${half}-`],
    });
  });

  test("begins anew when what came earlier was of something else", async () => {
    const cache = testFolder();
    new DownloadCache(cache).putPartial(sriOf(archive), Buffer.alloc(half));
    expect(await download([rest, whole], cache)).toMatchObject({
      outcome: "whole",
      ranges: [`bytes=${half}-`, undefined],
    });
    expect(new DownloadCache(cache).partial(sriOf(archive))).toBeNull();
  });

  test("is refused when the rest is not what was promised", async () => {
    const forged = (range: string | undefined) => ({ ...rest(range), body: Buffer.alloc(half) });
    expect(await download([cut, forged])).toMatchObject({ outcome: "UP802" });
  });
});
