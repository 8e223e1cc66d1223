// The seed of sealed images' layout: made with the first lockfile, kept from then on, another one when that is asked for.
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { makeDesk, newerPolite, write } from "./desk.ts";
import { runCli } from "./harness.ts";

const lockIn = (folder: string) => readFileSync(join(folder, "unipkg.lock"), "utf8");
const layoutIn = (folder: string): string => JSON.parse(lockIn(folder)).layout;

test("it is the same for the same application, and stays when versions change", async () => {
  const { app, catalog } = makeDesk();
  await runCli(app, ["solve", "--prefer", "polite"]);
  const first = layoutIn(app);
  expect(first).toMatch(/^[0-9a-f]{32}$/);
  const other = makeDesk();
  await runCli(other.app, ["solve", "--prefer", "polite"]);
  expect(lockIn(other.app)).toBe(lockIn(app));
  write(catalog, newerPolite);
  const { stderr } = await runCli(app, ["solve", "--upgrade", "--prefer", "polite"]);
  expect(stderr).toContain("unipkg.lock is updated");
  expect(layoutIn(app)).toBe(first);
});

test("--new-layout changes it and nothing else, by the one before", async () => {
  const { app } = makeDesk();
  await runCli(app, ["solve"]);
  const before = lockIn(app);
  expect((await runCli(app, ["solve", "--locked", "--new-layout"])).status).not.toBe(0);
  const { status, stderr } = await runCli(app, ["solve", "--new-layout"]);
  expect(status).toBe(0);
  expect(stderr).toContain("unipkg.lock is updated: another layout");
  const after = lockIn(app);
  expect(after).not.toBe(before);
  expect(after.replace(/\n {2}"layout".*/, "")).toBe(before.replace(/\n {2}"layout".*/, ""));
  writeFileSync(join(app, "unipkg.lock"), before);
  await runCli(app, ["solve", "--new-layout"]);
  expect(lockIn(app)).toBe(after);
});

test("a lockfile without one is as good as before, and gets one when it is asked for", async () => {
  const { app } = makeDesk();
  await runCli(app, ["solve"]);
  const without = lockIn(app).replace(/\n {2}"layout".*/, "");
  writeFileSync(join(app, "unipkg.lock"), without);
  expect((await runCli(app, ["solve", "--locked"])).status).toBe(0);
  await runCli(app, ["solve"]);
  expect(lockIn(app)).toBe(without);
  await runCli(app, ["solve", "--new-layout"]);
  expect(layoutIn(app)).toMatch(/^[0-9a-f]{32}$/);
});
