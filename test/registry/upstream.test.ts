// What a registry gets from another one, keeps, and gives out as its own.
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { knownVersion, readUpstreamDocument } from "../../registry/server/upstream/document.ts";
import { documentOf, type FakePackages, fakeUpstream } from "../support/fake-upstream.ts";
import { speaker, startRegistry } from "../support/registry.ts";

const dice = {
  manifest: { unipkg: { kind: "library", module: "a.ts" } },
  files: { "a.ts": "export function roll(): u32 { return 4; }\n" },
};

describe("documents of an upstream", () => {
  const read = (body: unknown, before: ReturnType<typeof readUpstreamDocument> | null = null) =>
    readUpstreamDocument(body === null ? null : Buffer.from(JSON.stringify(body)), {
      ...{ name: "@far/x", url: "https://far.example/", notAfter: null },
      before: before?.document ?? null,
    });
  const two = documentOf("@far/x", { "1.0.0": dice, "2.0.0": dice }, "https://far.example/");

  test("a version that is gone stays, as withdrawn, and comes back with the same bytes only", () => {
    const first = read(two);
    const gone = read(documentOf("@far/x", { "1.0.0": dice }, "https://far.example/"), first);
    expect(knownVersion(gone.document, "2.0.0")).toMatchObject({ gone: true });
    const other = { ...dice, files: { "a.ts": "export const a: i32 = 1;" } };
    const back = read(
      documentOf("@far/x", { "1.0.0": dice, "2.0.0": other }, "https://far.example/"),
      gone,
    );
    expect(back.changed).toEqual(["2.0.0"]);
    expect(knownVersion(back.document, "2.0.0")?.archive).toBe(
      knownVersion(first.document, "2.0.0")?.archive,
    );
    expect(read(two, gone).document).toEqual(first.document);
    expect(Object.values(read(null, first).document.versions).every(({ gone }) => gone)).toBe(true);
  });

  test("versions that are too young, or whose age nobody tells, are left out", () => {
    const body = documentOf(
      "@far/x",
      { "1.0.0": { ...dice, time: "2026-01-01" }, "2.0.0": { ...dice, time: "2026-02-01" } },
      "https://far.example/",
    );
    const options = { name: "@far/x", url: "https://far.example/", before: null };
    const at = { ...options, notAfter: Date.parse("2026-01-15") };
    const young = readUpstreamDocument(Buffer.from(JSON.stringify(body)), at);
    expect([Object.keys(young.document.versions), young.held]).toEqual([["1.0.0"], true]);
    const timeless = Buffer.from(JSON.stringify({ ...body, time: {} }));
    expect(Object.keys(readUpstreamDocument(timeless, at).document.versions)).toEqual([]);
  });

  test("whatever comes, it is read or refused with a sentence, and a known version keeps its bytes", () => {
    const known = read(two);
    const digests = Object.values(known.document.versions).map(({ archive }) => archive);
    const damaged = fc
      .record({ at: fc.nat(), to: fc.uint8Array({ minLength: 1, maxLength: 8 }) })
      .map(({ at, to }) => {
        const bytes = Buffer.from(JSON.stringify(two));
        bytes.set(to.subarray(0, bytes.length - (at % bytes.length)), at % bytes.length);
        return bytes;
      });
    const anything = fc.oneof(
      damaged,
      fc.json().map((text) => Buffer.from(text)),
      fc
        .record({ name: fc.constant("@far/x"), versions: fc.jsonValue(), time: fc.jsonValue() })
        .map((value) => Buffer.from(JSON.stringify(value))),
    );
    fc.assert(
      fc.property(anything, (body) => {
        const options = { name: "@far/x", url: "https://far.example/", notAfter: null };
        try {
          const { document } = readUpstreamDocument(body, { ...options, before: known.document });
          for (const [at, version] of ["1.0.0", "2.0.0"].entries()) {
            expect(knownVersion(document, version)?.archive).toBe(digests[at]);
          }
          expect(({} as Record<string, unknown>)["polluted"]).toBeUndefined();
        } catch (error) {
          expect(error).toBeInstanceOf(Error);
          expect((error as Error).message).toMatch(/^it is /);
        }
      }),
      { seed: 11, numRuns: 400 },
    );
  });
});

const index = "-/unipkg/index/@far%2fx";

