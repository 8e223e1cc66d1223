// An organisation whose developers have one registry and one token, and get from it what others publish elsewhere: on a
// real Verdaccio, with the real npm, and on another registry of ours.
import { copyFileSync, mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { fakeUpstream } from "../support/fake-upstream.ts";
import { startPostgres } from "../support/postgres.ts";
import { Person, packageFiles, speaker, startRegistry } from "../support/registry.ts";
import { startObjectStore } from "../support/s3.ts";
import { testFolder } from "../support/unipkg.ts";
import { startVerdaccio } from "../support/verdaccio.ts";

const four = (name: string, version = "1.0.0") =>
  packageFiles(
    "four",
    name,
    version,
    { kind: "library", provides: { random: { version: "1.0.0", module: "src/random.ts" } } },
    {
      "src/random.ts": `export function next32(): u32 { return 4; }
export function next64(): u64 { return 4; }
export function fill(bytes: Uint8Array): void { bytes.fill(4); }
`,
    },
  );

const app = (of: string, registry: string) => ({
  ...packageFiles(
    "app",
    "dice",
    "1.0.0",
    { kind: "app", requires: { console: "^1.0.0", random: "^1.0.0", [of]: "^1.0.0" } },
    {
      "src/main.ts": `import { log } from "console";
import { next32 } from "random";
export function main(): void { log(next32().toString()); }
`,
    },
  ),
  "app/.unipkgrc": `@partner:registry=${registry}\n`,
});

test("through us from Verdaccio: unipkg solves and builds, npm installs, and both still do when it is gone", {
  timeout: 600_000,
}, async () => {
  const verdaccio = await startVerdaccio();
  const partner = new Person();
  partner.unipkgOk(
    ".",
    ["login", "--registry", verdaccio.url, "--scope", "@partner"],
    verdaccio.token,
  );
  partner.write({
    ...four("@partner/four"),
    "plain/package.json": '{"name":"plain-words","version":"1.0.0","license":"ISC"}',
    "plain/index.js": "module.exports = 'plain';\n",
    ".home/npmrc": `registry=${verdaccio.url}\n//${new URL(verdaccio.url).host}/:_authToken=${verdaccio.token}\n`,
  });
  partner.unipkgOk("four", ["publish"]);
  partner.npmOk("plain", "publish");

  const registry = await startRegistry(["--log"]);
  writeFileSync(
    join(registry.data, "upstreams.conf"),
    `//${new URL(verdaccio.url).host}/:_authToken=${verdaccio.token}\n`,
    { mode: 0o600 },
  );
  const admin = new Person();
  admin.unipkgOk(".", ["login", "--registry", registry.url], registry.token);
  const words = ["registry", "upstream", "add", "partner", verdaccio.url, "--for", "@partner"];
  admin.unipkgOk(".", [...words, "--for", "plain-words", "--inside", "--fresh", "0"]);
  admin.unipkgOk(".", ["registry", "account", "bob"]);
  const token = admin.unipkgOk(".", ["token", "create", "--account", "bob"]).stdout.trim();

  const developer = () => {
    const bob = new Person();
    bob.unipkgOk(".", ["login", "--registry", registry.url, "--scope", "@partner"], token);
    bob.write({
      ...app("@partner/four", registry.url),
      "user/package.json":
        '{"name":"user","version":"1.0.0","dependencies":{"@partner/four":"^1.0.0","plain-words":"^1.0.0"}}',
      ".home/npmrc": `registry=${registry.url}\n//127.0.0.1:${registry.port}/:_authToken=${token}\n`,
    });
    return bob;
  };
  const bob = developer();
  expect(bob.unipkgOk("app", ["solve"]).stdout).toContain("@partner/four");
  expect(bob.unipkgOk("app", ["dev", "--once"]).stdout).toContain("4");
  // Found by what it provides, without its name: no registry of npm's protocol can tell that.
  expect(bob.unipkgOk("app", ["search", "random"]).stdout).toContain("@partner/four");
  bob.npmOk("user", "install", "--no-audit", "--no-fund");
  expect(bob.run("cat", ["node_modules/plain-words/index.js"], "user", "").stdout).toContain(
    "plain",
  );
  const lock = bob.run("cat", ["package-lock.json"], "user", "").stdout;
  expect(lock).toContain(`${registry.url}plain-words/-/plain-words-1.0.0.tgz`);
  expect(lock).not.toContain(verdaccio.url);
  const listed = admin.unipkgOk(".", ["registry", "upstream", "list"]).stdout;
  expect(listed).toContain("@partner, plain-words; for all with a token; 2 packages here");

  // The next one comes when Verdaccio is gone.
  await verdaccio.stop();
  const late = developer();
  const installed = late.npmOk("user", "install", "--no-audit", "--no-fund");
  expect(`${installed.stdout}${installed.stderr}`).toContain(
    "its upstream partner does not answer",
  );
  const solved = late.unipkgOk("app", ["solve"]);
  expect(solved.stdout).toContain("@partner/four");
  expect(solved.stderr).toContain("its upstream partner does not answer");
  expect(late.unipkgOk("app", ["dev", "--once"]).stdout).toContain("4");
  // What is not here is not there, and nobody falls through to another place.
  late.write(app("@partner/five", registry.url));
  expect(late.unipkg("app", ["solve"]).stderr).toContain("UP850");

  admin.unipkgOk(".", ["registry", "upstream", "drop", "@partner/four"]);
  expect(late.unipkg("app", ["info", "@partner/four"]).stderr).toContain("UP850");
  admin.unipkgOk(".", ["registry", "upstream", "remove", "partner"]);
  expect(admin.unipkgOk(".", ["registry", "verify", "--data", registry.data]).status).toBe(0);
});

test("through us from another registry of ours, and what is withdrawn there is withdrawn here", {
  timeout: 300_000,
}, async () => {
  const there = await startRegistry();
  const partner = new Person();
  partner.unipkgOk(".", ["login", "--registry", there.url, "--scope", "@partner"], there.token);
  partner.write(four("@partner/four"));
  partner.unipkgOk("four", ["publish"]);
  const here = await startRegistry();
  writeFileSync(
    join(here.data, "upstreams.conf"),
    `//127.0.0.1:${there.port}/:_authToken=${there.token}\n`,
    {
      mode: 0o600,
    },
  );
  const bob = new Person();
  bob.unipkgOk(".", ["login", "--registry", here.url, "--scope", "@partner"], here.token);
  const words = ["registry", "upstream", "add", "partner", there.url, "--for", "@partner"];
  bob.unipkgOk(".", [...words, "--inside", "--fresh", "0"]);
  // An account here knows no package there, and a policy has it wait no longer than the partner's own users.
  bob.write({
    ...app("@partner/four", here.url),
    "app/.unipkg-policy": "require signatures\nrequire log\n",
  });
  expect(bob.unipkgOk("app", ["solve"]).stdout).toContain("@partner/four");
  partner.unipkgOk("four", ["yank", "@partner/four@1.0.0"]);
  const audit = bob.unipkg("app", ["audit"]);
  expect([audit.status, `${audit.stdout}${audit.stderr}`]).toEqual([
    1,
    expect.stringContaining("withdrawn"),
  ]);
  partner.unipkgOk("four", ["unyank", "@partner/four@1.0.0"]);
  expect(bob.unipkg("app", ["audit"]).status).toBe(0);
});

test("two instances on PostgreSQL and an object store share what one of them fetched", {
  timeout: 300_000,
}, async () => {
  const database = await startPostgres();
  const store = await startObjectStore();
  const options = ["--database", database.url, "--blobs", store.address];
  const environment = { AWS_ACCESS_KEY_ID: store.key.id, AWS_SECRET_ACCESS_KEY: store.key.secret };
  const first = await startRegistry(options, undefined, environment);
  const data = join(testFolder(), "data");
  mkdirSync(data);
  copyFileSync(join(first.data, "keys.json"), join(data, "keys.json"));
  const second = await startRegistry(options, { data, token: first.token }, environment);
  const upstream = await fakeUpstream({
    "@partner/x": {
      "1.0.0": {
        manifest: { unipkg: { kind: "library", module: "a.ts" } },
        files: { "a.ts": "export function roll(): u32 { return 4; }\n" },
      },
    },
  });
  const terms = { url: upstream.url, patterns: ["@partner"], inside: true };
  const [one, other] = [speaker(first), speaker(second)];
  expect((await one("-/unipkg/upstreams/partner", "PUT", terms)).status).toBe(200);
  // Both at once: one of them takes it in, and both have it.
  const index = "-/unipkg/index/@partner%2fx";
  const both = await Promise.all([one(index), other(index), one(index), other(index)]);
  for (const { text } of both) expect(text).toContain('"released"');
  const published = (await one("-/unipkg/log?after=0")).text.match(/"type":"published"/g);
  expect(published).toHaveLength(1);
  upstream.answer = () => ({ status: 500, body: "{}" });
  await first.running.stop();
  expect((await other(index)).text).toBe(both[0]!.text);
  expect((await other("@partner/x/-/x-1.0.0.tgz")).status).toBe(200);
});
