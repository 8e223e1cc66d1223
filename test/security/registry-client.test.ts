// What hostile, foreign and broken registries try at our client, each with the message that its user gets.
import { generateKeyPairSync, type KeyObject } from "node:crypto";
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import fc from "fast-check";
import { expect, test } from "vitest";
import { plainText } from "../../model/plain-text.ts";
import type { Problem, Result } from "../../model/problem.ts";
import { pack } from "../../registry/archive/pack.ts";
import { type Zone, zoneOfAddress, zoneOfHost } from "../../registry/client/address-zone.ts";
import { type RegistryConfig, readConfig } from "../../registry/client/config.ts";
import { DownloadCache } from "../../registry/client/download-cache.ts";
import { httpLimits } from "../../registry/client/http-client.ts";
import { readPackument } from "../../registry/client/packument.ts";
import { readProviderList } from "../../registry/client/provider-list.ts";
import { Registries } from "../../registry/client/registries.ts";
import type { NetworkMode } from "../../registry/client/remote-documents.ts";
import { TrustStore } from "../../registry/client/trust-store.ts";
import { integrityOf } from "../../registry/integrity.ts";
import { sriOf } from "../../registry/protocol/digest.ts";
import { parseIndexLine } from "../../registry/protocol/index-line.ts";
import { parseTypes } from "../../registry/protocol/types-document.ts";
import { keyScheme, registryKeyOf, signVersion } from "../../registry/trust/registry-key.ts";
import { defaultTrust } from "../../registry/trust/trust-policy.ts";
import { type FakeAnswer, type FakeRegistry, fakeRegistry } from "../support/fake-registry.ts";
import { testFolder } from "../support/unipkg.ts";

const name = "@acme/x";
const manifest = {
  name,
  version: "1.0.0",
  unipkg: { kind: "target", target: { backend: "none" } },
};
const files = [{ path: "package.json", bytes: Buffer.from(JSON.stringify(manifest)) }];
const archive = pack(files);

/** An honest line of our index, and what an attack changes of it. */
function line(changes: object = {}): string {
  return JSON.stringify({
    package: manifest,
    integrity: integrityOf(files),
    archive: sriOf(archive),
    size: archive.length,
    types: null,
    effects: [],
    published: "2026-01-01T00:00:00Z",
    ...changes,
  });
}

function packument(dist: object, changes: object = {}): string {
  const version = {
    ...manifest,
    dist: { tarball: "-/x.tgz", integrity: sriOf(archive), ...dist },
    ...changes,
  };
  return JSON.stringify({ name, versions: { "1.0.0": version } });
}

const config = '{"format":1}';

/** A registry with our index, an archive, and whatever an attack puts in their place. */
function ours(answers: Readonly<Record<string, FakeAnswer>>): Promise<FakeRegistry> {
  const honest: Readonly<Record<string, FakeAnswer>> = {
    "/-/unipkg/config.json": { body: config },
    "/-/unipkg/index/@acme%2fx": { body: `${line()}\n` },
    "/@acme/x/-/x-1.0.0.tgz": { body: archive },
  };
  return fakeRegistry((path) => answers[path] ?? honest[path] ?? null);
}

function settings(text: string): RegistryConfig {
  const read = readConfig({ path: "config", text }, null, {});
  if (!read.ok) throw new Error(read.problems[0]!.message);
  return read.value;
}

function client(
  of: RegistryConfig,
  mode: NetworkMode = "online",
  cache = testFolder(),
): Registries {
  const limits = { ...httpLimits, attempts: 2, pause: 1, grace: 2500, silence: 10_000 };
  return new Registries(of, new DownloadCache(cache), mode, {}, null, limits);
}

/** Asks for the package and brings its files. */
async function obtain(server: FakeRegistry, more = ""): Promise<Result<unknown>> {
  const registries = client(settings(`@acme:registry=${server.url}\n${more}`));
  try {
    const versions = await registries.at(server.url).versions(name);
    if (!versions.ok) return versions;
    if (versions.value.length === 0) return { ok: true, value: registries.at(server.url).refused };
    return await registries.obtain(versions.value[0]!);
  } finally {
    await registries.close();
  }
}

