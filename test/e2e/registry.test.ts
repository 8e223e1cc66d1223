// An organisation's registry from nothing: two private packages that implement core interfaces, and an application that
// another person solves and builds with a token to read. Whoever has none learns nothing.
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { Person, packageFiles, speaker, startRegistry } from "../support/registry.ts";
import { freePort, start } from "../support/unipkg.ts";

const noise = packageFiles(
  "noise",
  "@acme/noise",
  "1.0.0",
  { kind: "library", provides: { random: { version: "1.0.0", module: "src/random.ts" } } },
  {
    "src/random.ts": `let state: u32 = 7;
export function next32(): u32 {
  state = state * 1664525 + 1013904223;
  return state;
}
export function next64(): u64 {
  return ((<u64>next32()) << 32) | (<u64>next32());
}
export function fill(bytes: Uint8Array): void {
  for (let index = 0; index < bytes.length; index++) bytes[index] = <u8>(next32() >> 24);
}
`,
  },
);

const sundial = packageFiles(
  "sundial",
  "@acme/sundial",
  "1.0.0",
  {
    kind: "library",
    provides: { clock: { version: "1.0.0", module: "src/clock.ts" } },
    requires: { random: "^1.0.0" },
  },
  {
    "src/clock.ts": `import { next32 } from "random";
let ticks: u64 = 0;
export function monotonic(): u64 {
  ticks += 1 + next32() % 1000;
  return ticks;
}
export function wall(): i64 {
  return <i64>monotonic();
}
`,
  },
);

const app = packageFiles(
  "app",
  "dice",
  "1.0.0",
  {
    kind: "app",
    requires: { console: "^1.0.0", random: "^1.0.0", clock: "^1.0.0" },
    prefers: { random: ["@acme/noise"], clock: ["@acme/sundial"] },
  },
  {
    "src/main.ts": `import { log } from "console";
import { next32 } from "random";
import { monotonic } from "clock";
export function main(): void {
  log("rolled " + (1 + next32() % 6).toString() + (monotonic() > 0 ? "" : " at no time"));
}
`,
  },
);

/** Serves the files of its folder. */
const fileServer = `
const { readFile } = require("node:fs");
require("node:http").createServer((request, response) => {
  readFile("." + decodeURIComponent(request.url), (error, bytes) => {
    response.writeHead(error ? 404 : 200).end(bytes ?? "");
  });
}).listen(Number(process.argv[1]), "127.0.0.1", () => console.log("listening"));
`;

