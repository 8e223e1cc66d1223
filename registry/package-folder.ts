import { type Dirent, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import type { Manifest } from "../model/manifest.ts";
import { failed, ok, type Problem, type Result } from "../model/problem.ts";
import { integrityOf } from "./integrity.ts";
import { manifestFile, parseManifest } from "./manifest.ts";

/** What a package consists of, wherever it is kept: its manifest, and its files by their path inside it. */
export interface PackageSource {
  readonly manifest: Manifest;
  /** Text of a file, null when the package has none of that path. */
  read(file: string): string | null;
}

/** A package in a folder. Its files are read when they are asked for. */
export interface PackageFolder extends PackageSource {
  readonly folder: string;
  readonly manifestText: string;
  /** Every file with `/`, sorted by UTF-16 code units. */
  files(): Result<readonly string[]>;
  /** See registry/integrity. Reads every file. */
  integrity(): Result<string>;
}

/** A package in a folder, with its integrity worked out. */
export interface FolderSource extends Omit<PackageFolder, "integrity"> {
  readonly integrity: string;
}

/** Names of folders that are never part of a package. */
export const ignoredFolders: ReadonlySet<string> = new Set([
  ".git",
  ".unipkg",
  "dist",
  "node_modules",
]);

/**
 * Opens the package in a folder: reads its manifest, and nothing else yet.
 *
 * @param calledAs what messages call the manifest; its path when absent
 */
export function openPackageFolder(folder: string, calledAs?: string): Result<PackageFolder> {
  const path = join(folder, manifestFile);
  let manifestText: string;
  try {
    manifestText = readFileSync(path, "utf8");
  } catch (error) {
    return failed({
      code: "UP103",
      message: `${path} cannot be read: ${(error as Error).message}`,
      hint: "name a folder that has a package.json with a `unipkg` block",
    });
  }
  const manifest = parseManifest(manifestText, calledAs ?? path);
  if (!manifest.ok) return manifest;
  return ok({
    folder,
    manifest: manifest.value,
    manifestText,
    read: (file) => readInside(folder, file),
    files: () => listFiles(folder),
    integrity: () => {
      const files = listFiles(folder);
      if (!files.ok) return files;
      return readable(folder, () =>
        integrityOf(
          files.value.map((file) => ({ path: file, bytes: readFileSync(join(folder, file)) })),
        ),
      );
    },
  });
}

/** Text of a file below a folder; null when there is none, or when the path leads out. */
export function readInside(folder: string, file: string): string | null {
  if (file.split("/").some((part) => part === "" || part === "." || part === "..")) return null;
  try {
    return readFileSync(join(folder, file), "utf8");
  } catch {
    return null;
  }
}

/**
 * Every regular file below a folder. A link is refused: what it leads to is not in the package.
 *
 * @param ignored names of folders to leave out
 */
export function listFiles(
  folder: string,
  ignored: ReadonlySet<string> = ignoredFolders,
): Result<readonly string[]> {
  const files: string[] = [];
  const problems: Problem[] = [];
  const walk = (below: string) => {
    for (const entry of readdirSync(join(folder, below), { withFileTypes: true })) {
      const path = below === "" ? entry.name : `${below}/${entry.name}`;
      if (entry.isDirectory()) {
        if (!ignored.has(entry.name)) walk(path);
      } else if (entry.isFile()) {
        files.push(path);
      } else {
        problems.push({
          code: "UP705",
          message: `${join(folder, path)} is ${kindOf(entry)}: a package has regular files only`,
          hint: "put the file itself there, or keep it out of the package",
        });
      }
    }
  };
  const walked = readable(folder, () => walk(""));
  if (!walked.ok) return walked;
  return problems.length > 0 ? failed(...problems) : ok(files.sort());
}

function kindOf(entry: Dirent): string {
  return entry.isSymbolicLink() ? "a symbolic link" : "a device, pipe or socket";
}

function readable<T>(folder: string, read: () => T): Result<T> {
  try {
    return ok(read());
  } catch (error) {
    return failed({
      code: "UP705",
      message: `the package in ${folder} cannot be read: ${(error as Error).message}`,
    });
  }
}
