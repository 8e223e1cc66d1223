// What a registry, or somebody in front of it, tries at clients that know it: to go back in time, to stand still, to show
// another history, other keys, versions that are in no log. Each with the message that a user gets.
import { generateKeyPairSync } from "node:crypto";
import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import type { Problem } from "../../model/problem.ts";
import { readConfig } from "../../registry/client/config.ts";
import { DownloadCache } from "../../registry/client/download-cache.ts";
import { httpLimits } from "../../registry/client/http-client.ts";
import { Registries } from "../../registry/client/registries.ts";
import type { NetworkMode } from "../../registry/client/remote-documents.ts";
import { TrustStore } from "../../registry/client/trust-store.ts";
import { makeProvenance } from "../../registry/trust/provenance.ts";
import { keyScheme, registryKeyOf } from "../../registry/trust/registry-key.ts";
import { readTrust, type TrustPolicy } from "../../registry/trust/trust-policy.ts";
import { History, LoggedRegistry, published } from "../support/logged-registry.ts";
import { testFolder } from "../support/unipkg.ts";

const start = Date.parse("2026-02-01T00:00:00Z");
const hour = 3_600_000;
const day = 24 * hour;

function policyOf(text: string): TrustPolicy {
  const read = readTrust([{ name: ".unipkg-policy", folder: "/", text }], join);
  if (!read.ok) throw new Error(read.problems[0]!.message);
  return read.value;
}

/** A machine that knows what it has seen. */
class Machine {
  readonly state = testFolder();
  readonly notices: string[] = [];
  #cache = testFolder();

