// The server is killed (SIGKILL) at random moments while versions are published. What it acknowledged is there when it
// starts again, nothing is there in part, and its log verifies. UNIPKG_PUBLISHES=1000 for the long run.
import { createHash } from "node:crypto";
import { appendFileSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { pack } from "../../registry/archive/pack.ts";
import { LogReader, verifierIn } from "../../registry/client/log-reader.ts";
import { TrustStore } from "../../registry/client/trust-store.ts";
import { sriOf } from "../../registry/protocol/digest.ts";
import { verifyFolder } from "../../registry/server/verify.ts";
import { startRegistry, type TestRegistry } from "../support/registry.ts";
import { testFolder } from "../support/unipkg.ts";

const wanted = Number(process.env["UNIPKG_PUBLISHES"] ?? 120);

const block = { kind: "target", target: { backend: "none" } };

function archiveOf(name: string, version: string): Buffer {
  const text = JSON.stringify({ name, version, unipkg: block });
  return pack([{ path: "package.json", bytes: Buffer.from(text) }]);
}

/** True when the registry acknowledged it; false when there was no answer. */
async function publish(
  { url, token }: TestRegistry,
  name: string,
  version: string,
): Promise<boolean> {
  const document = {
    _id: name,
    name,
    versions: { [version]: { name, version, unipkg: block } },
    _attachments: {
      [`${name}-${version}.tgz`]: { data: archiveOf(name, version).toString("base64") },
    },
  };
  try {
    const answer = await fetch(`${url}${encodeURIComponent(name)}`, {
      method: "PUT",
      headers: { authorization: `Bearer ${token}` },
      body: JSON.stringify(document),
    });
    await answer.text();
    return answer.status === 201;
  } catch {
    return false;
  }
}

/** A small generator of numbers (xorshift), so that a run can be repeated. */
function random(seed: number): () => number {
  let state = seed;
  return () => {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    return (state >>> 0) / 2 ** 32;
  };
}

test("no acknowledged version is lost to SIGKILL", { timeout: 900_000 }, async () => {
  const next = random(7);
  const acknowledged = new Map<string, string[]>();
  const tried = new Map<string, Set<string>>();
  let registry = await startRegistry();
  let published = 0;
  let number = 0;
  const store = new TrustStore(testFolder());
  for (let round = 0; published < wanted; round++) {
    let isAlive = true;
    const writers = Array.from({ length: 4 }, async (_, writer) => {
      const name = `@acme/package${writer}`;
      while (isAlive && published < wanted) {
        const version = `1.0.${number++}`;
        tried.set(name, (tried.get(name) ?? new Set()).add(version));
        if (!(await publish(registry, name, version))) return;
        published++;
        acknowledged.set(name, [...(acknowledged.get(name) ?? []), version]);
      }
    });
    // After some publishes of this round, in the middle of others.
    const target = published + 3 + Math.floor(next() * 20);
    while (published < Math.min(target, wanted))
      await new Promise((resolve) => setTimeout(resolve, 1));
    await new Promise((resolve) => setTimeout(resolve, next() * 8));
    isAlive = false;
    registry.running.child.kill("SIGKILL");
    await Promise.all([registry.running.ended, ...writers]);
    // Half a line is what a kill in the middle of a write leaves.
    if (round % 3 === 0) appendFileSync(join(registry.data, "log.ndjson"), '{"seq":1,"time":"20');
    registry = await startRegistry([], registry);
    for (const [name, versions] of acknowledged)
      await expectWhole(registry, name, versions, tried.get(name)!);
    await expectGoesOn(registry, store);
  }
  await registry.running.stop();
  expectChained(join(registry.data, "log.ndjson"));
  const verified = await verifyFolder(registry.data);
  expect(verified.faults).toEqual([]);
  expect(verified.versions).toBeGreaterThanOrEqual(wanted);
});

/** The log goes on from the heads that a client saw before the server was killed. */
async function expectGoesOn({ url, token }: TestRegistry, store: TrustStore): Promise<void> {
  const get = async (path: string) => {
    const answer = await fetch(`${url}${path}`, { headers: { authorization: `Bearer ${token}` } });
    return { ok: true, value: Buffer.from(await answer.arrayBuffer()) } as const;
  };
  const verifier = verifierIn((await get("-/unipkg/config.json")).value)!;
  const registry = "http://registry.example/";
  const now = Date.now();
  const log = await LogReader.open({ registry, verifier, get, store, now, oldest: 3_600_000 });
  expect(log.ok ? [] : log.problems).toEqual([]);
}

/** All acknowledged versions are listed, no other than were tried, and each archive is the one that was sent. */
async function expectWhole(
  { url, token }: TestRegistry,
  name: string,
  versions: readonly string[],
  tried: ReadonlySet<string>,
): Promise<void> {
  const headers = { authorization: `Bearer ${token}` };
  const answer = await fetch(`${url}${encodeURIComponent(name)}`, { headers });
  const document = (await answer.json()) as {
    versions: Record<string, { dist: { integrity: string } }>;
  };
  const listed = Object.keys(document.versions);
  expect(listed).toEqual(expect.arrayContaining([...versions]));
  expect(listed.filter((version) => !tried.has(version))).toEqual([]);
  for (const version of listed.slice(-8)) {
    const archive = await fetch(`${url}${name}/-/${name.split("/")[1]}-${version}.tgz`, {
      headers,
    });
    const bytes = Buffer.from(await archive.arrayBuffer());
    expect(bytes.equals(archiveOf(name, version))).toBe(true);
    expect(document.versions[version]!.dist.integrity).toBe(sriOf(bytes));
  }
}

/** Each line of the log has the SHA-256 of the line before it. */
function expectChained(path: string): void {
  let previous = "0".repeat(64);
  const lines = readFileSync(path, "utf8").trimEnd().split("\n");
  for (const [at, line] of lines.entries()) {
    const entry = JSON.parse(line) as { seq: number; previous: string };
    expect(entry).toMatchObject({ seq: at + 1, previous });
    previous = createHash("sha256").update(line).digest("hex");
  }
}
