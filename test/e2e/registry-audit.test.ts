// What becomes of packages after they were locked, as `unipkg audit` tells it, with ways out that were tried: advisories of
// an administrator and of a foreign registry, withdrawn and deprecated versions, effects that an upgrade brings, what is
// not signed, and what has no provenance.
import { spawn } from "node:child_process";
import { join } from "node:path";
import { expect, test } from "vitest";
import { fakeRegistry } from "../support/fake-registry.ts";
import { Person, packageFiles, startRegistry, type TestRegistry } from "../support/registry.ts";
import { cli } from "../support/unipkg.ts";

function dice(version: string, body: string): Readonly<Record<string, string>> {
  const unipkg = { kind: "library", module: "src/dice.ts", requires: { random: "^1.0.0" } };
  const source = `import { next32 } from "random";\n\nexport function roll(sides: u32): u32 {\n  ${body}\n}\n`;
  return packageFiles("dice", "@acme/dice", version, unipkg, { "src/dice.ts": source });
}

const fair = "return 1 + next32() % sides;";
/** Floating point is an effect. */
const floating = "return 1 + <u32>(<f64>(next32() % sides) * 1.0);";

const app = packageFiles(
  "desk",
  "desk",
  "1.0.0",
  { kind: "app", requires: { console: "^1.0.0", "@acme/dice": "^1.0.0" } },
  {
    "src/main.ts":
      'import { log } from "console";\nimport { roll } from "@acme/dice";\nexport function main(): void {\n  log(roll(6).toString());\n}\n',
  },
);

function advisory(id: string, range: string): string {
  return JSON.stringify({
    ...{ id, name: "@acme/dice", vulnerable_versions: range, severity: "high" },
    title: "The dice \u001b[31mcan be guessed",
    url: `https://acme.example/${id}`,
  });
}

async function organisation(): Promise<{ registry: TestRegistry; admin: Person }> {
  const registry = await startRegistry();
  const admin = new Person();
  admin.unipkgOk(".", ["login", "--registry", registry.url, "--scope", "@acme"], registry.token);
  admin.unipkgOk(".", ["registry", "org", "acme"]);
  admin.write(app);
  return { registry, admin };
}

interface Report {
  readonly findings: readonly { readonly kind: string; readonly code: string }[];
  readonly fix: { readonly command: string } | null;
  readonly gained: readonly object[];
  readonly notes?: readonly string[];
}

