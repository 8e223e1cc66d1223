import { readFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { type Lockfile, parseLockfile, parsePackageId } from "../model/lockfile.ts";
import type { Manifest } from "../model/manifest.ts";
import type { PackagePlace, Place } from "../model/place.ts";
import type { Policy } from "../model/policy.ts";
import { failed, ok, type Result } from "../model/problem.ts";
import type { ApplicationPackage } from "../registry/application.ts";
import type { Catalog } from "../registry/catalog.ts";
import { findAppFolder } from "./app-folder.ts";
import { cacheFolder, openCatalogs } from "./catalog.ts";
import type { Context } from "./command.ts";
import { organisationPolicies } from "./policies.ts";
import type { SourceText } from "./report.ts";

export const manifestName = "package.json";
export const lockName = "unipkg.lock";

/** An application's folder, with what is needed to solve it, but nothing read of its sources yet. */
export interface Application {
  /** Absolute. */
  readonly folder: string;
  readonly manifest: Manifest;
  readonly manifestText: string;
  readonly catalog: Catalog;
  /** Absolute folders that the catalog has packages from, beside the bundled ones. */
  readonly catalogFolders: readonly string[];
  /** Where what was extracted from sources is kept. */
  readonly cache: string;
  /** Of the organisation, beside those of the manifest. */
  readonly policies: readonly Policy[];
  /** Null when there is none. */
  readonly lock: Lockfile | null;
}

/**
 * Opens the application that the command line is about, and lets the report show its sources.
 *
 * @param names packages that registries are asked for beside those that it requires
 */
export async function openApplication(
  context: Context,
  names: readonly string[] = [],
): Promise<Result<Application>> {
  const found = findAppFolder(context.folder);
  if (!found.ok) return found;
  const folder = found.value;
  context.report.findSource = (place) => ownSource(folder, place);
  const read = await readManifestOf(folder);
  if (!read.ok) return read;
  const { manifest, text } = read.value;
  if (manifest.kind !== "app") {
    return failed({
      code: "UP704",
      message: `${manifest.name} is a ${manifest.kind}, not an app`,
      hint: "only an app is solved, built and run; make one that requires it with `unipkg init`",
    });
  }
  const catalogFolders = manifest.catalogs.map((path) => resolve(folder, path));
  const lock = readLock(folder);
  if (!lock.ok) return lock;
  const locked = Object.keys(lock.value?.packages ?? {}).map(parsePackageId);
  const catalog = await openCatalogs(context, catalogFolders, folder, {
    manifest,
    names,
    locked,
  });
  if (!catalog.ok) return catalog;
  context.report.findSource = (place) =>
    ownSource(folder, place) ?? packageSource(catalog.value, place);
  const policies = await organisationPolicies(context, folder);
  if (!policies.ok) return policies;
  return ok({
    folder,
    manifest,
    manifestText: text,
    catalog: catalog.value,
    catalogFolders: [...context.catalogs, ...catalogFolders],
    cache: cacheFolder(context, folder),
    policies: policies.value,
    lock: lock.value,
  });
}

/** Reads the application's sources: what it uses of each slot, and what its code does. */
export async function readSources(app: Application): Promise<Result<ApplicationPackage>> {
  const brought = await app.catalog.obtainFor(app.manifest.requires);
  if (!brought.ok) return brought;
  const { readApplication } = await import("../registry/application.ts");
  return readApplication(app.folder, app.catalog, app.cache);
}

/** The manifest of an application's folder, and its text. */
export async function readManifestOf(
  folder: string,
): Promise<Result<{ readonly manifest: Manifest; readonly text: string }>> {
  const text = readText(join(folder, manifestName));
  if (!text.ok) return text;
  const { parseManifest } = await import("../registry/manifest.ts");
  const manifest = parseManifest(text.value, manifestName);
  return manifest.ok ? ok({ manifest: manifest.value, text: text.value }) : manifest;
}

function readLock(folder: string): Result<Lockfile | null> {
  const text = readText(join(folder, lockName), true);
  if (!text.ok) return text;
  return text.value === "" ? ok(null) : parseLockfile(text.value, lockName);
}

function readText(path: string, mayMiss = false): Result<string> {
  try {
    return ok(readFileSync(path, "utf8"));
  } catch (error) {
    if (mayMiss && (error as NodeJS.ErrnoException).code === "ENOENT") return ok("");
    return failed({
      code: "UP705",
      message: `${path} cannot be read: ${(error as Error).message}`,
    });
  }
}

function ownSource(folder: string, place: Place | PackagePlace): SourceText | null {
  if ("package" in place && place.version !== undefined) return null;
  const path = resolve(folder, place.file);
  const text = readText(path);
  return text.ok ? { path, text: text.value } : null;
}

function packageSource(catalog: Catalog, place: Place | PackagePlace): SourceText | null {
  if (!("package" in place) || place.version === undefined) return null;
  const folder = catalog.folder(place.package, place.version);
  const text = catalog.read(place.package, place.version, place.file);
  return folder === null || text === null ? null : { path: join(folder, place.file), text };
}
