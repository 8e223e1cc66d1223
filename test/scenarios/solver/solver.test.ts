import { join } from "node:path";
import { expect, test } from "vitest";
import type { SolveRequest } from "../../../model/request.ts";
import { explain } from "../../../solver/alternatives.ts";
import { inquire } from "../../../solver/inquiry.ts";
import { outdated } from "../../../solver/outdated.ts";
import { solve } from "../../../solver/solve.ts";
import { MemoryUniverse, namedRange, releasesOf } from "./compact.ts";
import { render, renderExplanations, renderOutdated, renderWhyNot } from "./render.ts";
import {
  readScenario,
  requestFor,
  type Scenario,
  scenarioFiles,
  scenarioFolder,
} from "./scenario.ts";

test.each(scenarioFiles)("%s", async (file) => {
  const scenario = readScenario(file);
  const universe = new MemoryUniverse(releasesOf(scenario.packages));
  const request = requestFor(scenario);
  const told = [
    scenario.about,
    "",
    render(solve(request, universe)),
    ...answers(scenario, request),
  ];
  await expect(told.join("\n")).toMatchFileSnapshot(
    join(scenarioFolder, "snapshots", `${file.slice(0, -5)}.txt`),
  );
});

test("there are scenarios", () => {
  expect(scenarioFiles.length).toBeGreaterThanOrEqual(60);
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
