import { execFileSync } from "node:child_process";
import { cpSync, mkdirSync } from "node:fs";
import { join, relative } from "node:path";
import { projectRoot } from "../../support/unipkg.ts";
import type { Bed } from "./bed.mjs";

/** unipkg, and the Node that runs this test, in dom0. */
export interface Installed {
  /** Runs unipkg on this machine, from the very files that dom0 has. */
  here(folder: string, ...words: readonly string[]): string;
  /** The same in dom0, as the beginning of a shell's line. */
  readonly there: string;
}

/**
 * Installs what `npm install unipkg` would into the folder that dom0 shares with this machine. The folder has one path on both, so that an image
 * that is built here, where there is a compiler, is up to date there.
 */
export async function install(bed: Bed): Promise<Installed> {
  const folder = join(bed.folder, "unipkg");
  mkdirSync(folder);
  const words = ["ls", "--omit=dev", "--all", "--parseable"];
  const packages = execFileSync("npm", words, { cwd: projectRoot, encoding: "utf8" }).trim();
  for (const path of packages.split("\n").slice(1)) {
    cpSync(path, join(folder, relative(projectRoot, path)), { recursive: true });
  }
  for (const name of ["package.json", "dist", "recipes"]) {
    cpSync(join(projectRoot, name), join(folder, name), { recursive: true });
  }
  bed.putProgram("node");
  // As an executable that finds its libraries itself: workers and children are the same program.
  await bed.do(`mkdir -p ${bed.folder} && mount --bind /shared ${bed.folder}
    for library in /shared/programs/*.so*; do
      [ -e /lib/x86_64-linux-gnu/$(basename $library) ] || cp $library /lib/x86_64-linux-gnu/
    done`);
  const main = join(folder, "dist/cli/main.js");
  return {
    here: (at, ...words) =>
      execFileSync(process.execPath, [main, "-C", at, ...words], { encoding: "utf8" }),
    there: `HOME=/root /shared/programs/node ${main}`,
  };
}
