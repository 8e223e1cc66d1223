import type { Plan } from "../model/plan.ts";
import { failed, ok, type Result } from "../model/problem.ts";
import type { SolveRequest } from "../model/request.ts";
import type { ApplicationPackage } from "../registry/application.ts";
import { type Application, openApplication, readSources } from "./application.ts";
import type { Context } from "./command.ts";
import { writeLock } from "./lock.ts";
import { checkRequest, namesIn, type PlanningRequest, plan } from "./planning.ts";

/** An application, read and planned. */
export interface PlannedApplication {
  readonly app: Application;
  /** What was read of its manifest and sources. */
  readonly root: ApplicationPackage;
  /** One for each target that was asked for, sorted by target; at least one. */
  readonly plans: readonly Plan[];
  /** The question that they answer, with the lockfile as it was. */
  readonly request: SolveRequest;
  /** What the lockfile was changed by. */
  readonly changes: readonly string[];
  /** Whether no other plans are better: false when the time was over before that was known. */
  readonly proven: boolean;
}

/**
 * Opens the application from here, plans it under its lockfile, and writes the lockfile if it was missing
 * or did not fit the manifest any more; says so.
 *
 * @param names packages that registries are asked for beside those that it requires and that the request names
 */
export async function openPlanned(
  context: Context,
  request: PlanningRequest,
  names: readonly string[] = [],
): Promise<Result<PlannedApplication>> {
  const app = await openApplication(context, [...namesIn(request), ...names]);
  if (!app.ok) return app;
  // A mistyped name in the manifest is told as that, not as an import that leads nowhere.
  const problems = await checkRequest(app.value, request);
  if (problems.length > 0) return failed(...problems);
  const root = await readSources(app.value);
  if (!root.ok) return root;
  const planning = await plan(app.value, root.value.release, request);
  if (!planning.ok) return planning;
  const { plans, lock, request: solved, changes, proven } = planning.value;
  // Before the lockfile says so: what is in the archives must be what was planned with.
  context.report.progress("packages");
  const brought = await app.value.catalog.obtain(plans.flatMap((each) => each.packages));
  context.report.progressEnds();
  if (!brought.ok) return brought;
  const written = writeLock(app.value, lock, changes, context);
  return written.ok
    ? ok({ app: app.value, root: root.value, plans, request: solved, changes, proven })
    : written;
}
