import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import type { SolveRequest } from "../../../model/request.ts";
import { explain } from "../../../solver/alternatives.ts";
import { inquire } from "../../../solver/inquiry.ts";
import { outdated } from "../../../solver/outdated.ts";
import { solve } from "../../../solver/solve.ts";
import {
  type CompactPackages,
  type CompactRelease,
  type CompactRequest,
  MemoryUniverse,
  namedRange,
  releaseOf,
  releasesOf,
  requestOf,
} from "./compact.ts";
import { render, renderExplanations, renderOutdated, renderWhyNot } from "./render.ts";

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
  /** What is asked when there is a plan. */
  readonly ask?: {
    /** `name` or `name@range`, on the first target. */
    readonly whyNot?: readonly string[];
    readonly explain?: true;
    readonly outdated?: true;
  };
}

const folder = import.meta.dirname;
const files = readdirSync(folder).filter((file) => file.endsWith(".json"));

test.each(files)("%s", async (file) => {
  const scenario = JSON.parse(readFileSync(join(folder, file), "utf8")) as Scenario;
  const universe = new MemoryUniverse(releasesOf(scenario.packages));
  const request = requestFor(scenario);
  const told = [
    scenario.about,
    "",
    render(solve(request, universe)),
    ...answers(scenario, request),
  ];
  await expect(told.join("\n")).toMatchFileSnapshot(
    join(folder, "snapshots", `${file.slice(0, -5)}.txt`),
  );
});

test("there are scenarios", () => {
  expect(files.length).toBeGreaterThanOrEqual(60);
});

/** What the scenario asks beside the plan. */
function answers({ packages, ask = {} }: Scenario, request: SolveRequest): readonly string[] {
  const universe = new MemoryUniverse(releasesOf(packages));
  const told: string[] = [];
  const [first] = request.targets;
  inquire(request, universe, (inquiry) => {
    for (const word of ask.whyNot ?? []) {
      const question = `why not ${word.replace("@", " ")} on ${first}`;
      told.push(renderWhyNot(question, inquiry.whyNot(first!, namedRange(word))));
    }
    if (ask.explain !== true) return;
    for (const target of request.targets) {
      told.push(renderExplanations(target, explain(inquiry, target)));
    }
  });
  if (ask.outdated === true) told.push(renderOutdated(outdated(request, universe, request.locked)));
  return told;
}

function requestFor(scenario: Scenario): SolveRequest {
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
