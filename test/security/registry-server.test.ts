// What a hostile publisher tries at our registry, each with the reason that he gets.
import { createHash, generateKeyPairSync } from "node:crypto";
import { connect } from "node:net";
import { gzipSync } from "node:zlib";
import { expect, test } from "vitest";
import { pack } from "../../registry/archive/pack.ts";
import { sriOf } from "../../registry/protocol/digest.ts";
import { HttpServer } from "../../registry/server/http-server.ts";
import type { Registry } from "../../registry/server/registry.ts";
import { makeProvenance } from "../../registry/trust/provenance.ts";
import { startRegistry, type TestRegistry } from "../support/registry.ts";
import { handmadeArchive, handmadeTar } from "../support/tar.ts";

const block = { kind: "target", target: { backend: "none" } };

function manifest(name: string, version: string, unipkg: object = block): Record<string, unknown> {
  return { name, version, unipkg };
}

function archiveOf(packageJson: object, files: Readonly<Record<string, string>> = {}): Buffer {
  const all = { "package.json": JSON.stringify(packageJson), ...files };
  return pack(Object.entries(all).map(([path, text]) => ({ path, bytes: Buffer.from(text) })));
}

interface Attempt {
  readonly name?: string;
  readonly version?: string;
  /** What the document says of the version. */
  readonly claimed?: Record<string, unknown>;
  readonly archive?: Buffer;
  readonly attachment?: string;
  readonly dist?: object;
  readonly tag?: string;
  readonly token?: string;
  readonly raw?: string;
  readonly provenance?: string;
}

async function publish(registry: TestRegistry, attempt: Attempt): Promise<string> {
  const { name = "@acme/x", version = "1.0.0" } = attempt;
  const archive = attempt.archive ?? archiveOf(manifest(name, version));
  const document = {
    _id: name,
    name,
    "dist-tags": { [attempt.tag ?? "latest"]: version },
    versions: {
      [version]: { ...(attempt.claimed ?? manifest(name, version)), dist: attempt.dist ?? {} },
    },
    _attachments: {
      [attempt.attachment ?? `${name}-${version}.tgz`]: { data: archive.toString("base64") },
      ...(attempt.provenance === undefined
        ? {}
        : { [`${name}-${version}.sigstore`]: { data: attempt.provenance } }),
    },
  };
  const answer = await fetch(`${registry.url}${encodeURIComponent(name)}`, {
    method: "PUT",
    headers: { authorization: `Bearer ${attempt.token ?? registry.token}` },
    body: attempt.raw ?? JSON.stringify(document),
  });
  const { error = "" } = (await answer.json()) as { error?: string };
  return `${answer.status} ${error}`.trim().replaceAll(registry.url, "URL/");
}

const library = (source: string, provides: string) => ({
  claimed: manifest("@acme/x", "1.0.0", {
    kind: "library",
    provides: { [provides]: { version: "1.0.0", module: "a.ts" } },
  }),
  archive: archiveOf(
    manifest("@acme/x", "1.0.0", {
      kind: "library",
      provides: { [provides]: { version: "1.0.0", module: "a.ts" } },
    }),
    { "a.ts": source },
  ),
});

const ranged = (range: string) => {
  const unipkg = { kind: "library", module: "a.ts", requires: { random: range } };
  const packageJson = manifest("@acme/x", "1.0.0", unipkg);
  return {
    claimed: packageJson,
    archive: archiveOf(packageJson, { "a.ts": "export const a: i32 = 1;" }),
  };
};

