import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { failed, ok, type Problem, type Result } from "../model/problem.ts";
import { manifestFile } from "./manifest.ts";
import { openPackageFolder, type PackageFolder } from "./package-folder.ts";

/** How far below a catalog's folder a package may be: `libraries/@acme/firewall` is three. */
const deepest = 3;

/**
 * The packages in a folder: the folder itself when it is one, those below it otherwise; sorted by path. A
 * `package.json` without a `unipkg` block is no package of ours. All faulty manifests are told at once.
 */
export function scanPackages(folder: string): Result<readonly PackageFolder[]> {
  if (!existsSync(folder)) {
    return failed({
      code: "UP705",
      message: `the catalog folder ${folder} is not there`,
      hint: "correct `catalogs` in package.json, or `--catalog`",
    });
  }
  const packages: PackageFolder[] = [];
  const problems: Problem[] = [];
  const visit = (path: string, depth: number) => {
    if (isPackage(path)) {
      const opened = openPackageFolder(path);
      if (opened.ok) packages.push(opened.value);
      else problems.push(...opened.problems);
      return;
    }
    if (depth === deepest) return;
    for (const entry of readdirSync(path, { withFileTypes: true }).sort(byName)) {
      const hidden = entry.name.startsWith(".") || entry.name === "node_modules";
      if (entry.isDirectory() && !hidden) visit(join(path, entry.name), depth + 1);
    }
  };
  visit(folder, 0);
  return problems.length > 0 ? failed(...problems) : ok(packages);
}

function isPackage(folder: string): boolean {
  try {
    return readFileSync(join(folder, manifestFile), "utf8").includes('"unipkg"');
  } catch {
    return false;
  }
}

function byName(a: { readonly name: string }, b: { readonly name: string }): number {
  return a.name < b.name ? -1 : 1;
}
