// Staged approval: what one member sends, nobody sees before another member has approved it.
import { expect, test } from "vitest";
import { Person, packageFiles, startRegistry } from "../support/registry.ts";

const block = { kind: "interface", module: "src/a.ts" };

function one(version: string, type = "u16"): Readonly<Record<string, string>> {
  const source = { "src/a.ts": `export declare function f(a: i32): ${type};\n` };
  return packageFiles("one", "@acme/one", version, block, source);
}

test("a version waits for another member, and is seen by nobody until then", {
  timeout: 400_000,
}, async () => {
  const registry = await startRegistry();
  const scope = ["--registry", registry.url, "--scope", "@acme"];
  const admin = new Person();
  admin.unipkgOk(".", ["login", ...scope], registry.token);
  admin.unipkgOk(".", ["registry", "org", "acme"]);
  const member = (name: string, role: string): { person: Person; token: string } => {
    admin.unipkgOk(".", ["registry", "account", name]);
    admin.unipkgOk(".", ["registry", "member", "acme", name, "--role", role]);
    const rights = role === "read" ? "read" : "publish";
    const token = admin
      .unipkgOk(".", ["token", "create", "--account", name, "--rights", rights])
      .stdout.trim();
    const person = new Person();
    person.unipkgOk(".", ["login", ...scope], token);
    return { person, token };
  };
  const [ann, bob, rob] = [
    member("ann", "publish"),
    member("bob", "publish"),
    member("rob", "read"),
  ];
  expect(admin.unipkgOk(".", ["registry", "approval", "acme", "on"]).stdout).toContain("wait for");

  ann.person.write(one("1.0.0"));
  const sent = ann.person.unipkgOk("one", ["publish"]);
  expect(sent.stdout).toContain("sent @acme/one@1.0.0");
  expect(sent.stderr).toContain("unipkg registry approve @acme/one@1.0.0");
  expect(ann.person.unipkg("one", ["publish"]).stderr).toContain("waits for approval already");

  // Not its document, archive, types, entry in the log, nor in a search or among the providers.
  const paths = [
    ...["@acme%2fone", "@acme/one/-/one-1.0.0.tgz", "-/unipkg/index/@acme%2fone"],
    ...["-/unipkg/types/@acme%2fone/1.0.0", "-/unipkg/log/published/@acme%2fone/1.0.0"],
    ...["-/package/@acme%2fone/dist-tags", "-/unipkg/owners/@acme%2fone"],
  ];
  const ask = (path: string, token: string) =>
    fetch(`${registry.url}${path}`, { headers: { authorization: `Bearer ${token}` } });
  for (const path of paths) {
    for (const { token } of [ann, bob, rob])
      expect((await ask(path, token)).status, path).toBe(404);
  }
  expect(await (await ask("-/v1/search?text=one", bob.token)).json()).toMatchObject({ total: 0 });

  // Its sender may not approve it, a reader may not even know.
  const approve = ["registry", "approve", "@acme/one@1.0.0"];
  expect(ann.person.unipkg(".", approve).stderr).toContain("another member has to approve it");
  expect(rob.person.unipkg(".", approve).stderr).toContain("does not wait for approval");
  expect(rob.person.unipkgOk(".", ["registry", "staged"]).stderr).toContain("nothing waits");
  expect(bob.person.unipkgOk(".", ["registry", "staged"]).stdout).toMatch(
    /^@acme\/one@1\.0\.0 {2}by ann, /,
  );
  bob.person.unipkgOk(".", approve);
  expect((await ask("@acme%2fone", rob.token)).status).toBe(200);
  const document = (await (await ask("@acme%2fone", rob.token)).json()) as {
    readonly versions: Readonly<Record<string, { readonly _npmUser: { readonly name: string } }>>;
  };
  expect(document.versions["1.0.0"]!._npmUser.name).toBe("ann");

  // What was refused can be sent again, and what follows another version than before is held against that one.
  ann.person.write(one("1.0.1"));
  ann.person.unipkgOk("one", ["publish"]);
  ann.person.unipkgOk(".", ["registry", "reject", "@acme/one@1.0.1"]);
  ann.person.unipkgOk("one", ["publish"]);
  ann.person.write(one("2.0.0", "u32"));
  ann.person.unipkgOk("one", ["publish"]);
  ann.person.write(one("2.0.1", "u16"));
  ann.person.unipkgOk("one", ["publish"]);
  bob.person.unipkgOk(".", ["registry", "approve", "@acme/one@2.0.0"]);
  expect(bob.person.unipkg(".", ["registry", "approve", "@acme/one@2.0.1"]).stderr).toContain(
    "UP810",
  );
  bob.person.unipkgOk(".", ["registry", "approve", "@acme/one@1.0.1"]);

  // The log has all of it, and goes on.
  const whole = admin.unipkgOk(".", ["registry", "verify", "--data", registry.data]);
  expect(whole.stdout).toContain("all is whole");
  admin.unipkgOk(".", ["registry", "approval", "acme", "off"]);
  ann.person.write(one("2.0.2", "u32"));
  expect(ann.person.unipkgOk("one", ["publish"]).stdout).toContain("published @acme/one@2.0.2");
});
