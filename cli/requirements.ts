import { join } from "node:path";
import { failed, ok, type Result } from "../model/problem.ts";
import { type Application, manifestName } from "./application.ts";
import type { Context } from "./command.ts";
import { writeLock } from "./lock.ts";
import { defaultTargets, type Planning, plainRequest, plan, releaseOf } from "./planning.ts";
import { writeWhole } from "./write.ts";

/**
 * Writes a changed manifest and the lockfile that follows, if a plan still exists: requirements that
 * nothing can meet would only be found by the next command. With `force` it is written all the same, and
 * the problems are the answer.
 */
export async function writeRequirements(
  app: Application,
  manifestText: string,
  force: boolean,
  context: Context,
): Promise<Result<Planning>> {
  const { parseManifest } = await import("../registry/manifest.ts");
  const manifest = parseManifest(manifestText, manifestName);
  if (!manifest.ok) return manifest;
  // The sources are left out: they may well import what is only being added now.
  const root = releaseOf(manifest.value);
  const targets = defaultTargets(app);
  const planning = await plan(app, root, { ...plainRequest, targets });
  if (!planning.ok && !force) {
    const [first, ...others] = planning.problems;
    return failed(
      {
        ...first!,
        details: [...(first!.details ?? []), "", `${manifestName} was not changed`],
        hint: first!.hint ?? "`--force` writes it all the same",
      },
      ...others,
    );
  }
  if (planning.ok) {
    const brought = await app.catalog.obtain(planning.value.plans.flatMap((each) => each.packages));
    if (!brought.ok) return brought;
  }
  const written = writeWhole(join(app.folder, manifestName), manifestText);
  if (!written.ok) return written;
  if (!planning.ok) return planning;
  const locked = writeLock(app, planning.value.lock, planning.value.changes, context);
  return locked.ok ? ok(planning.value) : locked;
}