function told(problems: readonly Problem[], ...servers: readonly FakeRegistry[]): string {
  let text = problems
    .map(({ code, message, details = [] }) => [`${code} ${message}`, ...details].join("\n    "))
    .join("\n");
  for (const [at, { url }] of servers.entries()) text = text.replaceAll(url, `http://SERVER${at}/`);
  // What zlib makes differs from version to version.
  text = text.replaceAll(/sha512-\S+/g, "sha512-…").replaceAll(/\d+ bytes of/g, "so many bytes of");
  return text.replaceAll(/127\.0\.0\.1:\d+/g, "HOST");
}

test("an honest registry is believed", async () => {
  expect(await obtain(await ours({}))).toMatchObject({
    ok: true,
    value: { folder: expect.any(String) },
  });
});

const other = pack([
  {
    path: "package.json",
    bytes: Buffer.from(JSON.stringify({ ...manifest, description: "other" })),
  },
]);
const attacks: Readonly<Record<string, Readonly<Record<string, FakeAnswer>>>> = {
  "an archive with other bytes": { "/@acme/x/-/x-1.0.0.tgz": { body: other } },
  "an archive that is cut off": { "/@acme/x/-/x-1.0.0.tgz": { body: archive.subarray(0, 60) } },
  "an index that lies about the manifest": {
    "/-/unipkg/index/@acme%2fx": { body: line({ package: { ...manifest, license: "ISC" } }) },
  },
  "an index that lies about the content": {
    "/-/unipkg/index/@acme%2fx": { body: line({ integrity: sriOf(Buffer.from("other")) }) },
  },
  "an archive that is no archive": {
    "/-/unipkg/index/@acme%2fx": { body: line({ archive: sriOf(Buffer.from("no")) }) },
    "/@acme/x/-/x-1.0.0.tgz": { body: "no" },
  },
  "an index of another package": {
    "/-/unipkg/index/@acme%2fx": { body: line({ package: { ...manifest, name: "@acme/y" } }) },
  },
  "SHA-1 alone": {
    "/-/unipkg/index/@acme%2fx": { body: line({ archive: "sha1-2jmj7l5rSw0yVb/vlWAYkK/YBwk=" }) },
  },
  "two SHA-512": {
    "/-/unipkg/index/@acme%2fx": { body: line({ archive: `${sriOf(other)} ${sriOf(archive)}` }) },
  },
  "one version twice": { "/-/unipkg/index/@acme%2fx": { body: `${line()}\n${line()}\n` } },
  "an index that is a page for people": { "/-/unipkg/index/@acme%2fx": { body: "<html>" } },
  "an index that drips": { "/-/unipkg/index/@acme%2fx": { body: line(), drip: 20 } },
  "a server error": { "/-/unipkg/index/@acme%2fx": { status: 503 } },
  "no permission": {
    "/-/unipkg/index/@acme%2fx": { status: 401, body: '{"error":"\\u001b[2Jlog in"}' },
  },
  "redirects without end": {
    "/-/unipkg/index/@acme%2fx": {
      status: 302,
      headers: { location: "/-/unipkg/index/@acme%2fx" },
    },
  },
  "a redirect to what only this machine's link answers": {
    "/@acme/x/-/x-1.0.0.tgz": {
      status: 302,
      headers: { location: "http://169.254.169.254/latest/meta-data" },
    },
  },
  "a redirect to the same in IPv6": {
    "/@acme/x/-/x-1.0.0.tgz": {
      status: 302,
      headers: { location: "http://[::ffff:169.254.169.254]/latest/meta-data" },
    },
  },
  "a range that takes time": {
    "/-/unipkg/index/@acme%2fx": {
      body: line({
        package: {
          ...manifest,
          unipkg: { kind: "library", module: "a.ts", requires: { y: "1 || ".repeat(200_000) } },
        },
      }),
    },
  },
  "ten thousand requirements": {
    "/-/unipkg/index/@acme%2fx": {
      body: line({
        package: {
          ...manifest,
          unipkg: {
            ...{ kind: "library", module: "a.ts" },
            requires: Object.fromEntries(
              Array.from({ length: 10_000 }, (_, index) => [`p${index}`, "*"]),
            ),
          },
        },
      }),
    },
  },
  "more bytes than an index may have": {
    "/-/unipkg/config.json": { body: Buffer.alloc(1 << 17, 32) },
  },
  "a redirect to a file": {
    "/@acme/x/-/x-1.0.0.tgz": { status: 302, headers: { location: "file:///etc/passwd" } },
  },
};