  /** Verifies all versions of a registry, as before a plan is used. */
  async look(
    { server }: LoggedRegistry,
    now: number,
    policy = "",
    mode: NetworkMode = "online",
  ): Promise<readonly Problem[]> {
    const config = readConfig({ path: "config", text: `@acme:registry=${server.url}` }, null, {});
    if (!config.ok) throw new Error("no configuration");
    const trust = {
      policy: policyOf(policy.replaceAll("URL", server.url)),
      store: new TrustStore(this.state),
      now,
      notice: (text: string) => void this.notices.push(text.replaceAll(server.url, "URL/")),
    };
    const limits = { ...httpLimits, attempts: 1 };
    const cache = new DownloadCache(this.#cache);
    const registries = new Registries(config.value, cache, mode, {}, trust, limits);
    try {
      const versions = await registries.at(server.url).versions("@acme/x");
      if (!versions.ok) return versions.problems;
      const old = registries.oldEnough(versions.value, []);
      const verified = await registries.verify(old);
      return verified.ok ? [] : verified.problems;
    } finally {
      await registries.close();
    }
  }

  /** Has what it fetched deleted; not what it knows. */
  clean(): void {
    this.#cache = testFolder();
  }
}

function told(problems: readonly Problem[], { server }: LoggedRegistry): string {
  const text = problems
    .map(({ code, message, details = [], hint }) =>
      [`${code} ${message}`, ...details, `hint: ${hint ?? ""}`].join("\n    "),
    )
    .join("\n  ");
  return text
    .replaceAll(server.url, "URL/")
    .replaceAll(/\/\S*head-(\d+)-\w+\.note/g, "STATE/head-$1.note")
    .replaceAll(/\/\S*refused-\w+\.note/g, "STATE/refused.note")
    .replaceAll(/SHA256:[\w+/]+/g, "SHA256:…")
    .replaceAll(/registry\.example\/log\+\w+\+\S+?(?=,|$)/gm, "VERIFIER");
}

/** A registry with two versions that a machine has seen. */
async function seen(policy = ""): Promise<{ registry: LoggedRegistry; machine: Machine }> {
  const history = new History();
  history.publish("1.0.0");
  history.publish("1.1.0");
  const registry = await LoggedRegistry.start(history, start);
  const machine = new Machine();
  expect(await machine.look(registry, start, policy)).toEqual([]);
  return { registry, machine };
}

test("an honest registry is believed, while its log grows", async () => {
  const { registry, machine } = await seen("require log\nrequire signatures");
  expect(machine.notices.map((text) => text.replace(/key \S+$/, "key …"))).toEqual([
    "URL/ is new to this machine: its log is trusted from now on by the key …",
  ]);
  for (let count = 0; count < 300; count++) registry.history.add("account:x", { count });
  for (const version of ["1.2.0", "1.3.0"]) {
    registry.history.publish(version);
    expect(await machine.look(registry, start)).toEqual([]);
  }
  machine.clean();
  expect(await machine.look(registry, start)).toEqual([]);
  expect(machine.notices.length).toBe(1);
  // One head is kept, not one for each time.
  const [folder] = readdirSync(machine.state);
  expect(readdirSync(join(machine.state, folder!)).sort()).toEqual([
    expect.stringMatching(/^head-305-/),
    "registry.json",
  ]);
});

const other = new History();

/** What a registry that was honest does to a machine that knows it. */
const attacks: Readonly<Record<string, (registry: LoggedRegistry) => string | undefined>> = {
  "rollback: an old copy of the registry": (registry) => {
    const { log, versions } = registry.history;
    const old = Object.assign(new History(), { log, versions });
    old.publish("1.0.0");
    registry.history = old;
    return undefined;
  },
  "rollback: an old head, that was signed once": (registry) => {
    const { history, instead } = registry;
    const tree = history.tree;
    const size = 2;
    const old = new History(history);
    old.lines.length = size;
    instead.set("/-/unipkg/log/checkpoint", { body: old.checkpoint(start, tree.root(size)) });
    return undefined;
  },
  "freeze: the head of a month ago": (registry) => {
    registry.time = start - 31 * day;
    return undefined;
  },
  "freeze: a day is too long for the policy": (registry) => {
    registry.time = start - 25 * hour;
    return "require log within 24 hours";
  },
  "freeze: a head without a time": ({ history, instead }) => {
    const lines = history.checkpoint(start).split("\n");
    instead.set("/-/unipkg/log/checkpoint", { body: `${lines.slice(0, 5).join("\n")}\n` });
    return undefined;
  },
  "split view: another history of the same length": (registry) => {
    const forked = new History(registry.history);
    forked.lines.pop();
    forked.add("package:@acme/x", { type: "published", version: "6.6.6" });
    registry.history = forked;
    return undefined;
  },
  "split view: another history that is longer": (registry) => {
    const forked = new History(registry.history);
    forked.lines[1] = Buffer.from("something else");
    forked.publish("1.2.0");
    registry.history = forked;
    return undefined;
  },
  "a version that is in no log": ({ history }) => {
    history.publish("1.2.0", false);
    return undefined;
  },
  "an entry that is in no log": ({ history, instead }) => {
    history.publish("1.2.0");
    const entry = history.lines.pop()!;
    instead.set("/-/unipkg/log/published/@acme%2fx/1.2.0", { body: entry });
    history.add("account:x", {});
    return undefined;
  },
  "no log any more": ({ instead }) => {
    instead.set("/-/unipkg/log/checkpoint", { status: 404 });
    instead.set("/-/unipkg/config.json", { body: '{"format":1}' });
    return undefined;
  },
  "another key of the log": (registry) => {
    registry.history = Object.assign(new History(registry.history), { log: other.log });
    return undefined;
  },
  "a key that the policy does not name": () => `trust log URL ${other.verifier}`,
  "a head that somebody changed": ({ history, instead }) => {
    const body = history.checkpoint(start).replace(/^3$/m, "4");
    instead.set("/-/unipkg/log/checkpoint", { body });
    return undefined;
  },
  "tiles of garbage": ({ history, instead }) => {
    history.publish("1.2.0");
    instead.set("/-/unipkg/log/tile/0/000.p/4", { body: Buffer.alloc(4 * 32, 7) });
    return undefined;
  },
  "tiles that are cut off": ({ history, instead }) => {
    history.publish("1.2.0");
    instead.set("/-/unipkg/log/tile/0/000.p/4", { body: Buffer.alloc(31) });
    return undefined;
  },
  "a version that is signed by nobody": ({ history }) => {
    history.publish("1.2.0", true, null);
    return "require signatures";
  },
  "a version that is signed by somebody else": ({ history }) => {
    history.publish("1.2.0", true, other.versions);
    return undefined;
  },
  "a key that is in no log": ({ history, instead }) => {
    history.publish("1.2.0", true, other.versions);
    const keys = [history.versions, other.versions].map((key) => ({
      ...registryKeyOf(key),
      ...{ scheme: keyScheme, expires: null },
    }));
    instead.set("/-/npm/v1/keys", { body: JSON.stringify({ keys }) });
    const path = `/-/unipkg/log/key/${encodeURIComponent(keys[1]!.keyid)}`;
    instead.set(path, { body: other.lines[0]! });
    return undefined;
  },
  "a signature over another archive": ({ history, instead }) => {
    const index = String(history.answer("/-/unipkg/index/@acme%2fx", 0)!.body).trim().split("\n");
    const [one, two] = index.map((line) => JSON.parse(line) as { signatures: unknown });
    one!.signatures = two!.signatures;
    instead.set("/-/unipkg/index/@acme%2fx", { body: JSON.stringify(one) });
    return undefined;
  },
  "a key that had expired": ({ history, instead }) => {
    const { keyid, key } = registryKeyOf(history.versions);
    const keys = [{ keyid, key, scheme: keyScheme, expires: published }];
    instead.set("/-/npm/v1/keys", { body: JSON.stringify({ keys }) });
    return undefined;
  },
  "no provenance, where it is asked for": () => "require provenance",
};

test("each attack of a registry that is known has its message", { timeout: 60_000 }, async () => {
  const messages: string[] = [];
  for (const [what, attack] of Object.entries(attacks)) {
    const { registry, machine } = await seen();
    const policy = attack(registry);
    const problems = await machine.look(registry, start, policy ?? "");
    expect(problems, what).not.toEqual([]);
    messages.push(`${what}\n  ${told(problems, registry)}`);
    // Nor does it work the second time: what was noticed is not forgotten.
    expect((await machine.look(registry, start, policy ?? "")).map(({ code }) => code)).toEqual(
      problems.map(({ code }) => code),
    );
  }
  expect(messages.join("\n")).toMatchSnapshot();
});

test("two processes that are shown different histories notice it", async () => {
  const { registry, machine } = await seen();
  const honest = registry.history;
  const fork = (version: string) => {
    const forked = new History(honest);
    forked.add("account:x", { version });
    forked.publish(version);
    return forked;
  };
  const registries = await Promise.all(
    ["2.0.0", "3.0.0"].map(async (version) => {
      const shown = await LoggedRegistry.start(fork(version), start);
      // The same address for both: what they show differs, as with two who are answered differently.
      return Object.assign(shown, { url: registry.server.url });
    }),
  );
  const store = new TrustStore(machine.state);
  const heads = registries.map(({ history }) => history.checkpoint(start));
  for (const note of heads) store.keep(registry.server.url, 5, note);
  registry.history = fork("2.0.0");
  const problems = await machine.look(registry, start);
  expect(problems.map(({ code }) => code)).toEqual(["UP822"]);
});

test("processes at the same time keep one head, and notice nothing", {
  timeout: 60_000,
}, async () => {
  const { registry, machine } = await seen();
  for (let round = 0; round < 5; round++) {
    const looks = Array.from({ length: 6 }, () => machine.look(registry, start));
    registry.history.publish(`1.${round + 2}.0`);
    looks.push(machine.look(registry, start), machine.look(registry, start));
    expect((await Promise.all(looks)).flat()).toEqual([]);
  }
  expect(await machine.look(registry, start)).toEqual([]);
  const [folder] = readdirSync(machine.state);
  const heads = readdirSync(join(machine.state, folder!)).filter((file) => file.startsWith("head"));
  expect(heads.length).toBe(1);
  expect(heads[0]).toMatch(/^head-8-/);
});

test("a state that is damaged is told, not forgotten", async () => {
  const { registry, machine } = await seen();
  const [folder] = readdirSync(machine.state);
  const pin = join(machine.state, folder!, "registry.json");
  const whole = readFileSync(pin, "utf8");
  writeFileSync(pin, whole.slice(0, 20));
  const codes = (problems: readonly Problem[]) => [...new Set(problems.map(({ code }) => code))];
  expect(codes(await machine.look(registry, start))).toEqual(["UP705"]);
  writeFileSync(pin, whole);
  const [head] = readdirSync(join(machine.state, folder!)).filter((file) => file.endsWith(".note"));
  writeFileSync(join(machine.state, folder!, head!), "nonsense");
  expect(codes(await machine.look(registry, start))).toEqual(["UP705"]);
});

test("offline, what was verified before is enough; what was not is told when a policy asks", async () => {
  const { registry, machine } = await seen();
  expect(await machine.look(registry, start, "require log\nrequire signatures", "offline")).toEqual(
    [],
  );
  registry.history.publish("1.2.0");
  expect(await machine.look(registry, start, "", "prefer-offline")).toEqual([]);
  const stranger = new Machine();
  expect((await stranger.look(registry, start, "", "offline")).map(({ code }) => code)).toEqual([
    "UP811",
  ]);
});

test("a new key is taken when the log vouches for it, and an old one keeps what it signed", async () => {
  const { registry, machine } = await seen("require signatures");
  const { history, instead } = registry;
  const next = generateKeyPairSync("ec", { namedCurve: "P-256" }).privateKey;
  const [old, fresh] = [registryKeyOf(history.versions), registryKeyOf(next)];
  const seq = history.add("keys:versions", { type: "key-added", ...fresh });
  history.publish("1.2.0", true, next);
  const keys = [
    { ...old, scheme: keyScheme, expires: "2026-01-15T00:00:00.000Z" },
    { ...fresh, scheme: keyScheme, expires: null },
  ];
  instead.set("/-/npm/v1/keys", { body: JSON.stringify({ keys }) });
  instead.set(`/-/unipkg/log/key/${encodeURIComponent(fresh.keyid)}`, {
    body: history.lines[seq - 1]!,
  });
  expect(await machine.look(registry, start, "require signatures")).toEqual([]);
  // The end of a key that was told once is not taken back.
  instead.set("/-/npm/v1/keys", {
    body: JSON.stringify({ keys: keys.map((key) => ({ ...key, expires: null })) }),
  });
  const store = new TrustStore(machine.state);
  expect(await machine.look(registry, start, "require signatures")).toEqual([]);
  expect(store.pinned(registry.server.url)!.keys[0]!.expires).toBe("2026-01-15T00:00:00.000Z");
});

test("provenance is believed when a key of the policy signed it, and is about this archive", async () => {
  const { registry, machine } = await seen();
  const build = generateKeyPairSync("ed25519");
  const folder = testFolder();
  const file = join(folder, "build.pub");
  writeFileSync(file, build.publicKey.export({ type: "spki", format: "pem" }));
  const line = JSON.parse(
    String(registry.history.answer("/-/unipkg/index/@acme%2fx", 0)!.body).split("\n")[1]!,
  ) as { archive: string };
  const index = registry.history.answer("/-/unipkg/index/@acme%2fx", 0)!;
  registry.instead.set("/-/unipkg/index/@acme%2fx", { body: String(index.body).split("\n")[1]! });
  const policy = `require provenance\ntrust provenance ${file}`;
  const subject = { name: "@acme/x", version: "1.1.0", archive: line.archive };
  const evil = generateKeyPairSync("ed25519").privateKey;
  const wrongArchive = { ...subject, archive: `sha512-${Buffer.alloc(64).toString("base64")}` };
  const offers: Readonly<Record<string, string>> = {
    "signed by somebody else": makeProvenance(subject, "p", {}, evil),
    "about another archive": makeProvenance(wrongArchive, "p", {}, build.privateKey),
    "about another version": makeProvenance(
      { ...subject, version: "1.0.0" },
      "p",
      {},
      build.privateKey,
    ),
    "no bundle": "{}",
    right: makeProvenance(subject, "p", {}, build.privateKey),
  };
  const messages: string[] = [];
  // What was wrong once is asked for again.
  for (const [what, bundle] of Object.entries(offers)) {
    registry.instead.set("/-/npm/v1/attestations/@acme%2fx@1.1.0", {
      body: JSON.stringify({ attestations: [{ bundle: JSON.parse(bundle) as unknown }] }),
    });
    const problems = await machine.look(registry, start, policy);
    messages.push(`${what}: ${problems.map(({ code, message }) => `${code} ${message}`).join()}`);
  }
  expect(messages.join("\n")).toMatchInlineSnapshot(`
    "signed by somebody else: UP827 @acme/x@1.1.0 has provenance that is signed by nobody whom the policy trusts
    about another archive: UP827 @acme/x@1.1.0 has provenance that is about an archive with other bytes
    about another version: UP827 @acme/x@1.1.0 has provenance that is about pkg:npm/%40acme/x@1.0.0, not pkg:npm/%40acme/x@1.1.0
    no bundle: UP827 @acme/x@1.1.0 has provenance that cannot be read: the bundle.mediaType must be a string
    right: "
  `);
});

test("a version that is too young is left out, and the user told", async () => {
  const { registry, machine } = await seen();
  const time = Date.parse(published) + 2 * day;
  registry.time = time;
  machine.notices.length = 0;
  expect(await machine.look(registry, time, "require age 3 days")).toEqual([]);
  expect(machine.notices.length).toBe(2);
  expect(machine.notices[0]).toMatchInlineSnapshot(
    `"@acme/x@1.0.0 is left out: it was published at 2026-01-01T00:00:00.000Z, and a policy wants 72 hours to have passed"`,
  );
  machine.notices.length = 0;
  await machine.look(registry, time, "require age 3 days except @acme/x");
  await machine.look(registry, time + day, "require age 3 days");
  expect(machine.notices).toEqual([]);
});