test("hostile publishers are refused, with a reason", { timeout: 120_000 }, async () => {
  const registry = await startRegistry();
  const attempts: Readonly<Record<string, Attempt>> = {
    "an archive of another package": { archive: archiveOf(manifest("react", "1.0.0")) },
    "an archive of another version": { archive: archiveOf(manifest("@acme/x", "2.0.0")) },
    "a manifest that says something else": {
      claimed: manifest("@acme/x", "1.0.0", { kind: "app" }),
    },
    "bytes that are no archive": { archive: Buffer.from("not a tarball") },
    "a wrong SHA-512": { dist: { integrity: `sha512-${createHash("sha512").digest("base64")}` } },
    "a wrong SHA-1": { dist: { shasum: "0".repeat(40) } },
    "a version that is none": { version: "not-a-version" },
    "a tag that is a range": { tag: "1.x" },
    "a tag __proto__": { tag: "__proto__" },
    "a name with upper case": { name: "MC" },
    "a name __proto__": { name: "__proto__" },
    "a name with a Cyrillic letter": { name: "tcp\u0456p" },
    "a name near to one that ships": { name: "tcp-ip".replace("-", ""), version: "1.0.0" },
    "an attachment that leads out": { attachment: "../../../../pwned.tgz" },
    "an archive with a link": {
      archive: handmadeArchive([{ name: "package/link", type: "2", link: "/etc/passwd" }]),
    },
    "JSON with __proto__": { raw: '{"__proto__":{"admin":true}}' },
    "JSON that is too deep": { raw: `{"a":${"[".repeat(20_000)}` },
    "a package without a unipkg block": {
      claimed: { name: "@acme/x", version: "1.0.0" },
      archive: archiveOf({ name: "@acme/x", version: "1.0.0" }),
    },
    "a provider that does not match": library(
      "export function next32(): u64 { return 1; }",
      "random",
    ),
    "a source that does not compile": library(
      "export function next32(): u32 { return `; }",
      "random",
    ),
    "an archive that is a bomb": {
      archive: gzipSync(handmadeTar([{ name: "package/zeros", content: Buffer.alloc(200 << 20) }])),
    },
    "a range that takes time": ranged(Array.from({ length: 20_000 }, () => "1.0.0").join(" || ")),
    "a range without end": ranged(`${"^".repeat(100_000)}1`),
    "a version without end": { version: `1.0.0-${"a.".repeat(50_000)}a` },
    "a version beyond all numbers": { version: "9007199254740993.0.0" },
    "provenance of another archive": {
      provenance: makeProvenance(
        { name: "@acme/x", version: "1.0.0", archive: sriOf(Buffer.from("other")) },
        ...(["p", {}, generateKeyPairSync("ed25519").privateKey] as const),
      ),
    },
    "provenance that is none": { provenance: '{"mediaType":7}' },
    "a wrong token": { token: "upt_000000000000_wrong" },
  };
  const told: string[] = [];
  for (const [what, attempt] of Object.entries(attempts)) {
    // What zlib makes differs from version to version.
    const answer = (await publish(registry, attempt)).replace(
      /\d+ bytes, from \d+/,
      "… bytes, from …",
    );
    told.push(`${what}\n  ${answer.replaceAll("\n", "\n  ")}`);
  }
  expect(told.join("\n")).toMatchSnapshot();

  // Nothing of it is there, and honest people can publish.
  expect(await publish(registry, {})).toBe("201");
  expect(await publish(registry, {})).toMatch(/^409 .*published already/);
  expect(await publish(registry, { name: "@acme/my-lib" })).toBe("201");
  expect(await publish(registry, { name: "@acme/my_lib" })).toBe(
    "409 @acme/my_lib is too near to @acme/my-lib: take another name",
  );
});

test("guessing passwords is slowed down", { timeout: 120_000 }, async () => {
  const registry = await startRegistry(["--open-registration"]);
  const login = async (password: string) => {
    const answer = await fetch(`${registry.url}-/user/org.couchdb.user:ann`, {
      method: "PUT",
      body: JSON.stringify({ name: "ann", password }),
    });
    return answer.status;
  };
  expect(await login("correct horse battery")).toBe(201);
  const statuses = [];
  for (let attempt = 0; attempt < 20; attempt++)
    statuses.push(await login(`guess ${attempt} and more`));
  expect(statuses[0]).toBe(401);
  expect(statuses).toContain(429);
});

