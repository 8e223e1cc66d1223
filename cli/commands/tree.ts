import { ok } from "../../model/problem.ts";
import { type Command, targetOption } from "../command.ts";
import { exit } from "../exit.ts";
import { planTree } from "../plan-tree.ts";
import { openPlanned } from "../planned-app.ts";
import { plainRequest } from "../planning.ts";

export const command: Command = {
  name: "tree",
  summary: "show what fills each slot",
  description: ["Shows the plan of the lockfile: each slot, its provider and version, and why."],
  operands: [],
  options: [
    targetOption("for these targets (default: those of unipkg.lock, or unix)"),
    { name: "locked", doc: "fail if unipkg.lock is missing or would change" },
  ],
  examples: [
    { line: "unipkg tree", doc: "for every target of the lockfile" },
    { line: "unipkg tree --target xen", doc: "for one" },
  ],
  json: true,
  async run(words, context) {
    const targets = words.list("target");
    const locked = words.has("locked");
    const planned = await openPlanned(context, { ...plainRequest, targets, locked });
    if (!planned.ok) return planned;
    const { report } = context;
    for (const [index, plan] of planned.value.plans.entries()) {
      if (index > 0) report.line();
      for (const line of planTree(plan, report.style)) report.line(line);
    }
    report.document({ plans: planned.value.plans });
    return ok(exit.ok);
  },
};
