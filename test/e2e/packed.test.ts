// The tarball of `npm pack`, installed globally, works from any folder: catalog and target files included.
import { execFileSync } from "node:child_process";
import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { projectRoot, testFolder } from "../support/unipkg.ts";

test("npm pack, npm install -g, then hello from any folder", { timeout: 180_000 }, () => {
  const folder = testFolder();
  const npm = (...args: readonly string[]) =>
    execFileSync("npm", [...args, "--loglevel=error"], { cwd: projectRoot, encoding: "utf8" });
  // The build that `npm test` made is packed as it is; prepack would make the same again.
  npm("pack", "--ignore-scripts", "--pack-destination", folder);
  const tarball = execFileSync("ls", [folder], { encoding: "utf8" }).trim();
  expect(tarball).toMatch(/^unipkg-.*\.tgz$/);
  const prefix = join(folder, "prefix");
  npm("install", "-g", "--prefix", prefix, "--no-audit", "--no-fund", join(folder, tarball));
  const elsewhere = join(folder, "elsewhere");
  mkdirSync(elsewhere);
  const installed = (at: string, ...args: readonly string[]) =>
    execFileSync(join(prefix, "bin/unipkg"), args, { cwd: at, encoding: "utf8" });
  expect(installed(elsewhere, "--version")).toMatch(/^\d+\.\d+\.\d+/);
  installed(elsewhere, "init", "greeting", "--template", "hello");
  expect(installed(join(elsewhere, "greeting"), "run", "--target", "unix")).toContain("Hello");
});