test("tokens end when they should, and none makes a greater one", {
  timeout: 120_000,
}, async () => {
  const registry = await startRegistry();
  const ask = (path: string, token: string, method = "GET", body?: object) =>
    fetch(`${registry.url}${path}`, {
      method,
      headers: { authorization: `Bearer ${token}` },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
  const create = async (terms: object, by = registry.token) => {
    const answer = await ask("-/npm/v1/tokens", by, "POST", terms);
    return {
      status: answer.status,
      ...((await answer.json()) as { token?: string; key?: string }),
    };
  };
  const expired = await create({ rights: "read", expires: "2020-01-01T00:00:00Z" });
  expect((await ask("-/whoami", expired.token!)).status).toBe(401);
  const elsewhere = await create({ rights: "read", cidr_whitelist: ["10.0.0.0/8"] });
  expect((await ask("-/whoami", elsewhere.token!)).status).toBe(401);
  const reader = await create({ rights: "read" });
  expect((await ask("-/whoami", reader.token!)).status).toBe(200);
  expect((await create({ rights: "admin" }, reader.token!)).status).toBe(403);
  expect((await ask(`-/npm/v1/tokens/token/${reader.key}`, registry.token, "DELETE")).status).toBe(
    200,
  );
  expect((await ask("-/whoami", reader.token!)).status).toBe(401);
});

test("a version that was taken back never comes back with other bytes", {
  timeout: 120_000,
}, async () => {
  const registry = await startRegistry();
  expect(await publish(registry, {})).toBe("201");
  const gone = await fetch(`${registry.url}@acme%2fx/-rev/1-0`, {
    method: "DELETE",
    headers: { authorization: `Bearer ${registry.token}` },
  });
  expect(gone.status).toBe(201);
  const other = archiveOf(manifest("@acme/x", "1.0.0"), { "more.txt": "more" });
  expect(await publish(registry, { archive: other })).toMatch(/^409 .*never comes back/);
});

test("no answer is anything but data to a browser, and none is for a cache that others use", {
  timeout: 120_000,
}, async () => {
  const registry = await startRegistry(["--anonymous"]);
  expect(await publish(registry, {})).toBe("201");
  const paths = [
    ...["-/ping", "@acme%2fx", "@acme/x/-/x-1.0.0.tgz", "-/v1/search?text=x", "no/such/path"],
    ...["-/unipkg/index/@acme%2fx", "-/unipkg/log/checkpoint", "-/unipkg/log/tile/0/000.p/1"],
    ...["-/npm/v1/keys", "-/health", "-/metrics", "%ff"],
  ];
  for (const path of paths) {
    const { headers } = await fetch(`${registry.url}${path}`, {
      headers: { authorization: `Bearer ${registry.token}`, accept: "application/json" },
    });
    expect(headers.get("x-content-type-options"), path).toBe("nosniff");
    expect(headers.get("content-security-policy"), path).toContain("default-src 'none'");
    expect(headers.get("content-type"), path).not.toContain("html");
  }
  // What is private is never said to be for everybody's cache.
  for (const path of ["@acme%2fx", "@acme/x/-/x-1.0.0.tgz", "-/unipkg/index/@acme%2fx"]) {
    const { headers } = await fetch(`${registry.url}${path}`, {
      headers: { authorization: `Bearer ${registry.token}` },
    });
    expect(headers.get("cache-control"), path).toContain("private");
    expect((await fetch(`${registry.url}${path}`)).status, path).toBe(401);
  }
});

test("the log's hashes tell no names, and its entries only those who may read", {
  timeout: 120_000,
}, async () => {
  const registry = await startRegistry();
  expect(await publish(registry, {})).toBe("201");
  const ask = (path: string, token: string | null) =>
    fetch(`${registry.url}-/unipkg/log/${path}`, {
      headers: token === null ? {} : { authorization: `Bearer ${token}` },
    });
  for (const path of ["checkpoint", "tile/0/000.p/1", "published/@acme%2fx/1.0.0"]) {
    expect((await ask(path, registry.token)).status, path).toBe(200);
    expect((await ask(path, null)).status, path).toBe(401);
  }
  const eve = await fetch(`${registry.url}-/unipkg/accounts/eve`, {
    method: "PUT",
    headers: { authorization: `Bearer ${registry.token}` },
  });
  expect(eve.status).toBe(201);
  const made = await fetch(`${registry.url}-/npm/v1/tokens`, {
    method: "POST",
    headers: { authorization: `Bearer ${registry.token}` },
    body: JSON.stringify({ account: "eve", rights: "read" }),
  });
  const { token } = (await made.json()) as { token: string };
  const [known, unknown] = await Promise.all(
    ["published/@acme%2fx/1.0.0", "published/@acme%2fy/1.0.0"].map(async (path) => {
      const answer = await ask(path, token);
      return [answer.status, await answer.text()];
    }),
  );
  expect(known).toEqual(unknown);
  // Whoever guesses the whole entry still has 128 random bits to guess.
  const line = (await (await ask("published/@acme%2fx/1.0.0", registry.token)).json()) as object;
  expect(line).toMatchObject({ salt: expect.stringMatching(/^[\w-]{22}$/) });
});

test("whoever drips bytes is cut off, and who sends too many is told", async () => {
  const storage = { refresh: () => Promise.resolve() };
  const registry = { now: () => new Date(0), storage } as unknown as Registry;
  const options = { url: null, trustProxy: false, log: null };
  const quick = {
    ...{ headersTimeout: 300, requestTimeout: 600, keepAliveTimeout: 300 },
    connectionsCheckingInterval: 50,
  };
  const server = new HttpServer(registry, options, quick);
  const port = await server.listen("127.0.0.1", 0);
  const dripping = (text: string) =>
    new Promise<string>((resolve, reject) => {
      const socket = connect(port, "127.0.0.1", () => socket.write(text));
      let answer = "";
      const drip = setInterval(() => socket.write("x"), 20);
      socket.on("data", (bytes) => {
        answer += String(bytes);
      });
      // Bytes that are sent after the server hung up are an error, too.
      socket.on("error", () => {});
      socket.on("close", () => {
        clearInterval(drip);
        resolve(answer.split("\r\n")[0]!);
      });
      socket.on("timeout", reject);
    });
  expect(await dripping("GET /-/ping HTTP/1.1\r\nHost: x\r\nA: ")).toContain("408");
  const body = "PUT /x HTTP/1.1\r\nHost: x\r\nContent-Length: 1000000\r\n\r\n";
  expect(await dripping(body)).toMatch(/^$|408/);
  const endless = "PUT /x HTTP/1.1\r\nHost: x\r\nContent-Length: 99999999999\r\n\r\n";
  expect(await dripping(endless)).toContain("413");
  await server.stop();
});