async function proxied(packages: FakePackages, terms: object = {}) {
  const upstream = await fakeUpstream(packages);
  const registry = await startRegistry(["--log"]);
  const ask = speaker(registry);
  const set = (more: object) =>
    ask("-/unipkg/upstreams/far", "PUT", {
      ...{ url: upstream.url, patterns: ["@far"], inside: true, fresh: 0 },
      ...{ ...terms, ...more },
    });
  const made = await set({});
  if (made.status !== 200) throw new Error(made.text);
  return { upstream, registry, ask, set };
}

test("a package is fetched once, taken in as a publisher's, and outlasts upstream and restart", {
  timeout: 120_000,
}, async () => {
  const { upstream, registry, ask } = await proxied({ "@far/x": { "1.0.0": dice } });
  const line = JSON.parse((await ask(index)).text);
  expect(line).toMatchObject({
    package: { name: "@far/x", version: "1.0.0" },
    released: "2026-01-01T00:00:00.000Z",
    signatures: [{ keyid: expect.any(String) }],
    types: expect.stringMatching(/^sha512-/),
  });
  expect(upstream.asked()).toEqual(["/@far%2fx", "/@far/x/-/x-1.0.0.tgz"]);
  const archive = await ask("@far/x/-/x-1.0.0.tgz");
  expect(archive.status).toBe(200);
  expect((await ask("-/unipkg/types/@far%2fx/1.0.0")).text).toContain("roll");
  expect((await ask("-/unipkg/log/published/@far%2fx/1.0.0")).text).toContain('"upstream:far"');
  const document = JSON.parse((await ask("@far%2fx")).text);
  expect(document.versions["1.0.0"].dist.tarball).toBe(`${registry.url}@far/x/-/x-1.0.0.tgz`);
  // Only the document is asked for again.
  expect(new Set(upstream.asked())).toEqual(new Set(["/@far%2fx"]));
  expect((await ask("-/v1/search?text=far")).text).toContain('"@far/x"');
  expect((await ask("-/unipkg/providers/none")).status).toBe(200);
  const before = Number(/unipkg_log_entries (\d+)/.exec((await ask("-/metrics")).text)![1]);

  // The upstream fails: what is here is served, and says how old it is.
  upstream.answer = () => ({ status: 500, body: "{}" });
  const stale = await ask("@far%2fx");
  expect(stale.status).toBe(200);
  expect(stale.headers.get("age")).toMatch(/^\d+$/);
  expect(stale.headers.get("npm-notice")).toContain("its upstream far does not answer");
  expect((await ask("@far%2funknown")).status).toBe(424);
  const metrics = (await ask("-/metrics")).text;
  expect(metrics).toContain('unipkg_upstream_archives_total{upstream="far",answer="new"} 1');
  expect(metrics).toContain('unipkg_upstream_stale_total{upstream="far"} 1');
  expect(metrics).toContain(`unipkg_log_entries ${before}`);
  await registry.running.until('"level":"warning"');

  await registry.running.stop();
  const again = await startRegistry([], registry);
  const later = speaker(again);
  expect(JSON.parse((await later(index)).text)).toEqual(line);
  expect((await later("@far/x/-/x-1.0.0.tgz")).status).toBe(200);
});

test("what changes there changes here; what was taken in keeps its bytes", {
  timeout: 120_000,
}, async () => {
  const { upstream, ask, set } = await proxied({ "@far/x": { "1.0.0": dice, "1.1.0": dice } });
  const lines = async () =>
    (await ask(index)).text
      .split("\n")
      .filter(Boolean)
      .map((each) => JSON.parse(each));
  expect((await lines()).map((each) => each.package.version)).toEqual(["1.0.0", "1.1.0"]);
  const [first] = await lines();
  const deprecated = { ...dice, manifest: { ...dice.manifest, deprecated: "take 2.0.0" } };
  const evil = { ...dice, files: { "a.ts": "export function roll(): u32 { return 6; }\n" } };
  upstream.packages["@far/x"] = { "1.0.0": evil, "2.0.0": deprecated };
  const after = await lines();
  expect(after.map((each) => [each.package.version, each.yanked, each.deprecated])).toEqual([
    ["1.0.0", undefined, undefined],
    ["1.1.0", true, undefined],
    ["2.0.0", undefined, "take 2.0.0"],
  ]);
  expect(after[0].archive).toBe(first.archive);

  // An administrator may forget it all: then what the upstream has now is new.
  expect((await ask("-/unipkg/proxied/@far%2fx", "DELETE")).status).toBe(200);
  const anew = await lines();
  expect(anew.map((each) => each.package.version)).toEqual(["1.0.0", "2.0.0"]);
  expect(anew[0].archive).not.toBe(first.archive);

  // Not asked any more, and removed: it is hidden, and back when the upstream is.
  upstream.asked();
  expect((await set({ offline: true })).status).toBe(200);
  expect(await lines()).toEqual(anew);
  expect((await ask("@far%2fy")).text).toContain("UP850");
  expect((await ask("-/unipkg/upstreams/far", "DELETE")).status).toBe(200);
  expect((await ask(index)).status).toBe(404);
  expect(upstream.asked()).toEqual([]);
  expect((await set({})).status).toBe(200);
  expect(await lines()).toEqual(anew);
});

