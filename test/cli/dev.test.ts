// `unipkg dev` as a user has it: a process that is left running while files change. Needs the built tool.
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { beforeEach, describe, expect, onTestFinished, test } from "vitest";
import { cli, type Running, start, testFolder, unipkg, unipkgOk } from "../support/unipkg.ts";
import { liar, makeDesk, write } from "./desk.ts";

function startDev(folder: string): Running {
  const dev = start(process.execPath, [cli, "dev"], folder);
  onTestFinished(async () => void (await dev.stop()));
  return dev;
}

describe("dev", { timeout: 120_000 }, () => {
  let folder: string;

  beforeEach(() => {
    folder = join(testFolder(), "hi");
    unipkgOk("/", "init", folder, "--template", "hello");
  });

  const edit = (from: string, to: string) => {
    const file = join(folder, "src/main.ts");
    const text = readFileSync(file, "utf8");
    expect(text).toContain(from);
    writeFileSync(file, text.replace(from, to));
  };

  test("starts again after a change, tells a mistake, and goes on when it is mended", async () => {
    const dev = startDev(folder);
    await dev.until("Hello, world!");
    await dev.until("note: ended with status 0; waiting for a change");
    edit("Hello", "Good morning");
    await dev.until("note: src/main.ts changed");
    await dev.until("Good morning, world!");
    edit("main()", "mian()");
    await dev.until("error[UP405]");
    edit("mian()", "main()");
    const before = dev.output().length;
    await dev.until("error[UP405]");
    while (!dev.output().slice(before).includes("Good morning")) {
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
  });

  test("--once ends with the program's status", () => {
    const { status, stdout, stderr } = unipkg(folder, "dev", "--once", "--set", "hi.name=you");
    expect({ status, stdout }, stderr).toEqual({ status: 0, stdout: "Hello, you!\n" });
    writeFileSync(
      join(folder, "src/main.ts"),
      'import { name } from "config";\nexport function main(): void {\n  assert(name.length > 99, "too short");\n}\n',
    );
    const trapped = unipkg(folder, "dev", "--once");
    expect(trapped.status).toBe(134);
    expect(trapped.stderr).toContain("too short");
    expect(trapped.stderr).toMatch(/src\/main\.ts:3/);
  });
});

test("dev says that Node has no network devices", () => {
  const site = join(testFolder(), "site");
  unipkgOk("/", "init", site, "--template", "web");
  unipkgOk(site, "solve", "--target", "unix", "--with", "tcpip");
  const { status, stderr } = unipkg(site, "dev", "--once");
  expect(stderr).toContain("error[UP505]: host-netdev 1.0.0 has the effect `host:net`");
  expect(status).toBe(1);
  unipkgOk(site, "solve", "--target", "unix", "--without", "host-netdev");
});

test("dev restarts when a package of the application's catalog changes", {
  timeout: 120_000,
}, async () => {
  const { app, catalog } = makeDesk();
  const dev = startDev(app);
  await dev.until("curt: you");
  const file = join(catalog, "curt-1.0.0/src/greeter.ts");
  writeFileSync(file, readFileSync(file, "utf8").replace('"curt: "', '"Well, "'));
  await dev.until("Well, you");
  write(catalog, liar);
  await dev.until("liar");
});
