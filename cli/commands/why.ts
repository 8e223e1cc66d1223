import { type Binding, type Plan, packageOf } from "../../model/plan.ts";
import { failed, ok } from "../../model/problem.ts";
import { why } from "../../solver/why.ts";
import { type Command, targetOption } from "../command.ts";
import { exit } from "../exit.ts";
import { unknownPackage } from "../package-word.ts";
import { slotWords } from "../plan-tree.ts";
import { openPlanned } from "../planned-app.ts";
import { plainRequest } from "../planning.ts";
import type { Style } from "../style.ts";

export const command: Command = {
  name: "why",
  summary: "say how a package comes into the image",
  description: [
    "Shows the shortest chain of requirements from the application to each instance of a package, or to each provider of an interface. Ends with status 1 when it is in no plan.",
  ],
  operands: [{ name: "PKG", doc: "a package of the plan", complete: "package" }],
  options: [
    targetOption("for these targets (default: those of unipkg.lock, or unix)"),
    { name: "locked", doc: "fail if unipkg.lock is missing or would change" },
  ],
  examples: [
    { line: "unipkg why event-loop", doc: "who needs the event loop?" },
    { line: "unipkg why tcp --target xen", doc: "what provides tcp there, and for whom?" },
  ],
  json: true,
  async run(words, context) {
    const { report } = context;
    const name = words.operands[0]!;
    const targets = words.list("target");
    const locked = words.has("locked");
    const planned = await openPlanned(context, { ...plainRequest, targets, locked });
    if (!planned.ok) return planned;
    const { app, plans } = planned.value;
    if (name !== app.manifest.name && app.catalog.releases(name).length === 0) {
      return failed(unknownPackage(name, app.catalog));
    }
    const answers = plans.map((plan) => ({
      target: plan.target,
      version: plan.packages.find((each) => each.name === name)?.version ?? null,
      chains: why(plan, name),
    }));
    report.document({ name, answers });
    for (const [index, plan] of plans.entries()) {
      if (index > 0) report.line();
      for (const line of answerLines(name, plan, answers[index]!.chains, report.style)) {
        report.line(line);
      }
    }
    const isThere = answers.some(({ version, chains }) => version !== null || chains.length > 0);
    if (!isThere) report.note(`\`unipkg why-not ${name}\` says why not`);
    return ok(isThere ? exit.ok : exit.failed);
  },
};

function answerLines(
  name: string,
  plan: Plan,
  chains: readonly (readonly Binding[])[],
  style: Style,
): string[] {
  const versions = new Map(plan.packages.map((each) => [each.name, each.version]));
  const version = versions.get(name);
  const target = style.bold(plan.target);
  if (chains.length === 0) {
    if (name === plan.root) return [`${name} is the application for ${target}`];
    if (name === plan.target) return [`${name} ${version} is the target itself`];
    return version === undefined
      ? [`${name} is not in the plan for ${target}`]
      : [`${name} ${version} is in the plan for ${target} without a slot that it fills`];
  }
  const lines = [`${style.bold(name)} ${version ?? ""} for ${target}`];
  for (const chain of chains) {
    for (const [depth, binding] of chain.entries()) {
      const provider = `${packageOf(binding.provider)} ${versions.get(packageOf(binding.provider)) ?? ""}`;
      const lead = `${"   ".repeat(depth)}└─ `;
      lines.push(
        `${style.dim(lead)}${binding.consumer} needs ${slotWords(binding)}: ${style.cyan(provider)} (${binding.reason})`,
      );
    }
  }
  return lines;
}