test("each attack of a registry has its message", { timeout: 60_000 }, async () => {
  const messages: string[] = [];
  for (const [what, answers] of Object.entries(attacks)) {
    const server = await ours(answers);
    const result = await obtain(server);
    messages.push(`${what}\n  ${result.ok ? "accepted" : told(result.problems, server)}`);
  }
  expect(messages.join("\n")).toMatchSnapshot();
});

test("a scope's registry alone is asked, whatever it answers", async () => {
  const everything = await fakeRegistry(() => ({ body: packument({}) }));
  for (const status of [404, 500]) {
    const own = await fakeRegistry((path) =>
      path === "/-/unipkg/config.json" ? { body: config } : { status, body: "{}" },
    );
    const registries = client(settings(`registry=${everything.url}\n@acme:registry=${own.url}`));
    const url = registries.config.registryOf(name)!;
    expect(url).toBe(own.url);
    const versions = await registries.at(url).versions(name);
    expect(versions.ok ? versions.value : versions.problems[0]!.code).toEqual(
      status === 404 ? [] : "UP804",
    );
    await registries.close();
  }
  expect(everything.requests).toEqual([]);
});

test("a token goes to its own address and nowhere else", async () => {
  const evil = await fakeRegistry(() => ({ body: archive }));
  const server = await ours({
    "/@acme/x/-/x-1.0.0.tgz": { status: 302, headers: { location: `${evil.url}x.tgz` } },
  });
  const host = new URL(server.url).host;
  expect(await obtain(server, `//${host}/:_authToken=secret`)).toMatchObject({ ok: true });
  expect(server.requests.every(({ headers }) => headers.authorization === "Bearer secret")).toBe(
    true,
  );
  expect(evil.requests).toHaveLength(1);
  expect(JSON.stringify(evil.requests)).not.toContain("secret");
});

test("a token is for its path", async () => {
  const of = settings("//host.example/team/:_authToken=team\n//host.example/:_authToken=all\n");
  expect(of.credentialFor("https://host.example/team/x")).toMatchObject({ token: "team" });
  expect(of.credentialFor("https://host.example/teams/x")).toMatchObject({ token: "all" });
  expect(of.credentialFor("https://host.example:8443/team/x")).toBeNull();
  expect(of.credentialFor("https://evil.example/host.example/team/")).toBeNull();
});

test("no token goes over plain http to another machine", async () => {
  const registries = client(
    settings("@acme:registry=http://registry.example/\n//registry.example/:_authToken=secret"),
  );
  const versions = await registries.at("http://registry.example/").versions(name);
  expect(versions.ok ? "" : told(versions.problems)).toMatchInlineSnapshot(
    `"UP808 http://registry.example/-/unipkg/config.json is to get a token over plain http, which others can read"`,
  );
  await registries.close();
});

test("an archive on another host is not fetched", async () => {
  const evil = await fakeRegistry(() => ({ body: archive }));
  const server = await fakeRegistry((path) =>
    path === "/@acme%2fx" ? { body: packument({ tarball: `${evil.url}x.tgz` }) } : null,
  );
  const result = await obtain(server);
  expect(result.ok ? "" : told(result.problems, server, evil)).toMatchInlineSnapshot(
    `"UP808 http://SERVER0/ says that the archive of @acme/x@1.0.0 is on another host, at http://SERVER1/x.tgz"`,
  );
  expect(evil.requests).toEqual([]);
  expect((await obtain(server, `//${new URL(server.url).host}/:archives=${evil.url}`)).ok).toBe(
    true,
  );
});

