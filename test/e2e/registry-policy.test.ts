// The policy of an organisation: what may be published, when it is offered, and applications that follow it.
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { Person, packageFiles, startRegistry } from "../support/registry.ts";
import { projectRoot, testFolder } from "../support/unipkg.ts";

const policy = `forbid effect:unsafe-memory except @acme/netfront   # reviewed
licences ISC, MIT
only publishers acme:walls for @acme/firewall
require age 3 days except @acme/urgent
`;

const block = { kind: "library", module: "src/a.ts" };
const peek = "export function peek(at: usize): u8 {\n  return load<u8>(at);\n}\n";
const plain = "export function one(): i32 {\n  return 1;\n}\n";

function library(name: string, version: string, source: string) {
  return packageFiles("lib", name, version, block, { "src/a.ts": source });
}

test("an organisation says what is published in its scope, and when it is offered", {
  timeout: 400_000,
}, async () => {
  const clock = join(testFolder(), "clock");
  writeFileSync(clock, "0");
  const shifted = {
    NODE_OPTIONS: `--import=${join(projectRoot, "test/support/shifted-clock.mjs")}`,
    UNIPKG_TEST_CLOCK: clock,
  };
  const registry = await startRegistry([], undefined, { ...process.env, ...shifted });
  const scope = ["--registry", registry.url, "--scope", "@acme"];
  const admin = new Person(shifted);
  admin.unipkgOk(".", ["login", ...scope], registry.token);
  admin.unipkgOk(".", ["registry", "org", "acme"]);
  const member = (name: string, role: string): Person => {
    admin.unipkgOk(".", ["registry", "account", name]);
    admin.unipkgOk(".", ["registry", "member", "acme", name, "--role", role]);
    const rights = role === "read" ? "read" : "publish";
    const words = ["token", "create", "--account", name, "--rights", rights];
    const token = admin.unipkgOk(".", words).stdout.trim();
    const person = new Person(shifted);
    person.unipkgOk(".", ["login", ...scope], token);
    person.write({
      ".home/npmrc": `@acme:registry=${registry.url}\n//127.0.0.1:${registry.port}/:_authToken=${token}\n`,
    });
    return person;
  };
  const [ann, bob, rob] = [
    member("ann", "publish"),
    member("bob", "publish"),
    member("rob", "read"),
  ];

  // Only administrators change it, members read it, mistakes are told where they are.
  admin.write({ "acme.policy": policy, "wrong.policy": "licences ISC\nforbid effect:magic\n" });
  const set = ["registry", "policy", "set", "acme"];
  expect(admin.unipkg(".", [...set, "wrong.policy"])).toMatchObject({
    status: 65,
    stderr: expect.stringContaining("wrong.policy:2:8"),
  });
  expect(rob.unipkg(".", ["registry", "policy", "show", "acme"]).stderr).toContain(
    "there is no policy of acme",
  );
  admin.unipkgOk(".", [...set, "acme.policy"]);
  bob.write({ "acme.policy": "forbid prereleases\n" });
  expect(bob.unipkg(".", [...set, "acme.policy"]).stderr).toContain("you may not change it");
  const shown = rob.unipkgOk(".", ["registry", "policy", "show", "acme"]);
  expect(shown.stdout).toBe(policy);
  expect(shown.stderr).toContain("set by admin, ");

  // What is refused is refused for npm, too, with the place and the line.
  bob.write(library("@acme/peek", "1.0.0", peek));
  const refused = bob.npm("lib", "publish");
  expect(refused.status).not.toBe(0);
  expect(refused.stderr).toContain(
    "UP865: @acme/peek@1.0.0 reads or writes memory by address in peek (src/a.ts:2:10)",
  );
  expect(refused.stderr).toContain("line 1: `forbid effect:unsafe-memory except @acme/netfront`");
  bob.write(library("@acme/netfront", "1.0.0", peek));
  bob.unipkgOk("lib", ["publish"]);
  bob.write(library("@acme/firewall", "1.0.0", plain));
  expect(bob.unipkg("lib", ["publish"]).stderr).toContain(
    "bob may not publish @acme/firewall: only acme:walls may",
  );
  admin.unipkgOk(".", ["registry", "team", "create", "acme:walls"]);
  admin.unipkgOk(".", ["registry", "team", "add", "acme:walls", "ann"]);
  ann.write(library("@acme/firewall", "1.0.0", plain));
  ann.unipkgOk("lib", ["publish"]);

  // Nobody is offered it yet, not even who published it; it is known to who wants to change it.
  const versionsFor = (person: Person, name: string) => {
    const seen = person.npm(".", "view", name, "versions", "--json");
    return [JSON.parse(seen.stdout === "" ? "[]" : seen.stdout)].flat();
  };
  expect(versionsFor(ann, "@acme/firewall")).toEqual([]);
  bob.write(library("@acme/urgent", "1.0.0", plain));
  bob.npmOk("lib", "publish");
  expect(versionsFor(rob, "@acme/urgent")).toEqual(["1.0.0"]);
  const day = 24 * 3_600_000;
  writeFileSync(clock, String(3 * day + 60_000));
  expect(versionsFor(rob, "@acme/firewall")).toEqual(["1.0.0"]);
  ann.write(
    library("@acme/firewall", "1.0.1", `${plain}export function two(): i32 { return 2; }\n`),
  );
  expect(ann.unipkg("lib", ["publish"]).status).not.toBe(0);
  ann.write(
    library("@acme/firewall", "1.1.0", `${plain}export function two(): i32 { return 2; }\n`),
  );
  ann.npmOk("lib", "publish");
  expect(versionsFor(rob, "@acme/firewall")).toEqual(["1.0.0"]);
  expect(rob.npmOk(".", "dist-tag", "ls", "@acme/firewall").stdout).toBe("latest: 1.0.0\n");
  expect(rob.npmOk(".", "search", "firewall", `--registry=${registry.url}`).stdout).not.toContain(
    "1.1.0",
  );
  rob.write({ "npm-app/package.json": '{"dependencies":{"@acme/firewall":"^1.0.0"}}' });
  rob.npmOk("npm-app", "install");
  expect(rob.npmOk("npm-app", "ls", "@acme/firewall").stdout).toContain("@acme/firewall@1.0.0");
  // What was taken from a document that is not whole is not taken for what is to go.
  const authorization = `Bearer ${registry.token}`;
  const path = `${registry.url}@acme%2ffirewall`;
  const part = (await (await fetch(path, { headers: { authorization } })).json()) as {
    readonly _rev: string;
  };
  const sentBack = await fetch(`${path}/-rev/${part._rev}`, {
    ...{ method: "PUT", headers: { authorization }, body: JSON.stringify(part) },
  });
  expect(await sentBack.text()).toContain("take the document with ?write=true");
  ann.npmOk(".", "deprecate", "@acme/firewall@1.1.0", "wait");
  ann.npmOk(".", "unpublish", "@acme/firewall@1.1.0");
  ann.write(
    library("@acme/firewall", "1.1.1", `${plain}export function two(): i32 { return 2; }\n`),
  );
  ann.unipkgOk("lib", ["publish"]);

  // People see it, and from when on it is offered.
  const page = await fetch(`${registry.url}-/web/package/@acme/firewall`, {
    headers: { authorization },
  });
  expect(await page.text()).toMatch(/1\.1\.1.*offered from 20\d\d-\d\d-\d\d on/s);

  // unipkg: the same, unless the very version is asked for, or is in the lockfile.
  const app = (range: string) => ({
    "app/package.json": JSON.stringify({
      name: "app",
      version: "1.0.0",
      unipkg: { kind: "app", requires: { "@acme/firewall": range } },
    }),
    "app/src/main.ts":
      'import * as firewall from "@acme/firewall";\nexport function main(): void { firewall.one(); }\n',
  });
  rob.write(app("^1.0.0"));
  const solved = rob.unipkgOk("app", ["solve", "--target", "unix"]);
  expect(solved.stdout).toContain("@acme/firewall 1.0.0");
  expect(solved.stderr).toContain("@acme/firewall@1.1.1 is left out: a policy of its registry");
  rob.write(app("1.1.1"));
  expect(rob.unipkgOk("app", ["solve"]).stdout).toContain("@acme/firewall 1.1.1");
  rob.write(app("^1.0.0"));
  expect(rob.unipkgOk("app", ["solve", "--locked"]).stdout).toContain("@acme/firewall 1.1.1");
  writeFileSync(clock, String(7 * day));
  expect(versionsFor(rob, "@acme/firewall")).toEqual(["1.0.0", "1.1.1"]);

  // An application that follows the organisation is held to its policy as it stands.
  rob.write({ "app/.unipkg-policy": "follow @acme\n" });
  admin.write({ "acme.policy": "licences ISC\nforbid package @acme/firewall@<2\n" });
  admin.unipkgOk(".", [...set, "acme.policy"]);
  const forbidden = rob.unipkg("app", ["solve"]);
  expect(forbidden.status).toBe(1);
  expect(forbidden.stdout + forbidden.stderr).toContain("policy of @acme:2:1");
  admin.unipkgOk(".", ["registry", "policy", "remove", "acme"]);
  expect(rob.unipkg("app", ["solve"])).toMatchObject({
    status: 78,
    stderr: expect.stringContaining("UP866"),
  });
  const whole = admin.unipkgOk(".", ["registry", "verify", "--data", registry.data]);
  expect(whole.stdout).toContain("all is whole");
});
