import type { Plan } from "../model/plan.ts";
import type { Universe } from "../model/release.ts";
import type { Report } from "./report.ts";

/** Says what the user must know of chosen packages: their limits, and that one should not be used any more. */
export function tellNotices(plans: readonly Plan[], universe: Universe, report: Report): void {
  const told = new Set<string>();
  for (const plan of plans) {
    for (const { name, version } of plan.packages) {
      const release = universe.releases(name).find((each) => each.manifest.version === version);
      const id = `${name} ${version}`;
      if (release === undefined || told.has(id)) continue;
      told.add(id);
      const { notice, deprecated, yanked } = release.manifest;
      if (notice !== undefined) report.note(`${id}: ${notice}`);
      if (yanked) {
        report.warn(`${id} was withdrawn by its author, and stays because unipkg.lock has it`);
      }
      if (deprecated !== undefined) report.warn(`${id} is deprecated: ${deprecated}`);
    }
  }
}
