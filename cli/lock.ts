import { createHash } from "node:crypto";
import { join, relative, sep } from "node:path";
import {
  formatLockfile,
  type Lockfile,
  lockfileOf,
  parsePackageId,
  plansOf,
} from "../model/lockfile.ts";
import { type Plan, packageOf } from "../model/plan.ts";
import { ok, type Problem, type Result } from "../model/problem.ts";
import type { Release } from "../model/release.ts";
import type { SolveRequest } from "../model/request.ts";
import { type Application, lockName } from "./application.ts";
import type { Context } from "./command.ts";
import { installationFolder, installedPackage } from "./installation.ts";
import { count } from "./text.ts";
import { writeWhole } from "./write.ts";

/**
 * The lockfile that goes with these plans. The seed of the layout stays what it is: the first is made of the application's name and of what was
 * chosen for it, the next one of the one before.
 */
export function lockFor(app: Application, plans: readonly Plan[], newLayout: boolean): Lockfile {
  const { version, dependencies } = installedPackage();
  const tools = { unipkg: version, assemblyscript: dependencies["assemblyscript"] ?? "" };
  const lock = lockfileOf(plans, tools, (name, packageVersion) => {
    const origin = app.catalog.origin(name, packageVersion);
    return {
      source: origin?.registry ?? sourceOf(app, name, packageVersion),
      ...(origin === null ? {} : { archive: origin.archive }),
    };
  });
  const kept = app.lock?.layout;
  if (kept !== undefined) return { ...lock, layout: newLayout ? digits(kept) : kept };
  // Not of tools and contents: who works on a package has the same layout all the time.
  const chosen = formatLockfile({ tools: {}, packages: {}, plans: lock.plans });
  return { ...lock, layout: digits(`${app.manifest.name}\n${chosen}`) };
}

function digits(text: string): string {
  return createHash("sha256").update(text).digest("hex").slice(0, 32);
}

/** The plans of the application's lockfile, for the solver to keep. */
export function lockedPlans(app: Application, root: Release, lock: Lockfile): readonly Plan[] {
  return plansOf(lock, root.manifest.name, (consumer, slot, versions) => {
    const name = packageOf(consumer);
    const manifest =
      name === root.manifest.name
        ? root.manifest
        : app.catalog
            .releases(name)
            .find((release) => release.manifest.version === versions.get(name))?.manifest;
    const of = manifest?.requires.find((requirement) => requirement.slot === slot)?.of;
    const isInterface =
      of !== undefined &&
      app.catalog.releases(of).some((release) => release.manifest.kind === "interface");
    return isInterface ? of : null;
  });
}

/**
 * What is wrong when packages are not those that the lockfile has; null when they are. A package in a folder is
 * being worked on: its new content is taken, and the lockfile follows, unless it is `--locked`. A bundled one
 * never changes.
 */
export function changedContent(
  app: Application,
  lock: Lockfile,
  upgrade: SolveRequest["upgrade"],
  locked: boolean,
): Problem | null {
  const changed = Object.entries(lock.packages).flatMap(([id, { integrity, source }]) => {
    const { name, version } = parsePackageId(id);
    const release = app.catalog
      .releases(name)
      .find((candidate) => candidate.manifest.version === version);
    // A published version never changes; a bundled one does not either.
    const isWorkedOn = source !== "bundled" && !isRegistry(source) && !locked;
    const isFree = upgrade === "all" || upgrade.includes(name) || isWorkedOn;
    const isSame = release === undefined || release.integrity === integrity;
    return isFree || isSame ? [] : [{ id, name, integrity, found: release.integrity }];
  });
  const [first] = changed;
  if (first === undefined) return null;
  const names = changed.map(({ name }) => name).join(",");
  return {
    code: "UP204",
    message:
      changed.length === 1
        ? `${first.id} is not the package that ${lockName} was made with`
        : `${changed.length} packages are not those that ${lockName} was made with`,
    place: { file: lockName, ...positionIn(lock, first.id) },
    details: changed.flatMap(({ id, integrity, found }) => [
      id,
      `  locked  ${integrity}`,
      `  found   ${found}`,
    ]),
    hint: `if the new content is wanted, run \`unipkg solve --upgrade ${names}\` and commit ${lockName}`,
  };
}

/**
 * What is wrong when the lockfile has a package from another registry than its scope belongs to by the configuration;
 * null when nothing is. Whoever edits a lockfile must not decide where packages come from.
 */
export function movedSource(
  app: Application,
  lock: Lockfile,
  upgrade: SolveRequest["upgrade"],
): Problem | null {
  for (const [id, { source }] of Object.entries(lock.packages)) {
    const { name, version } = parsePackageId(id);
    const release = app.catalog.releases(name).find((each) => each.manifest.version === version);
    const isFree = upgrade === "all" || upgrade.includes(name);
    if (!isRegistry(source) || isFree || release === undefined) continue;
    const found = app.catalog.origin(name, version)?.registry ?? sourceOf(app, name, version);
    if (found === source) continue;
    return {
      code: "UP812",
      message: `${id} is from ${source} by ${lockName}, but from ${found} by the configuration`,
      place: { file: lockName, ...positionIn(lock, id) },
      hint: `if ${found} is right, run \`unipkg solve --upgrade ${name}\``,
    };
  }
  return null;
}

function isRegistry(source: string): boolean {
  return /^https?:\/\//.test(source);
}

/** Writes the lockfile if that changes it, and says so. */
export function writeLock(
  app: Application,
  lock: Lockfile,
  changes: readonly string[],
  context: Context,
): Result<null> {
  if (changes.length === 0) return ok(null);
  const path = join(app.folder, lockName);
  const written = writeWhole(path, formatLockfile(lock));
  if (written.ok) {
    const packages = count(Object.keys(lock.packages).length, "package");
    const targets = Object.keys(lock.plans).sort().join(", ");
    context.report.note(
      app.lock === null
        ? `${lockName} is new: ${packages} for ${targets}`
        : `${lockName} is updated: ${changes.join(", ")}`,
    );
  }
  return written;
}

/** `bundled`, or the folder of the catalog as the application sees it. */
function sourceOf(app: Application, name: string, version: string): string {
  const folder = app.catalog.folder(name, version);
  if (folder === null || isInside(join(installationFolder(), "recipes"), folder)) return "bundled";
  const catalog = app.catalogFolders.find((each) => isInside(each, folder)) ?? folder;
  return relative(app.folder, catalog).split(sep).join("/") || ".";
}

function isInside(folder: string, path: string): boolean {
  return path === folder || path.startsWith(folder + sep);
}

/** Where a package stands in the lockfile as it is written. */
function positionIn(lock: Lockfile, id: string): { line: number; column: number } {
  const lines = formatLockfile(lock).split("\n");
  const index = lines.findIndex((line) => line.startsWith(`    ${JSON.stringify(id)}:`));
  return { line: index + 1, column: 5 };
}
