import { createHash } from "node:crypto";
import { expect } from "vitest";
import { pack } from "../../registry/archive/pack.ts";
import { LogReader, verifierIn } from "../../registry/client/log-reader.ts";
import type { TrustStore } from "../../registry/client/trust-store.ts";
import { sriOf } from "../../registry/protocol/digest.ts";

/** A registry as publishers know it. */
export interface Published {
  readonly url: string;
  /** Of its administrator. */
  readonly token: string;
}

const block = { kind: "target", target: { backend: "none" } };

/** A small package: the same bytes each time. */
function archiveOf(name: string, version: string): Buffer {
  const text = JSON.stringify({ name, version, unipkg: block });
  return pack([{ path: "package.json", bytes: Buffer.from(text) }]);
}

/** True when the registry acknowledged it; false when there was no answer. */
export async function publish(
  { url, token }: Published,
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

/** All acknowledged versions are listed, no other than were tried, and each archive is the one that was sent. */
export async function expectWhole(
  { url, token }: Published,
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
export function expectChained(lines: readonly string[]): void {
  let previous = "0".repeat(64);
  for (const [at, line] of lines.entries()) {
    const entry = JSON.parse(line) as { seq: number; previous: string };
    expect(entry).toMatchObject({ seq: at + 1, previous });
    previous = createHash("sha256").update(line).digest("hex");
  }
}

/** The log goes on from the heads that a client saw before the server was killed. */
export async function expectGoesOn({ url, token }: Published, store: TrustStore): Promise<void> {
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
