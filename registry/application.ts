import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import type { Manifest } from "../model/manifest.ts";
import { failed, ok, type Result } from "../model/problem.ts";
import type { Release } from "../model/release.ts";
import { type Catalog, findInCatalog } from "./catalog.ts";
import { extractCached } from "./extraction-cache.ts";
import { integrityOf } from "./integrity.ts";
import { manifestFile } from "./manifest.ts";
import { ignoredFolders, openPackageFolder } from "./package-folder.ts";

/** The application: the package that is solved for and linked. */
export interface ApplicationPackage {
  /**
   * Its `integrity` covers the manifest and every TypeScript source below the folder, and nothing else: it says whether
   * what was extracted still holds. Files of settings are not extracted from, and it is in no lockfile.
   */
  readonly release: Release;
  readonly manifest: Manifest;
  /** The manifest's text. */
  readonly text: string;
  /** Text of a source file, null when there is none. */
  read(file: string): string | null;
}

/** Reads the application in a folder. Loads the compiler only when its sources, or what they are compiled against, changed. */
export async function readApplication(
  folder: string,
  catalog: Catalog,
  cache: string | null,
): Promise<Result<ApplicationPackage>> {
  const opened = openPackageFolder(folder, manifestFile);
  if (!opened.ok) return opened;
  const { manifest, manifestText, read } = opened.value;
  if (manifest.kind !== "app") {
    return failed({
      code: "UP704",
      message: `${manifest.name} is ${manifest.kind === "interface" ? "an" : "a"} ${manifest.kind}, not an app`,
      hint: "make an app that requires it with `unipkg init`",
    });
  }
  const integrity = integrityOf([
    { path: manifestFile, bytes: Buffer.from(manifestText) },
    ...sourcesBelow(folder).map((path) => ({ path, bytes: readFileSync(join(folder, path)) })),
  ]);
  const extracted = await extractCached(
    { manifest, read, integrity },
    findInCatalog(catalog),
    cache,
  );
  if (!extracted.ok) return extracted;
  const release: Release = { manifest, integrity, ...extracted.value };
  return ok({ release, manifest, text: manifestText, read });
}

/** TypeScript files below a folder, with `/`; links are followed by no import, and so not looked at. */
function sourcesBelow(folder: string, below = ""): readonly string[] {
  return readdirSync(join(folder, below), { withFileTypes: true }).flatMap((entry) => {
    const path = below === "" ? entry.name : `${below}/${entry.name}`;
    if (entry.isDirectory() && !ignoredFolders.has(entry.name)) return sourcesBelow(folder, path);
    return entry.isFile() && entry.name.endsWith(".ts") ? [path] : [];
  });
}