test("a project's file names registries, and nothing else", () => {
  const user = { path: "config", text: "@acme:registry=https://acme.example/" };
  const problems = (text: string) => {
    const read = readConfig(user, { path: ".unipkgrc", text }, { HOME: "/home/ann" });
    return read.ok ? "accepted" : told(read.problems);
  };
  const lines = [
    "@other:registry=https://other.example/",
    "//evil.example/:_authToken=abc",
    "//acme.example/:tokenHelper=/tmp/evil",
    `@other:registry=https://evil.example/$${"{HOME}"}/`,
    "@acme:registry=https://evil.example/",
    "cafile=/tmp/evil.pem",
    "nonsense",
  ];
  expect(lines.map((text) => `${text}\n  ${problems(text)}`).join("\n")).toMatchInlineSnapshot(`
    "@other:registry=https://other.example/
      accepted
    //evil.example/:_authToken=abc
      UP807 \`//evil.example/:_authToken\` has no place in a project's file
    //acme.example/:tokenHelper=/tmp/evil
      UP807 \`//acme.example/:tokenHelper\` has no place in a project's file
    @other:registry=https://evil.example/\${HOME}/
      UP807 \`@other:registry\` must be an http address, without variables
    @acme:registry=https://evil.example/
      UP807 @acme belongs to https://acme.example/ by your own file, and to https://evil.example/ by the project's
    cafile=/tmp/evil.pem
      UP807 \`cafile\` has no place in a project's file
    nonsense
      UP807 a line must be key=value"
  `);
});

test("what was fetched is used again only when it is whole", async () => {
  const server = await ours({});
  const cache = testFolder();
  const of = settings(`@acme:registry=${server.url}`);
  const first = client(of, "online", cache);
  const versions = await first.at(server.url).versions(name);
  if (!versions.ok) throw new Error("no versions");
  const [version] = versions.value;
  const opened = await first.obtain(version!);
  expect(opened.ok).toBe(true);
  await first.close();
  // Somebody, or a broken disk, changes a file that was unpacked.
  writeFileSync(join(first.folderOf(version!), "extra.ts"), "export {}");
  const offline = client(of, "offline", cache);
  expect((await offline.at(server.url).versions(name)).ok).toBe(true);
  expect((await offline.obtain(version!)).ok).toBe(true);
  expect(await client(of, "offline").at(server.url).versions(name)).toMatchObject({
    ok: false,
    problems: [{ code: "UP811" }],
  });
  // A process that was killed while it unpacked leaves parts, which nobody takes for a package.
  mkdirSync(`${first.folderOf(version!)}.x.part`, { recursive: true });
  expect((await offline.obtain(version!)).ok).toBe(true);
});

test("a foreign registry without etags, times and tags is understood", async () => {
  const server = await fakeRegistry((path) =>
    path === "/@acme%2fx"
      ? { body: packument({ signatures: undefined }) }
      : path === "/-/x.tgz"
        ? { body: archive }
        : null,
  );
  expect(await obtain(server)).toMatchObject({ ok: true });
  expect(server.requests.find(({ path }) => path === "/@acme%2fx")!.headers.accept).not.toContain(
    "install-v1",
  );
});

function providerList(providers: unknown): string {
  const version = { unipkgProviders: { format: 1, providers } };
  return JSON.stringify({ "dist-tags": { latest: "1.0.0" }, versions: { "1.0.0": version } });
}

test("a list of providers speaks for its own scope, and of packages", () => {
  const names = [name, "@other/x", "x", "@acme/../x", "@acme/X", 7, null, "__proto__"];
  const { list } = readProviderList(providerList({ random: names }), "acme");
  expect([...list]).toEqual([["random", [name]]]);
  expect(() => readProviderList(providerList({ random: "x" }), "acme")).toThrow("is no list");
  expect(() => readProviderList(providerList([]), "acme")).toThrow("providers is not an object");
  expect(() => readProviderList(packument({}), "acme")).toThrow("dist-tags is not an object");
});

