import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import type { SolveRequest } from "../../../model/request.ts";
import { solve } from "../../../solver/solve.ts";
import {
  type CompactPackages,
  type CompactRelease,
  type CompactRequest,
  MemoryUniverse,
  releaseOf,
  releasesOf,
  requestOf,
} from "./compact.ts";
import { render } from "./render.ts";

/** One rule of docs/solver.md: packages and a request; the whole answer is the snapshot. */
export interface Scenario {
  readonly about: string;
  readonly packages: CompactPackages;
  readonly app: CompactRelease;
  readonly request?: CompactRequest;
  /** An earlier solve whose plans are the lock: of this app, without the packages hidden. */
  readonly before?: {
    readonly app?: CompactRelease;
    readonly request?: CompactRequest;
    readonly hide?: readonly string[];
  };
  /** What is asked when there is a plan. */
  readonly ask?: {
    /** `name` or `name@range`, on the first target. */
    readonly whyNot?: readonly string[];
    readonly explain?: true;
    readonly outdated?: true;
  };
}

/** The folder of the scenario files. */
export const scenarioFolder = import.meta.dirname;

/** Names of the scenario files, sorted. */
export const scenarioFiles: readonly string[] = readdirSync(scenarioFolder)
  .filter((file) => file.endsWith(".json"))
  .sort();

export function readScenario(file: string): Scenario {
  return JSON.parse(readFileSync(join(scenarioFolder, file), "utf8")) as Scenario;
}

/** What a scenario asks the solver. */
export function requestFor(scenario: Scenario): SolveRequest {
  const { packages, app, before, request } = scenario;
  const root = appOf(packages, app);
  if (before === undefined) return requestOf(root, request ?? {});
  const hidden = new Set(before.hide ?? []);
  const shown = Object.fromEntries(Object.entries(packages).filter(([id]) => !hidden.has(id)));
  const earlier = solve(
    requestOf(appOf(shown, before.app ?? app), before.request ?? {}),
    new MemoryUniverse(releasesOf(shown)),
  );
  if (!earlier.ok) throw new Error(`the earlier solve has no plan: ${render(earlier)}`);
  return requestOf(root, { locked: earlier.plans, ...request });
}

function appOf(packages: CompactPackages, app: CompactRelease) {
  return releaseOf("web", "1.0.0", { kind: "app", ...app }, packages);
}
