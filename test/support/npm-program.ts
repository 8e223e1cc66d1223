import { execFileSync } from "node:child_process";
import { createHash } from "node:crypto";
import { copyFileSync, existsSync, mkdirSync, readFileSync, renameSync, rmSync } from "node:fs";
import { join } from "node:path";
import { projectRoot } from "./unipkg.ts";

/**
 * Installs a program that tests need, and that is no dependency of the project for its many packages; once for all later
 * runs. What it is, `test/support/NAME/package.json` says.
 *
 * @returns the folder that `node_modules` is in
 */
export function installProgram(name: string): string {
  const manifest = join(projectRoot, "test/support", name, "package.json");
  const digest = createHash("sha256").update(readFileSync(manifest)).digest("hex").slice(0, 16);
  const folder = join(projectRoot, `node_modules/.cache/${name}-${digest}`);
  if (existsSync(folder)) return folder;
  const unfinished = `${folder}.${process.pid}`;
  mkdirSync(unfinished, { recursive: true });
  copyFileSync(manifest, join(unfinished, "package.json"));
  execFileSync("npm", ["install", "--no-audit", "--no-fund", "--loglevel=error"], {
    cwd: unfinished,
  });
  try {
    renameSync(unfinished, folder);
  } catch {
    // Another test was faster.
    rmSync(unfinished, { recursive: true, force: true });
  }
  return folder;
}