test("a package that needs others of the upstream is taken in after them, circles and all", {
  timeout: 120_000,
}, async () => {
  const needs = (of: string, source: string) => ({
    manifest: { unipkg: { kind: "library", module: "a.ts", requires: { [of]: "^1.0.0" } } },
    files: { "a.ts": source },
  });
  const { ask } = await proxied({
    "@far/x": {
      "1.0.0": needs(
        "@far/y",
        'import { y } from "@far/y";\nexport function x(): u32 { return y(); }\n',
      ),
    },
    "@far/y": {
      "1.0.0": { ...dice, files: { "a.ts": "export function y(): u32 { return 1; }\n" } },
    },
    "@far/left": { "1.0.0": needs("@far/right", "export function l(): u32 { return 1; }\n") },
    "@far/right": { "1.0.0": needs("@far/left", "export function r(): u32 { return 1; }\n") },
    "@far/plain": { "1.0.0": { manifest: { main: "index.js" } } },
    "@far/broken": {
      "1.0.0": { ...dice, files: { "a.ts": "export function f(): u32 { return `; }" } },
    },
  });
  const taken = async (name: string) =>
    (await ask(`-/unipkg/index/@far%2f${name}`)).text.length > 0;
  expect(await taken("x")).toBe(true);
  const log = (await ask("-/unipkg/log?after=0")).text.split("\n");
  const published = log.filter((line) => line.includes('"published"'));
  expect(published.map((line) => JSON.parse(line).subject)).toEqual([
    "package:@far/y",
    "package:@far/x",
  ]);
  // Both at once, each of which leads to the other.
  expect(await Promise.all([taken("left"), taken("right")])).toEqual([true, true]);
  // What is no package of unipkg, or does not compile, is npm's alone.
  expect([await taken("plain"), await taken("broken")]).toEqual([false, false]);
  expect((await ask("@far/plain/-/plain-1.0.0.tgz")).status).toBe(200);
  expect((await ask("@far%2fbroken")).status).toBe(200);
});

test("an upstream's terms and its organisation's policy say what is taken in, and how old it must be", {
  timeout: 120_000,
}, async () => {
  const licensed = (license: string, time: string) => ({
    manifest: { ...dice.manifest, license },
    files: dice.files,
    time,
  });
  const now = new Date().toISOString();
  const { upstream, ask, set } = await proxied({
    "@far/x": {
      "1.0.0": licensed("ISC", "2026-01-01T00:00:00.000Z"),
      "1.1.0": licensed("SSPL-1.0", "2026-01-02T00:00:00.000Z"),
      "1.2.0": licensed("ISC", now),
    },
    "@far/y": { "1.0.0": licensed("ISC", now) },
  });
  await ask("-/unipkg/organisations/acme", "PUT", {});
  const policy = { text: "licences ISC\nrequire age 2 days\n" };
  expect((await ask("-/unipkg/organisations/acme/policy", "PUT", policy)).status).toBe(200);
  await set({ organisation: "acme" });
  const taken = async (name: string) =>
    (await ask(`-/unipkg/index/@far%2f${name}`)).text.match(/"version":"[\d.]+"/g);
  const offered = async (name: string) =>
    Object.keys(JSON.parse((await ask(`@far%2f${name}`)).text).versions);
  expect(await taken("x")).toEqual(['"version":"1.0.0"']);
  // npm is told of nothing that is too young, either.
  expect(await offered("x")).toEqual(["1.0.0", "1.1.0"]);
  expect([await taken("y"), await offered("y")]).toEqual([null, []]);
  // By the upstream's own terms, without a policy; and what is old enough comes, though the upstream has changed nothing.
  await ask("-/unipkg/organisations/acme/policy", "DELETE");
  await set({ organisation: "acme", age: 24 });
  expect(await offered("y")).toEqual([]);
  await set({ organisation: "acme" });
  upstream.asked();
  expect(await offered("y")).toEqual(["1.0.0"]);
  expect(upstream.asked()).toEqual(["/@far%2fy"]);
});
