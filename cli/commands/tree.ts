import { ok } from "../../model/problem.ts";
import { type Command, targetOption } from "../command.ts";
import { exit } from "../exit.ts";
import { comparePlans, comparisonLines } from "../plan-comparison.ts";
import { planTree } from "../plan-tree.ts";
import { openPlanned } from "../planned-app.ts";
import { plainRequest } from "../planning.ts";
import { allTargets } from "../targets.ts";

export const command: Command = {
  name: "tree",
  summary: "show what fills each slot",
  description: [
    "Shows the plan of the lockfile: each slot, its provider and version, and why.",
    "`--target all` shows all plans of the lockfile side by side: what fills each slot on each target.",
  ],
  operands: [],
  options: [
    targetOption("for these targets (default: those of unipkg.lock, or unix); all: side by side"),
    { name: "locked", doc: "fail if unipkg.lock is missing or would change" },
  ],
  examples: [
    { line: "unipkg tree", doc: "for every target of the lockfile" },
    { line: "unipkg tree --target xen", doc: "for one" },
    { line: "unipkg tree --target all", doc: "where do the targets differ?" },
  ],
  json: true,
  async run(words, context) {
    const named = words.list("target");
    const compares = named.includes(allTargets);
    const targets = compares ? [] : named;
    const locked = words.has("locked");
    const planned = await openPlanned(context, { ...plainRequest, targets, locked });
    if (!planned.ok) return planned;
    const { report } = context;
    const { plans, app } = planned.value;
    report.document({ plans });
    if (compares) {
      const comparison = comparePlans(plans);
      report.document({ comparison });
      const { name, version } = app.manifest;
      for (const line of comparisonLines(`${name} ${version}`, comparison, report.style)) {
        report.line(line);
      }
      return ok(exit.ok);
    }
    for (const [index, plan] of plans.entries()) {
      if (index > 0) report.line();
      for (const line of planTree(plan, report.style)) report.line(line);
    }
    return ok(exit.ok);
  },
};