test("advisories, withdrawn versions and gained effects, with a way out that works", {
  timeout: 400_000,
}, async () => {
  const { registry, admin } = await organisation();
  const publish = (version: string, body: string) => {
    admin.write(dice(version, body));
    admin.unipkgOk("dice", ["publish"]);
  };
  const audit = () => {
    const { status, stdout } = admin.unipkg("desk", ["audit", "--json"]);
    return { status, ...(JSON.parse(stdout) as Report) };
  };
  publish("1.0.0", fair);
  admin.unipkgOk("desk", ["solve"]);
  expect(admin.unipkgOk("desk", ["audit"]).stdout).toContain("nothing to tell");

  // One that every version has: there is no way out.
  admin.write({ "one.json": advisory("ACME-1", "<1.1.0") });
  admin.unipkgOk(".", ["registry", "advisory", "one.json"]);
  const alone = admin.unipkg("desk", ["audit"]);
  expect(alone.status).toBe(1);
  expect(alone.stderr.replaceAll(registry.url, "URL/")).toMatchInlineSnapshot(`
    "error[UP830]: @acme/dice@1.0.0 has a known vulnerability (high): The dice [31mcan be guessed
      ACME-1, from URL/, about @acme/dice@<1.1.0
      https://acme.example/ACME-1
    hint: no plan was found without what is affected: wait for a version that is not, or do without the package
    "
  `);

  // A version without the fault, which brings an effect; the newest has another fault, and is not proposed.
  publish("1.1.0", floating);
  publish("1.2.0", floating);
  admin.write({ "two.json": `[${advisory("ACME-2", "1.2.0")}]` });
  admin.unipkgOk(".", ["registry", "advisory", "two.json"]);
  const told = audit();
  expect(told).toMatchObject({
    status: 1,
    findings: [{ kind: "advisory", code: "UP830" }],
    gained: [{ name: "@acme/dice", from: "1.0.0", to: "1.2.0", effects: ["float"] }],
    fix: { command: "unipkg solve --upgrade @acme/dice --pin @acme/dice@1.1.0" },
  });
  admin.unipkgOk("desk", told.fix!.command.split(" ").slice(1));
  expect(audit()).toMatchObject({ status: 0, findings: [], fix: null, gained: [] });

  // An advisory that was a mistake; a version that is withdrawn.
  admin.unipkgOk(".", ["registry", "advisory", "two.json", "--withdraw"]);
  admin.unipkgOk(".", ["yank", "@acme/dice@1.1.0"]);
  admin.unipkgOk(".", ["deprecate", "@acme/dice@1.1.0", "slow"]);
  const withdrawn = audit();
  expect(withdrawn).toMatchObject({
    status: 1,
    findings: [{ kind: "deprecated" }, { kind: "yanked" }],
    fix: { command: "unipkg solve --upgrade @acme/dice" },
  });
  admin.unipkgOk("desk", withdrawn.fix!.command.split(" ").slice(1));
  expect(audit()).toMatchObject({ status: 0, findings: [] });

  // The same for who speaks npm; nothing for who may not read the package.
  const bulk = async (token: string | null) => {
    const answer = await fetch(`${registry.url}-/npm/v1/security/advisories/bulk`, {
      method: "POST",
      headers: token === null ? {} : { authorization: `Bearer ${token}` },
      body: JSON.stringify({ "@acme/dice": ["1.0.0"], "@acme/nothing": ["1.0.0"] }),
    });
    return [answer.status, Object.keys((await answer.json()) as object)];
  };
  expect(await bulk(registry.token)).toEqual([200, ["@acme/dice"]]);
  expect(await bulk(null)).toEqual([401, ["error"]]);
  admin.unipkgOk(".", ["registry", "account", "eve"]);
  const eve = admin.unipkgOk(".", ["token", "create", "--account", "eve", "--rights", "read"]);
  expect(await bulk(eve.stdout.trim())).toEqual([200, []]);

  // A policy asks for provenance now.
  admin.write({ "desk/.unipkg-policy": "require provenance\nrequire log\nrequire signatures\n" });
  expect(audit()).toMatchObject({
    status: 65,
    findings: [{ kind: "untrusted", code: "UP827" }],
    fix: null,
  });
});

test("a foreign registry's advisories, and one that has none to ask for", {
  timeout: 200_000,
}, async () => {
  const { registry, admin } = await organisation();
  admin.write(dice("1.0.0", fair));
  admin.unipkgOk("dice", ["publish"]);
  const headers = { authorization: `Bearer ${registry.token}` };
  const fetchText = async (path: string) =>
    Buffer.from(await (await fetch(`${registry.url}${path}`, { headers })).arrayBuffer());
  const document = String(await fetchText("@acme%2fdice"));
  const archive = await fetchText("@acme/dice/-/dice-1.0.0.tgz");
  let bulk: string | null = JSON.stringify({
    "@acme/dice": [JSON.parse(advisory("7", "*"))],
    "@acme/other": [JSON.parse(advisory("8", "*"))],
  });
  const foreign = await fakeRegistry((path, url) => {
    if (path === "/@acme%2fdice") return { body: document.replaceAll(registry.url, url) };
    if (path === "/@acme/dice/-/dice-1.0.0.tgz") return { body: archive };
    return path.endsWith("/bulk") && bulk !== null ? { body: bulk } : null;
  });
  const bob = new Person();
  bob.write({ ...app, "desk/.unipkgrc": `@acme:registry=${foreign.url}\n` });
  const run = (...words: readonly string[]) =>
    new Promise<{ status: number | null; output: string }>((resolve) => {
      // The server is in this process: it has to go on.
      const child = spawn(process.execPath, [cli, ...words], {
        cwd: join(bob.folder, "desk"),
        env: bob.environment,
      });
      let output = "";
      for (const stream of [child.stdout, child.stderr]) {
        stream.setEncoding("utf8").on("data", (text: string) => {
          output += text;
        });
      }
      child.on("close", (status) => resolve({ status, output }));
    });
  expect((await run("solve")).status).toBe(0);
  const found = await run("audit");
  expect(found.status).toBe(1);
  expect(found.output).toContain("UP830");
  expect(found.output).not.toContain("@acme/other");
  bulk = null;
  const silent = await run("audit");
  expect(silent.status).toBe(0);
  expect(silent.output).toContain("has no advisories to ask for");
  bulk = "<html>";
  expect((await run("audit")).output).toContain("UP806");
});
