// What a hostile upstream, and hostile users of a registry that has upstreams, try.
import { chmodSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { fakeRegistry } from "../support/fake-registry.ts";
import {
  archiveOfFake,
  documentOf,
  type FakePackages,
  fakeUpstream,
} from "../support/fake-upstream.ts";
import { publish } from "../support/publisher.ts";
import { speaker, startRegistry } from "../support/registry.ts";

const dice = {
  manifest: { unipkg: { kind: "library", module: "a.ts" } },
  files: { "a.ts": "export function roll(): u32 { return 4; }\n" },
};

async function proxied(
  packages: FakePackages,
  terms: object = {},
  options: readonly string[] = [],
) {
  const upstream = await fakeUpstream(packages);
  const registry = await startRegistry(["--log", ...options]);
  const ask = speaker(registry);
  const set = (more: object) =>
    ask("-/unipkg/upstreams/far", "PUT", {
      ...{ url: upstream.url, patterns: ["@far"], inside: true, fresh: 0 },
      ...{ ...terms, ...more },
    });
  const made = await set({});
  if (made.status !== 200) throw new Error(made.text);
  const tokenOf = async (account: string, more: object = {}) => {
    await ask(`-/unipkg/accounts/${account}`, "PUT", {});
    const body = { account, rights: "admin", ...more };
    const answer = await ask("-/npm/v1/tokens", "POST", body);
    return (JSON.parse(answer.text) as { token: string }).token;
  };
  return { upstream, registry, ask, set, tokenOf };
}

test("what is known here, was known, or ships with unipkg is never asked for at an upstream", {
  timeout: 120_000,
}, async () => {
  const names = [
    "ho-use",
    "gone",
    "tcpip",
    "event_loop",
    "ho.use",
    "@acme/x",
    "@acme/staged",
    "@ann/x",
  ];
  const everywhere = Object.fromEntries(names.map((name) => [name, { "99.0.0": dice }]));
  const { upstream, registry, ask, tokenOf } = await proxied(everywhere, {
    patterns: ["*", "@far"],
  });
  await tokenOf("ann");
  for (const path of ["organisations/acme", "organisations/acme/members/ann"]) {
    await ask(`-/unipkg/${path}`, "PUT", { role: "publish" });
  }
  await ask("-/unipkg/organisations/acme/approval", "PUT", { required: true });
  expect(await publish(registry, "ho-use", "1.0.0")).toBe(true);
  expect(await publish(registry, "gone", "1.0.0")).toBe(true);
  expect((await ask("gone/-rev/1-0", "DELETE")).status).toBe(201);
  expect(await publish(registry, "@acme/staged", "1.0.0")).toBe(true);
  // Scopes that somebody has here, and an upstream at once: neither is to be had.
  expect(
    (
      await ask("-/unipkg/upstreams/b", "PUT", {
        url: upstream.url,
        patterns: ["@acme"],
        inside: true,
      })
    ).text,
  ).toContain("belongs to acme");
  expect(
    (
      await ask("-/unipkg/upstreams/b", "PUT", {
        url: upstream.url,
        patterns: ["@far"],
        inside: true,
      })
    ).text,
  ).toContain("a name has one place");
  expect((await ask("-/unipkg/organisations/far", "PUT", {})).status).toBe(409);
  expect((await ask("-/unipkg/accounts/far", "PUT", {})).status).toBe(409);
  for (const name of [...names, "@other/private"]) {
    const path = name.replace("/", "%2f");
    const bare = name.replace(/^@.*\//, "");
    const asked = [
      path,
      `-/unipkg/index/${path}`,
      `${name}/-/${bare}-99.0.0.tgz`,
      `-/package/${path}/dist-tags`,
    ];
    for (const one of asked) expect((await ask(one)).text, one).not.toContain("99.0.0");
  }
  expect(upstream.asked()).toEqual([]);
  // A name of the upstream's is nobody's to publish here, once it is known.
  expect((await ask("left-pad")).status).toBe(404);
  upstream.packages["left-pad"] = { "1.0.0": { manifest: {} } };
  upstream.packages["@far/x"] = { "1.0.0": dice };
  expect((await ask("@far%2fx")).status).toBe(200);
  expect(await publish(registry, "@far/x", "2.0.0")).toBe(false);
  for (const [path, method, body] of [
    ["-/unipkg/yank/@far%2fx/1.0.0", "PUT", {}],
    ["-/unipkg/owners/@far%2fx/ann", "PUT", {}],
    ["@far%2fx/-rev/1-0", "DELETE", {}],
    ["-/package/@far%2fx/dist-tags/latest", "PUT", "1.0.0"],
  ] as const) {
    const refused = await ask(path, method, body as object);
    expect([refused.status, refused.text], path).toEqual([
      403,
      expect.stringContaining("comes from the upstream far"),
    ]);
  }
});

test("nobody has an upstream asked who may not read what comes of it", {
  timeout: 120_000,
}, async () => {
  const { upstream, registry, ask, set, tokenOf } = await proxied(
    { "@far/x": { "1.0.0": dice } },
    {},
    ["--anonymous"],
  );
  const ann = await tokenOf("ann");
  const scoped = await tokenOf("ann", { scopes: ["acme"] });
  const forFar = await tokenOf("ann", { scopes: ["far"], rights: "read" });
  const paths = [
    "@far%2fx",
    "-/unipkg/index/@far%2fx",
    "@far/x/-/x-1.0.0.tgz",
    "-/package/@far%2fx/dist-tags",
    "-/unipkg/types/@far%2fx/1.0.0",
  ];
  const statuses = async (token: string | null) => {
    const answers = [];
    for (const path of paths) {
      const headers = token === null ? {} : { authorization: `Bearer ${token}` };
      answers.push((await fetch(`${registry.url}${path}`, { headers })).status);
    }
    return answers;
  };
  const none = (status: number) => paths.map(() => status);
  for (const round of ["before it is here", "after"]) {
    upstream.asked();
    expect(await statuses(null), round).toEqual(none(401));
    expect(await statuses("upt_000000000000_wrong"), round).toEqual(none(401));
    expect(await statuses(scoped), round).toEqual(none(404));
    expect(upstream.asked(), round).toEqual([]);
    expect(await statuses(forFar), round).toEqual(none(200));
    expect(await statuses(ann), round).toEqual(none(200));
  }
  // For members only.
  await ask("-/unipkg/organisations/acme", "PUT", {});
  await set({ organisation: "acme" });
  upstream.asked();
  expect(await statuses(ann)).toEqual(none(404));
  expect(upstream.asked()).toEqual([]);
  await ask("-/unipkg/organisations/acme/members/ann", "PUT", { role: "read" });
  expect(await statuses(ann)).toEqual(none(200));
  // For everybody, because an administrator says so.
  await set({ access: "public", organisation: null });
  expect(await statuses(null)).toEqual(none(200));
  // Only administrators choose.
  for (const [path, method] of [
    ["-/unipkg/upstreams/far", "PUT"],
    ["-/unipkg/upstreams/far", "DELETE"],
    ["-/unipkg/proxied/@far%2fx", "DELETE"],
  ] as const) {
    expect((await speaker({ ...registry, token: ann })(path, method, {})).status).toBe(403);
  }
  expect((await speaker({ ...registry, token: ann })("-/unipkg/upstreams")).status).toBe(404);
});

test("an upstream's other bytes, other package or endless answer is refused, and nothing of it is kept", {
  timeout: 120_000,
}, async () => {
  const { upstream, registry, ask } = await proxied({ "@far/x": { "1.0.0": dice } });
  const honest = archiveOfFake("@far/x", "1.0.0", dice);
  const evil = archiveOfFake("@far/x", "1.0.0", { ...dice, files: { "a.ts": "evil" } });
  const archive = "@far/x/-/x-1.0.0.tgz";
  upstream.answer = (path) => (path.endsWith(".tgz") ? { body: evil } : null);
  expect(await ask(archive)).toMatchObject({ status: 424, text: expect.stringContaining("UP851") });
  expect((await ask("-/unipkg/index/@far%2fx")).text).toBe("");
  upstream.answer = null;
  expect(
    (
      await fetch(`${registry.url}${archive}`, {
        headers: { authorization: `Bearer ${registry.token}` },
      }).then(async (answer) => Buffer.from(await answer.arrayBuffer()))
    ).equals(honest),
  ).toBe(true);

  const document = (more: object) =>
    JSON.stringify({ ...documentOf("@far/y", { "1.0.0": dice }, upstream.url), ...more });
  const answers: Readonly<Record<string, string | Buffer>> = {
    "of another package": document({ name: "@far/x" }),
    "that is no JSON": "<html>",
    "that is too deep": `{"name":"@far/y","versions":${"[".repeat(10_000)}`,
    "with __proto__": '{"name":"@far/y","versions":{"__proto__":{}}}',
    "without end": Buffer.alloc(33 << 20, 0x20),
  };
  for (const [what, body] of Object.entries(answers)) {
    upstream.answer = () => ({ body });
    const { status, text } = await ask("@far%2fy");
    expect([status, text], what).toEqual([424, expect.stringMatching(/UP85[01]/)]);
  }
  upstream.answer = () => ({
    body: document({
      versions: {
        "1.0.0": {
          name: "@far/y",
          version: "1.0.0",
          dist: { tarball: "x", integrity: "sha1-AAAA" },
        },
      },
    }),
  });
  expect(JSON.parse((await ask("@far%2fy")).text).versions).toEqual({});
  // What the document says of the package is not what the archive says.
  const lie = documentOf("@far/z", { "1.0.0": dice }, upstream.url) as {
    versions: Record<string, object>;
  };
  lie.versions["1.0.0"] = { ...lie.versions["1.0.0"], unipkg: { kind: "app" } };
  upstream.packages["@far/z"] = { "1.0.0": dice };
  upstream.answer = (path) => (path === "/@far%2fz" ? { body: JSON.stringify(lie) } : null);
  expect((await ask("-/unipkg/index/@far%2fz")).text).toBe("");
  await registry.running.until("@far/z@1.0.0 is not taken in: `unipkg` in the document");
});

test("an upstream leads nowhere but to itself, and its token goes nowhere else", {
  timeout: 120_000,
}, async () => {
  const { upstream, registry, ask, set } = await proxied({ "@far/x": { "1.0.0": dice } });
  const other = await fakeRegistry(() => ({ body: archiveOfFake("@far/x", "1.0.0", dice) }));
  const conf = join(registry.data, "upstreams.conf");
  const host = new URL(upstream.url).host;
  writeFileSync(conf, `//${host}/:_authToken=hush\n`);
  chmodSync(conf, 0o644);
  expect((await ask("@far%2fx")).status).toBe(424);
  await registry.running.until("can be read by others");
  expect(upstream.asked()).toEqual([]);
  chmodSync(conf, 0o600);
  expect((await ask("@far%2fx")).status).toBe(200);
  expect(upstream.requests.at(-1)!.headers.authorization).toBe("Bearer hush");

  // An archive on another host, and redirects there.
  const elsewhere = { "1.0.0": { ...dice, dist: { tarball: `${other.url}x.tgz` } } };
  upstream.packages["@far/y"] = elsewhere;
  expect(await ask("@far/y/-/y-1.0.0.tgz")).toMatchObject({ status: 424 });
  for (const location of [
    other.url,
    "http://169.254.169.254/latest/meta-data",
    "file:///etc/passwd",
  ]) {
    upstream.answer = () => ({ status: 302, headers: { location } });
    expect((await ask("@far%2fw")).status, location).toBe(424);
  }
  upstream.answer = null;
  expect(other.requests).toEqual([]);
  // Unless the operator says so; the token still stays where it belongs.
  writeFileSync(conf, `//${host}/:_authToken=hush\n//${host}/:archives=${other.url}\n`);
  upstream.packages["@far/y"] = { "1.0.0": dice };
  upstream.answer = (path) =>
    path.endsWith(".tgz") ? { status: 302, headers: { location: `${other.url}x.tgz` } } : null;
  upstream.packages["@far/x"] = { "1.0.0": dice, "1.1.0": dice };
  const moved = await ask("@far/x/-/x-1.0.0.tgz");
  expect([moved.status, other.requests.map(({ headers }) => headers.authorization)]).toEqual([
    200,
    [undefined],
  ]);

  // Private networks, only when an administrator says so; by name, too; and never the link's own.
  for (const url of [
    upstream.url,
    upstream.url.replace("127.0.0.1", "localhost"),
    "http://10.0.0.1/",
    "http://[::1]/",
  ]) {
    expect((await set({ url, inside: false })).text, url).toContain("in a private network");
  }
  expect((await set({ url: "http://169.254.169.254/" })).status).toBe(200);
  expect((await ask("@far%2fv")).status).toBe(424);
  await registry.running.until("leads into a private network");
  expect((await set({ url: "http://user:word@far.example/" })).status).toBe(400);

  // The token is nowhere that anybody reads.
  const log = readFileSync(join(registry.data, "log.ndjson"), "utf8");
  expect(
    `${registry.running.output()}${log}${(await ask("-/unipkg/upstreams")).text}`,
  ).not.toContain("hush");
});
