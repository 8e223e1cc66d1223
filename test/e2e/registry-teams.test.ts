// Teams of an organisation, made and used by the real npm and by unipkg; what is taken away is gone at once, for tokens
// that are in use, too.
import { expect, test } from "vitest";
import { Person, packageFiles, speaker, startRegistry } from "../support/registry.ts";

const block = { kind: "interface", module: "src/a.ts" };
const source = { "src/a.ts": "export declare function f(a: i32): u16;\n" };

test("npm team and access, unipkg registry team, and what members may", {
  timeout: 400_000,
}, async () => {
  const registry = await startRegistry();
  const person = (token: string) => {
    const made = new Person();
    made.write({
      ".home/npmrc": `registry=${registry.url}\n//127.0.0.1:${registry.port}/:_authToken=${token}\n`,
    });
    made.unipkgOk(".", ["login", "--registry", registry.url, "--scope", "@acme"], token);
    return made;
  };
  const admin = person(registry.token);
  for (const org of ["acme", "other"]) admin.unipkgOk(".", ["registry", "org", org]);
  const account = (name: string, org: string, role: string) => {
    admin.unipkgOk(".", ["registry", "account", name]);
    admin.unipkgOk(".", ["registry", "member", org, name, "--role", role]);
    const words = ["token", "create", "--account", name, "--rights", "admin"];
    return person(admin.unipkgOk(".", words).stdout.trim());
  };
  const [ann, head, eve] = [
    account("ann", "acme", "member"),
    account("head", "acme", "admin"),
    account("eve", "other", "admin"),
  ];
  const publish = (by: Person, name: string, version: string) => {
    by.write(packageFiles("one", name, version, block, source));
    return by.npm("one", "publish");
  };
  expect(publish(head, "@acme/other", "1.0.0").status).toBe(0);

  head.npmOk(".", "team", "create", "@acme:firewall");
  head.npmOk(".", "team", "create", "@acme:gone");
  head.npmOk(".", "team", "destroy", "@acme:gone");
  expect(head.npmOk(".", "team", "ls", "@acme").stdout).toContain("@acme:firewall");
  expect(head.npm(".", "team", "create", "@acme:firewall").stderr).toContain("already");
  expect(head.npm(".", "team", "add", "@acme:firewall", "eve").stderr).toContain(
    "no member of acme",
  );
  head.npmOk(".", "team", "add", "@acme:firewall", "ann");
  expect(head.npmOk(".", "team", "ls", "@acme:firewall").stdout).toContain("ann");

  // A member alone may nothing, and is told of nothing.
  expect(publish(ann, "@acme/firewall", "1.0.0").status).toBe(1);
  expect(ann.npm(".", "view", "@acme/other").stderr).toContain("E404");
  head.unipkgOk(".", ["registry", "team", "grant", "acme:firewall", "publish", "@acme/firewall"]);
  head.npmOk(".", "access", "grant", "read-only", "@acme:firewall", "@acme/other");
  expect(publish(ann, "@acme/firewall", "1.0.0").status).toBe(0);
  expect(publish(ann, "@acme/other", "1.0.1").status).toBe(1);
  expect(ann.npmOk(".", "view", "@acme/other", "version").stdout).toBe("1.0.0\n");
  expect(head.npmOk(".", "access", "list", "packages", "@acme:firewall").stdout).toBe(
    "@acme/firewall: read-write\n@acme/other: read-only\n",
  );
  expect(ann.npmOk(".", "access", "list", "packages", "@acme").stdout).toBe(
    "@acme/firewall: read-write\n@acme/other: read-only\n",
  );
  expect(head.npmOk(".", "access", "list", "collaborators", "@acme/firewall").stdout).toBe(
    "ann: read-write\nhead: read-write\n",
  );
  expect(head.unipkgOk(".", ["registry", "team", "list", "acme"]).stdout).toBe(
    "acme:firewall  ann; publish @acme/firewall, read @acme/other\n",
  );
  expect(head.npmOk(".", "access", "get", "status", "@acme/other").stdout).toContain("private");
  head.npmOk(".", "access", "set", "status=public", "@acme/other");
  expect(head.npmOk(".", "access", "get", "status", "@acme/other").stdout).toContain("public");
  head.npmOk(".", "access", "set", "status=private", "@acme/other");

  // Another organisation's administrator, and a member, change nothing here; no team reaches out of its scope.
  for (const [who, status] of [
    [eve, "E404"],
    [ann, "E403"],
  ] as const) {
    for (const words of [
      ["team", "create", "@acme:evil"],
      ["team", "add", "@acme:firewall", "ann"],
      ["team", "destroy", "@acme:firewall"],
      ["access", "grant", "read-write", "@acme:firewall", "@acme/other"],
      ["access", "revoke", "@acme:firewall", "@acme/other"],
    ]) {
      expect(who.npm(".", ...words).stderr, words.join(" ")).toContain(status);
    }
  }
  expect(eve.npm(".", "team", "ls", "@acme").stderr).toContain("E404");
  expect(eve.npm(".", "access", "list", "packages", "@acme").stderr).toContain("E404");
  expect(eve.npm(".", "access", "list", "collaborators", "@acme/firewall").stderr).toContain(
    "E404",
  );
  eve.npmOk(".", "team", "create", "@other:evil");
  const reached = eve.npm(".", "access", "grant", "read-write", "@other:evil", "@acme/firewall");
  expect(reached.stderr).toContain("package is one of @other");
  expect(head.unipkg(".", ["owner", "add", "@acme/firewall", "eve"]).stderr).toContain(
    "no member of acme",
  );

  // What a team might is over when somebody leaves it, with the token that worked a moment ago; and so is what a member
  // might, who published a package first.
  head.npmOk(".", "team", "rm", "@acme:firewall", "ann");
  expect(publish(ann, "@acme/firewall", "1.1.0").status).toBe(1);
  expect(ann.npm(".", "view", "@acme/other").stderr).toContain("E404");
  head.npmOk(".", "team", "add", "@acme:firewall", "ann");
  expect(publish(ann, "@acme/firewall", "1.1.0").status).toBe(0);
  head.npmOk(".", "access", "revoke", "@acme:firewall", "@acme/firewall");
  expect(publish(ann, "@acme/firewall", "1.2.0").status).toBe(1);
  // For the whole scope; and gone with the membership, and not back with it.
  head.unipkgOk(".", ["registry", "team", "grant", "acme:firewall", "publish", "@acme"]);
  expect(publish(ann, "@acme/firewall", "1.2.0").status).toBe(0);
  head.unipkgOk(".", ["registry", "member", "acme", "ann", "--role", "none"]);
  expect(publish(ann, "@acme/firewall", "1.3.0").status).toBe(1);
  head.unipkgOk(".", ["registry", "member", "acme", "ann", "--role", "member"]);
  expect(publish(ann, "@acme/firewall", "1.3.0").status).toBe(1);
  expect(head.unipkgOk(".", ["registry", "team", "list", "acme"]).stdout).toContain("nobody");
  head.unipkgOk(".", ["registry", "team", "add", "acme:firewall", "ann"]);

  // The page that administrators look at; and all of it follows from the log.
  const shown = await speaker(registry)("-/web/organisation/acme");
  expect(shown.text).toContain("read and publish: all packages");
  expect((await speaker(registry)("-/web/package/@acme/firewall")).text).toContain(
    "-/web/organisation/acme",
  );
  const before = head.unipkgOk(".", ["registry", "team", "list", "acme", "--json"]).stdout;
  await registry.running.stop();
  const again = await startRegistry([], registry);
  const teams = await speaker(again)("-/unipkg/organisations/acme/teams");
  expect(JSON.parse(teams.text).teams).toEqual(JSON.parse(before).teams);
});
