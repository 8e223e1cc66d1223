import type { Lockfile } from "../model/lockfile.ts";
import type { Manifest } from "../model/manifest.ts";
import type { Plan } from "../model/plan.ts";
import { failed, ok, type Problem, type Result } from "../model/problem.ts";
import type { Release } from "../model/release.ts";
import type { NamedRange, SolveRequest } from "../model/request.ts";
import { type Application, lockName, manifestName } from "./application.ts";
import { changedContent, lockedPlans, lockFor, movedSource } from "./lock.ts";
import { changesOf } from "./lock-changes.ts";
import { remembered } from "./remembered.ts";
import { type Solved, solveInTime } from "./solving.ts";
import { namedTargets } from "./targets.ts";

/** What a command wants planned. */
export interface PlanningRequest {
  /** Targets that are asked for, `all` among them perhaps; none for those of the lockfile, or unix. */
  readonly targets: readonly string[];
  /** Forget the lockfile's other targets, which are planned along otherwise. */
  readonly only: boolean;
  /** Fail instead of changing the lockfile. */
  readonly locked: boolean;
  readonly upgrade: SolveRequest["upgrade"];
  readonly with: readonly NamedRange[];
  readonly without: readonly string[];
  readonly prefer: readonly string[];
  /** Seconds that the solver may take; without, as long as it needs. */
  readonly timeout?: number;
  readonly pins: readonly NamedRange[];
  /** Give sealed images another layout. */
  readonly newLayout?: boolean;
}

export interface Planning {
  /** One for each target that was asked for, sorted by target. */
  readonly plans: readonly Plan[];
  /** The lockfile that goes with it. */
  readonly lock: Lockfile;
  /** The question that they answer. */
  readonly request: SolveRequest;
  /** What it changes in the lockfile, a line each; all of it when there was none. */
  readonly changes: readonly string[];
  /** Whether no other plans are better: false when the time was over before that was known. */
  readonly proven: boolean;
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
  pins: [],
};

/** Packages that a request names: registries are asked for them, too. */
export function namesIn(request: PlanningRequest): readonly string[] {
  return [...request.with, ...request.pins].map(({ name }) => name).concat(request.prefer);
}

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
  const changed = lock === null ? null : changedContent(app, lock, request.upgrade, request.locked);
  if (changed !== null) return failed(changed);
  const moved = lock === null ? null : movedSource(app, lock, request.upgrade);
  if (moved !== null) return failed(moved);

  const { asked, targets } = targetsOf(app, request);
  const solveRequest = solveRequestFor(app, root, request);
  const answer = await answerTo(solveRequest, app, request.timeout ?? null);
  if (!answer.ok) return failed(...withWayOut(answer.problems, asked, targets));

  const made = lockFor(app, answer.plans, request.newLayout ?? false);
  const changes = changesOf(lock, made, request.newLayout);
  if (request.locked && changes.length > 0) return failed(wouldChange(changes));
  return ok({
    plans: answer.plans.filter((each) => asked.includes(each.target)),
    lock: made,
    request: solveRequest,
    changes,
    proven: answer.proven,
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

/** What the solver is asked. */
export function solveRequestFor(
  app: Application,
  root: Release,
  request: PlanningRequest,
): SolveRequest {
  return {
    root,
    targets: targetsOf(app, request).targets,
    locked: app.lock === null ? [] : lockedPlans(app, root, app.lock),
    upgrade: request.upgrade,
    with: request.with,
    without: request.without,
    prefer: request.prefer,
    pins: request.pins,
    policies: app.policies,
  };
}

/** Targets that are asked for, and all that are planned, sorted. */
function targetsOf(
  app: Application,
  request: PlanningRequest,
): { readonly asked: readonly string[]; readonly targets: readonly string[] } {
  const named = namedTargets(request.targets, app.manifest, app.catalog);
  const asked = named.length > 0 ? [...named].sort() : defaultTargets(app);
  const others = request.only ? [] : Object.keys(app.lock?.plans ?? {});
  return { asked, targets: [...new Set([...asked, ...others])].sort() };
}

async function answerTo(
  request: SolveRequest,
  app: Application,
  timeout: number | null,
): Promise<Solved> {
  const memory = remembered(app, request);
  if (memory.plans !== null) return { ok: true, plans: memory.plans, proven: true };
  const answer = await solveInTime(request, app.catalog, timeout);
  if (answer.ok && answer.proven) memory.remember(answer.plans);
  return answer;
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
    problem.code.startsWith("UP3")
      ? { ...problem, details: [...(problem.details ?? []), note] }
      : problem,
  );
}
