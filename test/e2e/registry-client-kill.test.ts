// Clients are killed (SIGKILL) at random moments of a solve, several at once on one cache. What is left is whole or not
// there: the next client goes on with it and comes to the same plan. UNIPKG_KILLS=100 for the long run.
import { createHash } from "node:crypto";
import { cpSync, existsSync, mkdirSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { pack } from "../../registry/archive/pack.ts";
import { random } from "../support/random.ts";
import { Person, startRegistry, type TestRegistry } from "../support/registry.ts";
import { cli, type Running, start } from "../support/unipkg.ts";

const wanted = Number(process.env["UNIPKG_KILLS"] ?? 9);
/** Clients at the same time. */
const together = 3;
const packages = 12;

const nameOf = (index: number) => `@acme/p${index}`;

/** Each package requires two others. */
async function publish({ url, token }: TestRegistry, index: number): Promise<void> {
  const below = [2 * index + 1, 2 * index + 2].filter((each) => each < packages);
  const requires = Object.fromEntries(below.map((each) => [nameOf(each), "^1.0.0"]));
  const unipkg = { kind: "library", module: "src/a.ts", requires };
  const manifest = { name: nameOf(index), version: "1.0.0", license: "ISC", unipkg };
  const source = `export function f(): i32 {\n  return ${index};\n}\n`;
  const archive = pack([
    { path: "package.json", bytes: Buffer.from(JSON.stringify(manifest)) },
    { path: "src/a.ts", bytes: Buffer.from(source) },
    { path: "README.md", bytes: Buffer.from("words ".repeat(20_000)) },
  ]);
  const answer = await fetch(`${url}${encodeURIComponent(manifest.name)}`, {
    method: "PUT",
    headers: { authorization: `Bearer ${token}` },
    body: JSON.stringify({
      ...{ _id: manifest.name, name: manifest.name, versions: { "1.0.0": manifest } },
      _attachments: { [`${manifest.name}-1.0.0.tgz`]: { data: archive.toString("base64") } },
    }),
  });
  expect(answer.status, await answer.text()).toBe(201);
}

test("clients that are killed leave nothing in part behind", { timeout: 900_000 }, async () => {
  const registry = await startRegistry();
  // What a package requires is there before it.
  for (let index = packages - 1; index >= 0; index--) await publish(registry, index);
  const ann = new Person();
  ann.unipkgOk(".", ["login", "--registry", registry.url, "--scope", "@acme"], registry.token);
  const unipkg = { kind: "app", requires: { [nameOf(0)]: "^1.0.0" } };
  ann.write({
    "app/package.json": JSON.stringify({ name: "app", version: "1.0.0", license: "ISC", unipkg }),
    "app/src/main.ts": `import * as p from "${nameOf(0)}";\nexport function main(): void { p.f(); }\n`,
  });
  const apps = Array.from({ length: together }, (_, at) => `app${at}`);
  for (const app of apps)
    cpSync(join(ann.folder, "app"), join(ann.folder, app), { recursive: true });
  const cache = join(ann.folder, ".home/cache/unipkg/registries");
  const solve = (app: string): Running =>
    start(
      process.execPath,
      [cli, "solve", "--target", "unix"],
      join(ann.folder, app),
      ann.environment,
    );

  // How long a solve takes with nothing in the cache, and what comes of it.
  const begin = performance.now();
  const first = solve("app");
  expect(await first.ended, first.output()).toBe(0);
  const duration = performance.now() - begin;
  const plan = readFileSync(join(ann.folder, "app/unipkg.lock"), "utf8");

  const next = random(3);
  let killed = 0;
  for (let round = 0; killed < wanted; round++) {
    // Now and then everything begins anew; in between, a client goes on with what the others have left.
    if (round % 2 === 0) ann.run("rm", ["-rf", ".home/cache"], ".", "");
    for (const app of apps) ann.run("rm", ["-rf", "unipkg.lock", ".unipkg"], app, "");
    const running = apps.map(solve);
    // One stays alive, beside those that are killed.
    for (const client of running.slice(round % 2)) {
      setTimeout(() => client.child.kill("SIGKILL"), next() * duration * 1.5);
    }
    const statuses = await Promise.all(running.map(({ ended }) => ended));
    killed += statuses.filter((status) => status === null).length;
    for (const [at, app] of apps.entries()) {
      expect([0, null], running[at]!.output()).toContain(statuses[at]);
      const lock = join(ann.folder, app, "unipkg.lock");
      if (statuses[at] === 0 || existsSync(lock)) expect(readFileSync(lock, "utf8")).toBe(plan);
    }
    expectWhole(join(cache, "sha512"));
  }

  // Who comes after all of them needs nothing but to ask; and then not even that.
  const app = apps[0]!;
  ann.unipkgOk(app, ["solve", "--target", "unix"]);
  await registry.running.stop();
  ann.run("rm", ["-rf", ".unipkg"], app, "");
  ann.unipkgOk(app, ["solve", "--target", "unix", "--offline"]);
  expect(readFileSync(join(ann.folder, app, "unipkg.lock"), "utf8")).toBe(plan);
});

/** Each file is what it is named by, or the part of one that nobody takes for it. */
function expectWhole(folder: string): void {
  mkdirSync(folder, { recursive: true });
  for (const file of readdirSync(folder)) {
    if (file.endsWith(".part")) continue;
    const digest = createHash("sha512")
      .update(readFileSync(join(folder, file)))
      .digest("hex");
    expect(digest).toBe(file);
  }
}
