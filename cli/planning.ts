import { join, relative, sep } from "node:path";
import {
  formatLockfile,
  type Lockfile,
  lockfileOf,
  parsePackageId,
  plansOf,
} from "../model/lockfile.ts";
import type { Manifest } from "../model/manifest.ts";
import { type Plan, packageOf } from "../model/plan.ts";
import { failed, ok, type Problem, type Result } from "../model/problem.ts";
import type { Release } from "../model/release.ts";
import type { NamedRange, SolveAnswer, SolveRequest } from "../model/request.ts";
import { type Application, lockName, manifestName } from "./application.ts";
import type { Context } from "./command.ts";
import { installationFolder, installedPackage } from "./installation.ts";
import { changesOf } from "./lock-changes.ts";
import { remembered } from "./remembered.ts";
import { count } from "./text.ts";
import { writeWhole } from "./write.ts";

/** What a command wants planned. */
export interface PlanningRequest {
  /** Targets that are asked for; none for those of the lockfile, or unix. */
  readonly targets: readonly string[];
  /** Forget the lockfile's other targets, which are planned along otherwise. */
  readonly only: boolean;
  /** Fail instead of changing the lockfile. */
  readonly locked: boolean;
  readonly upgrade: SolveRequest["upgrade"];
  readonly with: readonly NamedRange[];
  readonly without: readonly string[];
  readonly prefer: readonly string[];
}

export interface Planning {
  /** One for each target that was asked for, sorted by target. */
  readonly plans: readonly Plan[];
  /** The lockfile that goes with it. */
  readonly lock: Lockfile;
  /** What it changes in the lockfile, a line each; all of it when there was none. */
  readonly changes: readonly string[];
}

/** Nothing special: the plans that the lockfile has, as far as the manifest allows. */
export const plainRequest: PlanningRequest = {
  targets: [],
  only: false,
  locked: false,
  upgrade: [],
  with: [],
  without: [],
  prefer: [],
};

/** Targets that a command is about when it is not told: those of the lockfile, or unix. */
export function defaultTargets(app: Application): readonly string[] {
  const locked = Object.keys(app.lock?.plans ?? {}).sort();
  return locked.length > 0 ? locked : ["unix"];
}

/** Solves the application under its lockfile. Writes nothing. */
export async function plan(
  app: Application,
  root: Release,
  request: PlanningRequest,
): Promise<Result<Planning>> {
  const { lock } = app;
  if (lock === null && request.locked) return failed(noLock());
  const changed = lock === null ? [] : changedPackages(app, lock, request);
  if (changed.length > 0) return failed(...changed);

  const { asked, targets } = targetsOf(app, request);
  const solveRequest: SolveRequest = {
    root,
    targets,
    locked: lock === null ? [] : lockedPlans(app, root, lock),
    upgrade: request.upgrade,
    with: request.with,
    without: request.without,
    prefer: request.prefer,
  };
  const answer = await answerTo(solveRequest, app);
  if (!answer.ok) return failed(...withWayOut(answer.problems, asked, targets));

  const made = lockfileOf(answer.plans, tools(), (name, version) => sourceOf(app, name, version));
  const changes = changesOf(lock, made);
  if (request.locked && changes.length > 0) return failed(wouldChange(changes));
  return ok({
    plans: answer.plans.filter((each) => asked.includes(each.target)),
    lock: made,
    changes,
  });
}

/**
 * What is wrong with the manifest's requirements and the request on their face, before any source is read, each
 * requirement with its place.
 */
export async function checkRequest(
  app: Application,
  request: PlanningRequest,
): Promise<readonly Problem[]> {
  const { check } = await import("../solver/check.ts");
  const { entryPosition, requirementPaths } = await import("./manifest-edit.ts");
  const { manifest, manifestText, catalog } = app;
  const { targets } = targetsOf(app, request);
  const asked = { ...request, targets, locked: [] };
  const problemsWith = (requires: Manifest["requires"]) =>
    check({ ...asked, root: releaseOf({ ...manifest, requires }) }, catalog);
  const problems = [...problemsWith([])];
  const others = new Set(problems.map(({ message }) => message));
  for (const requirement of manifest.requires) {
    const [path] = requirementPaths(manifestText, requirement.slot);
    const position = path === undefined ? null : entryPosition(manifestText, path);
    const place = position === null ? {} : { place: { file: manifestName, ...position } };
    for (const problem of problemsWith([requirement])) {
      if (!others.has(problem.message)) problems.push({ ...problem, ...place });
    }
  }
  return problems;
}