test("readers of strangers' documents never throw anything but a sentence", () => {
  const json = fc.jsonValue({ maxDepth: 6 });
  const spoiled = fc.tuple(
    json,
    fc.constantFrom(
      "name",
      "versions",
      "dist",
      "package",
      "archive",
      "effects",
      "types",
      "signatures",
      "__proto__",
    ),
    json,
  );
  const readers: readonly ((text: string) => unknown)[] = [
    (text) => readPackument(text, name, "https://r.example/", () => {}),
    (text) => parseIndexLine(text, name),
    (text) => parseTypes(text),
    (text) => readProviderList(text, "acme"),
  ];
  const never = (text: string) => {
    for (const read of readers) {
      try {
        read(text);
      } catch (error) {
        expect(error).toBeInstanceOf(Error);
        expect(error).not.toBeInstanceOf(RangeError);
      }
    }
  };
  fc.assert(
    fc.property(
      fc.oneof(
        fc.string(),
        json.map((value) => JSON.stringify(value)),
      ),
      never,
    ),
    { numRuns: Number(process.env["UNIPKG_CASES"] ?? 300), seed: 7 },
  );
  fc.assert(
    fc.property(spoiled, ([value, key, other]) => {
      for (const text of [line(), packument({}), providerList({ random: [name] })]) {
        const document = JSON.parse(text) as Record<string, unknown>;
        document[key] = value;
        never(JSON.stringify(document));
        never(
          JSON.stringify({ ...document, versions: { "1.0.0": { ...manifest, [key]: other } } }),
        );
      }
    }),
    { numRuns: Number(process.env["UNIPKG_CASES"] ?? 300), seed: 7 },
  );
  never(`{"name":"@acme/x","versions":${"[".repeat(100_000)}`);
});

test("an index on this machine that is too old for the lockfile is fetched anew", async () => {
  let versions = ["1.0.0"];
  const server = await fakeRegistry((path) => {
    if (path === "/-/unipkg/config.json") return { body: config };
    const lines = versions.map((version) => line({ package: { ...manifest, version } }));
    return path === "/-/unipkg/index/@acme%2fx" ? { body: lines.join("\n") } : null;
  });
  const cache = testFolder();
  const of = settings(`@acme:registry=${server.url}`);
  const ask = async (mode: NetworkMode, needed: readonly string[]) => {
    const registries = client(of, mode, cache);
    const answer = await registries.at(server.url).versions(name, needed);
    await registries.close();
    return answer.ok ? answer.value.map(({ version }) => version) : answer.problems[0]!.code;
  };
  expect(await ask("online", [])).toEqual(["1.0.0"]);
  versions = ["1.0.0", "1.1.0"];
  expect(await ask("prefer-offline", ["1.0.0"])).toEqual(["1.0.0"]);
  expect(await ask("offline", ["1.1.0"])).toEqual(["1.0.0"]);
  expect(await ask("prefer-offline", ["1.1.0"])).toEqual(["1.0.0", "1.1.0"]);
});

test("how far inside an address leads", async () => {
  const zones: Readonly<Record<Zone, readonly string[]>> = {
    0: ["1.1.1.1", "172.32.0.1", "2606:4700::1111", "nonsense"],
    1: ["10.1.2.3", "172.16.0.1", "172.31.255.255", "192.168.0.1", "100.64.0.1", "fd00::1"],
    2: ["127.0.0.1", "127.9.9.9", "::1", "::ffff:127.0.0.1"],
    3: ["169.254.169.254", "0.0.0.0", "fe80::1", "fe80::1%eth0", "::", "::ffff:a9fe:a9fe"],
  };
  for (const [zone, addresses] of Object.entries(zones)) {
    for (const address of addresses) {
      expect(zoneOfAddress(address), address).toBe(Number(zone));
    }
  }
  // Other spellings of an address are one once a URL has them.
  for (const host of [
    "2130706433",
    "0x7f.1",
    "127.1",
    "[::ffff:7f00:1]",
    "localhost",
    "a.localhost.",
  ]) {
    expect(await zoneOfHost(new URL(`http://${host}/`).hostname), host).toBe(2);
  }
});

test("what was fetched with one token is not shown to another", async () => {
  const server = await ours({});
  const cache = testFolder();
  const host = new URL(server.url).host;
  const as = (token: string) =>
    settings(`@acme:registry=${server.url}\n//${host}/:_authToken=${token}`);
  const ann = client(as("ann"), "online", cache);
  expect(await ann.at(server.url).versions(name)).toMatchObject({ ok: true, value: [{ name }] });
  await ann.close();
  const offline = async (token: string) => {
    const registries = client(as(token), "offline", cache);
    const versions = await registries.at(server.url).versions(name);
    await registries.close();
    return versions.ok ? "shown" : versions.problems[0]!.code;
  };
  expect(await offline("ann")).toBe("shown");
  expect(await offline("eve")).toBe("UP811");
});

