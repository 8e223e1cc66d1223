import { join } from "node:path";
import type { BuildAnswer } from "../linker/build.ts";
import { otherOwners } from "../linker/native/sizes.ts";
import type { Plan } from "../model/plan.ts";
import type { Result } from "../model/problem.ts";
import { installedPackage } from "./installation.ts";
import { type LinkWords, linkRequest } from "./linking.ts";
import type { PlannedApplication } from "./planned-app.ts";
import type { Report } from "./report.ts";
import type { Style } from "./style.ts";
import { formatBytes } from "./text.ts";

/**
 * Builds the image of a plan.
 *
 * @param output absolute; null for its place in the application
 */
export async function buildImage(
  planned: PlannedApplication,
  plan: Plan,
  words: LinkWords,
  output: string | null,
  report: Report,
): Promise<Result<BuildAnswer>> {
  const { build } = await import("../linker/build.ts");
  const name = plan.root.replace(/^@[^/]*\//, "");
  const answer = await build({
    ...linkRequest(planned, plan, words, report),
    output: output ?? join(planned.app.folder, "build", `${name}-${plan.target}`),
    toolVersion: installedPackage().version,
  });
  report.progressEnds();
  return answer;
}

/** What a user is told of an image: where it is, its size, and whose bytes these are. */
export function imageLines(
  target: string,
  shownPath: string,
  { bytes, sizes, cached }: BuildAnswer,
  style: Style,
): string[] {
  const title = `${style.bold(shownPath)}  ${formatBytes(bytes)} for ${target}${cached ? "  (unchanged)" : ""}`;
  const width = Math.max(0, ...sizes.map(({ owner }) => owner.length));
  const rows = sizes.map(({ owner, bytes: share }) => {
    const percent = bytes === 0 ? 0 : Math.round((share / bytes) * 100);
    const columns = [
      style.cyan(owner.padEnd(width)),
      formatBytes(share).padStart(8),
      style.dim(`${String(percent).padStart(3)} %`),
      style.dim(owner === target ? "the target's C runtime" : (meanings[owner] ?? "")),
    ];
    return `  ${columns.join("  ").trimEnd()}`;
  });
  return [title, ...rows];
}

/** What owners are that are no package. */
const meanings: Readonly<Record<string, string>> = {
  [otherOwners.standard]: "the language's standard library",
  [otherOwners.constants]: "texts and tables",
  [otherOwners.files]: "files of the settings",
  [otherOwners.format]: "headers and alignment",
  unipkg: "the program's entry and memory",
};