/** The application without anything of its sources. */
export function releaseOf(manifest: Manifest): Release {
  return { manifest, integrity: "", signature: null, provided: {}, uses: {}, effects: [] };
}

/** Targets that are asked for, and all that are planned, sorted. */
function targetsOf(
  app: Application,
  request: PlanningRequest,
): { readonly asked: readonly string[]; readonly targets: readonly string[] } {
  const asked = request.targets.length > 0 ? [...request.targets].sort() : defaultTargets(app);
  const others = request.only ? [] : Object.keys(app.lock?.plans ?? {});
  return { asked, targets: [...new Set([...asked, ...others])].sort() };
}

async function answerTo(request: SolveRequest, app: Application): Promise<SolveAnswer> {
  const memory = remembered(app, request);
  if (memory.plans !== null) return { ok: true, plans: memory.plans };
  const { solve } = await import("../solver/solve.ts");
  const answer = solve(request, app.catalog);
  if (answer.ok) memory.remember(answer.plans);
  return answer;
}

/** Writes the lockfile if that changes it, and says so. */
export function writeLock(app: Application, planning: Planning, context: Context): Result<null> {
  if (planning.changes.length === 0) return ok(null);
  const path = join(app.folder, lockName);
  const written = writeWhole(path, formatLockfile(planning.lock));
  if (written.ok) {
    const packages = count(Object.keys(planning.lock.packages).length, "package");
    const targets = Object.keys(planning.lock.plans).sort().join(", ");
    context.report.note(
      app.lock === null
        ? `${lockName} is new: ${packages} for ${targets}`
        : `${lockName} is updated: ${planning.changes.join(", ")}`,
    );
  }
  return written;
}

function tools(): Record<string, string> {
  const { version, dependencies } = installedPackage();
  return { unipkg: version, assemblyscript: dependencies["assemblyscript"] ?? "" };
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

function lockedPlans(app: Application, root: Release, lock: Lockfile): readonly Plan[] {
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
 * Packages whose content is not what the lockfile has. A package in a folder is being worked on: its new
 * content is taken, and the lockfile follows, unless it is `--locked`. A bundled one never changes.
 */
function changedPackages(app: Application, lock: Lockfile, request: PlanningRequest): Problem[] {
  const { upgrade } = request;
  return Object.entries(lock.packages).flatMap(([id, { integrity, source }]): Problem[] => {
    const { name, version } = parsePackageId(id);
    const release = app.catalog
      .releases(name)
      .find((candidate) => candidate.manifest.version === version);
    const isFree = upgrade === "all" || upgrade.includes(name);
    if (release === undefined || release.integrity === integrity || isFree) return [];
    if (source !== "bundled" && !request.locked) return [];
    return [
      {
        code: "UP204",
        message: `${id} is not the package that ${lockName} was made with`,
        place: { file: lockName, ...positionIn(lock, id) },
        details: [`locked:  ${integrity}`, `found:   ${release.integrity}`],
        hint: `if the new content is wanted, run \`unipkg solve --upgrade ${name}\``,
      },
    ];
  });
}

/** Where a package stands in the lockfile as it is written. */
function positionIn(lock: Lockfile, id: string): { line: number; column: number } {
  const lines = formatLockfile(lock).split("\n");
  const index = lines.findIndex((line) => line.startsWith(`    ${JSON.stringify(id)}:`));
  return { line: index + 1, column: 5 };
}

function noLock(): Problem {
  return {
    code: "UP303",
    message: `there is no ${lockName}, and \`--locked\` forbids to make one`,
    hint: "run `unipkg solve` without `--locked` and commit the file",
  };
}

function wouldChange(changes: readonly string[]): Problem {
  return {
    code: "UP302",
    message: `${lockName} does not fit the manifest any more, and \`--locked\` forbids to change it`,
    details: changes,
    hint: "run `unipkg solve` without `--locked`, look at the change and commit it",
  };
}

/** A failure may come from a target that the user did not speak of. */
function withWayOut(
  problems: readonly Problem[],
  asked: readonly string[],
  targets: readonly string[],
): readonly Problem[] {
  const others = targets.filter((target) => !asked.includes(target));
  if (others.length === 0) return problems;
  const note = `${others.join(" and ")}: planned along because ${lockName} has it; \`--only\` leaves it out`;
  return problems.map((problem) =>
    problem.code === "UP301"
      ? { ...problem, details: [...(problem.details ?? []), note] }
      : problem,
  );
}
