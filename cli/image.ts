import { join } from "node:path";
import type { BuildAnswer } from "../linker/build.ts";
import { otherOwners } from "../linker/native/sizes.ts";
import { xlConfiguration } from "../linker/native/xl.ts";
import type { Plan } from "../model/plan.ts";
import { ok, type Result } from "../model/problem.ts";
import { installedPackage } from "./installation.ts";
import { type LinkWords, linkRequest } from "./linking.ts";
import type { PlannedApplication } from "./planned-app.ts";
import type { Report } from "./report.ts";
import type { Style } from "./style.ts";
import { formatBytes } from "./text.ts";
import { writeWhole } from "./write.ts";

/** An image, and beside a kernel what `xl create` wants to know of it. */
export interface BuiltImage extends BuildAnswer {
  /** Absolute; null for an image that is no kernel. */
  readonly configuration: string | null;
}

/** The back end of a plan's target. */
export function backendOf(planned: PlannedApplication, plan: Plan): string {
  const version = plan.packages.find((each) => each.name === plan.target)?.version;
  const releases = planned.app.catalog.releases(plan.target);
  const target = releases.find((release) => release.manifest.version === version);
  return target?.manifest.target?.backend ?? "";
}

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
): Promise<Result<BuiltImage>> {
  const { build } = await import("../linker/build.ts");
  const name = plan.root.replace(/^@[^/]*\//, "");
  const answer = await build({
    ...linkRequest(planned, plan, words, report),
    output: output ?? join(planned.app.folder, "build", imageName(name, plan.target)),
    toolVersion: installedPackage().version,
    kernel: words.kernel,
  });
  report.progressEnds();
  if (!answer.ok) return answer;
  if (backendOf(planned, plan) !== "elf-pvh") return ok({ ...answer.value, configuration: null });
  const { image, bytes } = answer.value;
  const configuration = `${image}.cfg`;
  const has = (slot: string) => plan.packages.some((each) => each.name === slot);
  const content = xlConfiguration({
    name,
    kernel: image,
    memory: words.memory + Math.ceil(bytes / bytesPerMebibyte) + domainOverhead,
    cards: has("netdev") ? 1 : 0,
    disks: has("block") ? [`${image}.disk`] : [],
  });
  const written = writeWhole(configuration, content);
  return written.ok ? ok({ ...answer.value, configuration }) : written;
}

const bytesPerMebibyte = 1 << 20;

/** Memory of a domain beyond the program's own limit and the image's file, in MiB: stack, page tables, what is below the kernel. */
const domainOverhead = 6;

/** Linux wants its modules to end so. */
function imageName(application: string, target: string): string {
  return target === "kernel-module" ? `${application}.ko` : `${application}-${target}`;
}

/** What a user is told of an image: where it is, its size, and whose bytes these are. */
export function imageLines(
  target: string,
  shownPath: string,
  { bytes, sizes, cached, configuration }: BuiltImage,
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
      style.dim(owner === target ? "the target's own runtime" : (meanings[owner] ?? "")),
    ];
    return `  ${columns.join("  ").trimEnd()}`;
  });
  const xen = configuration === null ? [] : [`  for a Xen host: ${shownPath}.cfg`];
  return [title, ...rows, ...xen];
}

/** What owners are that are no package. */
const meanings: Readonly<Record<string, string>> = {
  [otherOwners.standard]: "the language's standard library",
  [otherOwners.constants]: "texts and tables",
  [otherOwners.files]: "files of the settings",
  [otherOwners.format]: "headers and alignment",
  unipkg: "the program's entry and memory",
};
