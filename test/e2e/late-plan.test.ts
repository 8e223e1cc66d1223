// A catalog on which the search for the best plan takes ten times as long as that for a first one: what a time limit leaves.
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { makeCatalog } from "../../bench/typed-catalog.mjs";
import { formatCase } from "../../model/case.ts";
import type { Plan } from "../../model/plan.ts";
import { temporaryFolder, unipkg } from "../support/unipkg.ts";

const folder = temporaryFolder();

/** From too little for a plan to plenty, for machines of all kinds: one of them is between the first plan and the proof. */
const limits = [0.05, 1, 2, 4, 8, 16, 32, 64];

test("a plan that is found late, but before the best is proven, is told with that", () => {
  const { releases, request } = makeCatalog(4_000, "whole");
  const names = [...new Set(releases.map((one) => one.manifest.name))].sort();
  const file = join(folder.path, "large.case");
  writeFileSync(file, formatCase({ request, releases, names }, "0.0.0"));
  for (const limit of limits) {
    const told = unipkg(folder.path, "solve", "--case", file, "--json", "--timeout", `${limit}`);
    const document = JSON.parse(told.stdout);
    if (limit === limits[0]) {
      expect(told.status).toBe(1);
      expect(document.problems[0].code).toBe("UP304");
    }
    if (told.status !== 0) continue;
    expect(document.proven).toBe(false);
    expect(document.plans.map((one: Plan) => one.target)).toEqual(request.targets);
    for (const { root, packages, bindings } of document.plans as readonly Plan[]) {
      expect(packages.map((one) => one.name)).toContain(root);
      const choices = bindings.filter((one) => one.interface !== null);
      expect(new Set(choices.map((one) => one.reason))).toEqual(new Set(["best so far"]));
    }
    expect(document.peakMemory).toBeGreaterThan(50_000_000);
    return;
  }
  expect.unreachable("no plan in a minute");
}, 400_000);