test("what strangers write moves no cursor", async () => {
  const hostile = "\u001b[2J\u202e\u0007gone";
  const server = await ours({
    "/-/unipkg/index/@acme%2fx": {
      body: line({ package: { ...manifest, description: `a ${hostile}` }, deprecated: hostile }),
    },
  });
  const registries = client(settings(`@acme:registry=${server.url}`));
  const versions = await registries.at(server.url).versions(name);
  await registries.close();
  expect(versions).toMatchObject({
    ok: true,
    value: [{ manifest: { description: "a [2Jgone", deprecated: "[2Jgone" } }],
  });
  for (let code = 0; code <= 0xffff; code++) {
    const isControl = (code < 0x20 && code !== 0x0a) || (code >= 0x7f && code < 0xa0);
    const turns = [0x61c, 0x200e, 0x200f].includes(code) || (code >= 0x202a && code <= 0x202e);
    const isolates = code >= 0x2066 && code <= 0x2069;
    const letter = String.fromCharCode(code);
    expect(plainText(`a${letter}b`), code.toString(16)).toBe(
      isControl || turns || isolates ? "ab" : `a${letter}b`,
    );
  }
});

test("names of what every object has are names like others", async () => {
  for (const hostile of ["__proto__", "constructor", "toString", "hasOwnProperty"]) {
    const body = line({
      package: {
        ...manifest,
        unipkg: { kind: "library", module: "a.ts", requires: { [hostile]: "*" } },
      },
    });
    const result = await obtain(await ours({ "/-/unipkg/index/@acme%2fx": { body } }));
    expect(result.ok, hostile).toBe(false);
  }
  expect(({} as Record<string, unknown>)["polluted"]).toBeUndefined();
});

test("a foreign registry's keys are pinned, and new ones vouched for by nobody are not believed", async () => {
  const pair = () => generateKeyPairSync("ec", { namedCurve: "P-256" }).privateKey;
  let [signer, listed] = [pair(), [] as KeyObject[]];
  listed = [signer];
  const server = await fakeRegistry((path) => {
    if (path === "/@acme%2fx") {
      const signatures = [signVersion(name, "1.0.0", sriOf(archive), signer)];
      return { body: packument({ signatures }) };
    }
    if (path === "/-/npm/v1/keys") {
      const keys = listed.map((key) => ({
        ...registryKeyOf(key),
        scheme: keyScheme,
        expires: null,
      }));
      return { body: JSON.stringify({ keys }) };
    }
    return path === "/-/x.tgz" ? { body: archive } : null;
  });
  const state = testFolder();
  const notices: string[] = [];
  const look = async () => {
    const trust = {
      ...{ policy: { ...defaultTrust, signatures: { except: [] } }, store: new TrustStore(state) },
      ...{ now: 0, notice: (text: string) => void notices.push(text) },
    };
    const of = settings(`@acme:registry=${server.url}`);
    const registries = new Registries(of, new DownloadCache(testFolder()), "online", {}, trust);
    const versions = await registries.at(server.url).versions(name);
    const verified = versions.ok ? await registries.verify(versions.value) : versions;
    await registries.close();
    return verified.ok
      ? "believed"
      : told(verified.problems, server).replaceAll(/SHA256:[\w+/]+/g, "SHA256:…");
  };
  expect(await look()).toBe("believed");
  expect(notices.length).toBe(1);
  signer = pair();
  expect(await look()).toMatchInlineSnapshot(
    `"UP826 @acme/x@1.0.0 of http://SERVER0/ has a signature of SHA256:…, a key that the registry does not have"`,
  );
  listed = [...listed, signer];
  expect(await look()).toMatchInlineSnapshot(`
    "UP825 http://SERVER0/ signs with keys that this machine does not know, and nothing vouches for them
        SHA256:…"
  `);
});
