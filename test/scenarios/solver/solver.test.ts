import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import type { Plan } from "../../../model/plan.ts";
import type { SolveAnswer } from "../../../model/request.ts";
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
interface Scenario {
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
}

const folder = import.meta.dirname;
const files = readdirSync(folder).filter((file) => file.endsWith(".json"));

test.each(files)("%s", async (file) => {
  const scenario = JSON.parse(readFileSync(join(folder, file), "utf8")) as Scenario;
  const text = `${scenario.about}\n\n${render(answer(scenario))}`;
  await expect(text).toMatchFileSnapshot(join(folder, "snapshots", `${file.slice(0, -5)}.txt`));
});

test("there are scenarios", () => {
  expect(files.length).toBeGreaterThanOrEqual(25);
});

function answer(scenario: Scenario): SolveAnswer {
  const locked = scenario.before === undefined ? [] : lock(scenario);
  return solveWith(scenario.packages, scenario.app, { locked, ...scenario.request });
}

function lock({ packages, app, before }: Scenario): readonly Plan[] {
  const hidden = new Set(before?.hide ?? []);
  const shown = Object.fromEntries(Object.entries(packages).filter(([id]) => !hidden.has(id)));
  const earlier = solveWith(shown, before?.app ?? app, before?.request ?? {});
  if (!earlier.ok) throw new Error(`the earlier solve has no plan: ${render(earlier)}`);
  return earlier.plans;
}

function solveWith(
  packages: CompactPackages,
  app: CompactRelease,
  request: CompactRequest,
): SolveAnswer {
  const root = releaseOf("web", "1.0.0", { kind: "app", ...app }, packages);
  return solve(requestOf(root, request), new MemoryUniverse(releasesOf(packages)));
}
