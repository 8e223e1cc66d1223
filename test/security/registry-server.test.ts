// What a hostile publisher tries at our registry, each with the reason that he gets.
import { createHash } from "node:crypto";
import { expect, test } from "vitest";
import { pack } from "../../registry/archive/pack.ts";
import { startRegistry, type TestRegistry } from "../support/registry.ts";
import { handmadeArchive } from "../support/tar.ts";

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
    "a wrong token": { token: "upt_000000000000_wrong" },
  };
  const told: string[] = [];
  for (const [what, attempt] of Object.entries(attempts)) {
    told.push(`${what}\n  ${(await publish(registry, attempt)).replaceAll("\n", "\n  ")}`);
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