test("an organisation's packages, from publishing to an image", { timeout: 400_000 }, async () => {
  const registry = await startRegistry();
  const scope = ["--registry", registry.url, "--scope", "@acme"];

  const admin = new Person();
  admin.unipkgOk(".", ["login", ...scope], registry.token);
  expect(admin.unipkgOk(".", ["whoami"]).stdout).toBe("admin\n");
  admin.unipkgOk(".", ["registry", "org", "acme"]);
  admin.unipkgOk(".", ["registry", "account", "ann"]);
  admin.unipkgOk(".", ["registry", "account", "bob"]);
  admin.unipkgOk(".", ["registry", "member", "acme", "ann", "--role", "publish"]);
  admin.unipkgOk(".", ["registry", "member", "acme", "bob", "--role", "read"]);
  const tokenFor = (account: string, rights: string) =>
    admin
      .unipkgOk(".", [
        "token",
        "create",
        "--account",
        account,
        "--rights",
        rights,
        "--scope",
        "@acme",
      ])
      .stdout.trim();

  const ann = new Person();
  ann.write({ ...noise, ...sundial });
  ann.unipkgOk(".", ["login", ...scope], tokenFor("ann", "publish"));
  const dry = ann.unipkgOk("noise", ["publish", "--dry-run"]);
  expect(dry.stdout).toContain("src/random.ts");
  expect(ann.unipkgOk("noise", ["publish"]).stdout).toContain("published @acme/noise@1.0.0");
  expect(ann.unipkgOk("sundial", ["publish"]).stdout).toContain("published @acme/sundial@1.0.0");

  const bob = new Person();
  bob.write(app);
  bob.unipkgOk(".", ["login", ...scope], tokenFor("bob", "read"));
  const solved = bob.unipkgOk("app", ["solve", "--target", "unix"]);
  expect(solved.stdout).toContain("@acme/noise");
  expect(solved.stdout).toContain("@acme/sundial");
  const lock = readFileSync(join(bob.folder, "app/unipkg.lock"), "utf8");
  expect(lock).toContain(`"source": "${registry.url}", "archive": "sha512-`);
  bob.unipkgOk("app", ["build", "--target", "unix"]);
  const rolled = bob.run(join(bob.folder, "app/build/dice-unix"), [], "app", "");
  expect(rolled.stdout).toMatch(/^rolled [1-6]\n$/);
  // Reading is all that the token is for.
  bob.write(
    packageFiles(
      "own",
      "@acme/own",
      "1.0.0",
      { kind: "interface", module: "src/a.ts" },
      { "src/a.ts": "export declare function f(): void;\n" },
    ),
  );
  expect(bob.unipkg("own", ["publish"])).toMatchObject({
    status: 77,
    stderr: expect.stringContaining("UP805"),
  });

  // The same packages as files, behind a server that knows nothing; and those of the whole scope.
  bob.unipkgOk("app", ["mirror", "../mirror"]);
  const scoped = JSON.parse(
    bob.unipkgOk(".", ["mirror", "whole", "--scope", "@acme", "--json"]).stdout,
  ) as { packages: { name: string; version: string }[] };
  const inScope = await speaker(registry)("-/org/acme/package");
  expect([...new Set(scoped.packages.map(({ name }) => name))]).toEqual(
    Object.keys(JSON.parse(inScope.text)),
  );
  // What a mirror of the lockfile says of a version, the mirror of the scope says, too.
  for (const { name, version } of scoped.packages) {
    const lines = (of: string) =>
      bob.run("cat", [`${of}/-/unipkg/index/${name}`], ".", "").stdout.split("\n");
    expect(lines("whole").some((line) => line.includes(`"version":"${version}"`))).toBe(true);
    for (const line of lines("mirror")) expect(lines("whole")).toContain(line);
  }
  expect(bob.unipkg(".", ["mirror", "whole", "--scope", "@nowhere"]).stderr).toContain("UP807");
  const carol = new Person();
  const port = await freePort();
  const server = start(
    process.execPath,
    ["-e", fileServer, String(port)],
    join(bob.folder, "mirror"),
  );
  onTestFinished(async () => {
    await server.stop();
  });
  await server.until("listening");
  carol.write({ ...app, "app/.unipkgrc": `@acme:registry=http://127.0.0.1:${port}/\n` });
  expect(carol.unipkgOk("app", ["solve"]).stdout).toBe(solved.stdout);

  // The registry is gone; what was fetched is enough.
  await registry.running.stop();
  bob.unipkgOk("app", ["solve", "--locked", "--offline"]);

  // A transfer that broke off goes on where it was.
  const restarted = await startRegistry([], registry);
  const part = (range: string) =>
    fetch(`${restarted.url}@acme/noise/-/noise-1.0.0.tgz`, {
      headers: { authorization: `Bearer ${registry.token}`, ...(range === "" ? {} : { range }) },
    });
  const whole = Buffer.from(await (await part("")).arrayBuffer());
  const rest = await part("bytes=100-");
  expect(rest.status).toBe(206);
  expect(rest.headers.get("content-range")).toBe(`bytes 100-${whole.length - 1}/${whole.length}`);
  expect(Buffer.from(await rest.arrayBuffer()).equals(whole.subarray(100))).toBe(true);
  expect((await part(`bytes=${whole.length}-`)).status).toBe(416);
  await restarted.running.stop();

  const eve = new Person();
  const again = await startRegistry([], registry);
  eve.write({ ...app, "app/.unipkgrc": `@acme:registry=${again.url}\n` });
  const refused = eve.unipkg("app", ["solve"]);
  expect(refused.status).toBe(77);
  const told = (name: string) =>
    fetch(`${again.url}${name}`).then(async (answer) => [answer.status, await answer.text()]);
  expect(await told("@acme%2fnoise")).toEqual(await told("@acme%2fnothing"));
  expect(await told("@acme/noise/-/noise-1.0.0.tgz")).toEqual(
    await told("@acme/nothing/-/nothing-1.0.0.tgz"),
  );
  expect(await told("-/unipkg/index/@acme%2fnoise")).toEqual(
    await told("-/unipkg/index/@acme%2fnothing"),
  );
  expect(await told("-/unipkg/providers/random")).toEqual(await told("-/unipkg/providers/nothing"));
  expect((await told("-/v1/search?text=noise"))[0]).toBe(401);
});
