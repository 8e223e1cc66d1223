import { readFileSync } from "node:fs";
import { relative, resolve } from "node:path";
import { CaseUniverse, formatCase, type SolveCase, withoutNeedless } from "../model/case.ts";
import { failed, ok, type Result } from "../model/problem.ts";
import type { Universe } from "../model/release.ts";
import type { SolveRequest } from "../model/request.ts";
import { openApplication, readSources } from "./application.ts";
import type { Context } from "./command.ts";
import { exit } from "./exit.ts";
import { explanationLines, explanationsOf } from "./explaining.ts";
import { installedPackage } from "./installation.ts";
import { peakMemory } from "./memory.ts";
import { withPlainMiniSat } from "./minisat.ts";
import { tellNotices } from "./notices.ts";
import { planTree } from "./plan-tree.ts";
import { namesIn, type PlanningRequest, releaseOf, solveRequestFor } from "./planning.ts";
import { notProven, solveInTime } from "./solving.ts";
import { count } from "./text.ts";
import { writeWhole } from "./write.ts";

/**
 * Solves the application from here once more, notes all that the answer depends on, and writes it to a file.
 *
 * @param hideNames with pseudonyms for scoped packages
 */
export async function saveCase(
  context: Context,
  request: PlanningRequest,
  file: string,
  hideNames: boolean,
): Promise<Result<null>> {
  const app = await openApplication(context, namesIn(request));
  if (!app.ok) return app;
  const sources = await readSources(app.value);
  // A mistyped requirement does not compile, and its case is that of the manifest.
  const root = sources.ok ? sources.value.release : releaseOf(app.value.manifest);
  const { RecordedUniverse } = await import("../solver/recorded.ts");
  const recorded = new RecordedUniverse(app.value.catalog);
  const question = solveRequestFor(app.value, root, request);
  const { solve } = await withPlainMiniSat(() => import("../solver/solve.ts"));
  solve(question, recorded);
  let saved: SolveCase = withoutNeedless({
    request: question,
    releases: recorded.recordedReleases(),
    names: recorded.recordedNames(),
  });
  if (hideNames) {
    const { withPseudonyms } = await import("../model/pseudonym.ts");
    saved = withPseudonyms(saved);
  }
  const path = resolve(context.world.folder, file);
  const written = writeWhole(path, formatCase(saved, installedPackage().version));
  if (!written.ok) return written;
  const releases = count(saved.releases.length, "release");
  context.report.note(`${relative(context.world.folder, path)} has the question and ${releases}`);
  return ok(null);
}

/** Solves a saved case, and shows the plan or why there is none. Writes nothing. */
export async function solveCase(
  context: Context,
  file: string,
  explain: boolean,
  timeout: number | null,
): Promise<Result<number>> {
  const { report } = context;
  const read = await readCase(resolve(context.world.folder, file), file);
  if (!read.ok) return read;
  const { request, universe } = read.value;
  const answer = await solveInTime(request, universe, timeout);
  if (!answer.ok) return failed(...answer.problems);
  const { plans, proven } = answer;
  for (const [index, plan] of plans.entries()) {
    if (index > 0) report.line();
    for (const line of planTree(plan, report.style)) report.line(line);
  }
  tellNotices(plans, universe, report);
  report.document({ plans, proven, ...peakMemory() });
  if (!proven) report.warn(notProven(timeout ?? 0));
  if (explain) {
    const explanations = await explanationsOf(request, universe);
    report.document({ explanations });
    const { name } = request.root.manifest;
    for (const line of explanationLines(name, explanations, report.style)) report.line(line);
  }
  return ok(exit.ok);
}

async function readCase(
  path: string,
  file: string,
): Promise<Result<{ readonly request: SolveRequest; readonly universe: Universe }>> {
  let text: string;
  try {
    text = readFileSync(path, "utf8");
  } catch (error) {
    return failed({
      code: "UP314",
      message: `${file} cannot be read: ${(error as Error).message}`,
      hint: "mend the path: it is relative to the folder that unipkg was called in",
    });
  }
  const { parseCase } = await import("../registry/case-reader.ts");
  const parsed = parseCase(text, file);
  if (!parsed.ok) return parsed;
  return ok({ request: parsed.value.request, universe: new CaseUniverse(parsed.value) });
}
