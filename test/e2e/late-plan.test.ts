// A catalog on which the search for the best plan takes ten times as long as that for a first one: what a time limit and Ctrl-C leave.

import { once } from "node:events";
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { makeCatalog } from "../../bench/typed-catalog.mjs";
import { formatCase } from "../../model/case.ts";
import type { Plan } from "../../model/plan.ts";
import { cli, start, temporaryFolder, unipkg } from "../support/unipkg.ts";

const folder = temporaryFolder();
const file = join(folder.path, "large.case");
const { releases, request } = makeCatalog(4_000, "whole");

beforeAll(() => {
  const names = [...new Set(releases.map((one) => one.manifest.name))].sort();
  writeFileSync(file, formatCase({ request, releases, names }, "0.0.0"));
});

afterAll(() => folder.remove());

/** From too little for a plan to plenty, for machines of all kinds: one of them is between the first plan and the proof. */
const limits = [0.05, 1, 2, 4, 8, 16, 32, 64];

test("a plan that is found late, but before the best is proven, is told with that", () => {
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

test.each([[], ["--timeout", "600"]])("Ctrl-C ends a search at once %j", async (...options) => {
  const args = [cli, "solve", "--case", file, ...options];
  const { child } = start(process.execPath, args, folder.path);
  // Loading and reading takes less than that of the processor, so that it is searching.
  while (processorSeconds(child.pid!) < 2.5) await new Promise((done) => setTimeout(done, 50));
  child.kill("SIGINT");
  const [status, signal] = await once(child, "close");
  expect([status, signal]).toEqual([null, "SIGINT"]);
});

/** What Linux has counted for a process, in user mode (proc(5)): hundredths of a second. */
function processorSeconds(pid: number): number {
  const [, rest = ""] = readFileSync(`/proc/${pid}/stat`, "latin1").split(") ");
  return Number(rest.split(" ")[11]) / 100;
}
