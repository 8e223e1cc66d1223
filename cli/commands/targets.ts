import { knownTargets } from "../../model/manifest.ts";
import { ok } from "../../model/problem.ts";
import { openCatalogHere } from "../catalog.ts";
import type { Command } from "../command.ts";
import { exit } from "../exit.ts";
import { targetsAtHand } from "../targets.ts";
import { aligned } from "../text.ts";

export const command: Command = {
  name: "targets",
  summary: "list the platforms that images can be made for",
  description: [
    "Lists the target packages that are at hand, and the targets that unipkg knows by name but has no package for yet.",
  ],
  operands: [],
  options: [],
  examples: [
    { line: "unipkg targets", doc: "all, with what they are" },
    { line: "unipkg targets --quiet", doc: "the names of those that can be used" },
  ],
  json: true,
  async run(_words, context) {
    const { report } = context;
    const opened = await openCatalogHere(context);
    if (!opened.ok) return opened;
    const catalog = opened.value;
    const present = targetsAtHand(catalog).map((release) => release.manifest);
    const missing = knownTargets.filter((name) => catalog.releases(name).length === 0);
    report.document({
      targets: present.map(({ name, version, description }) => ({ name, version, description })),
      withoutPackage: missing,
    });
    if (report.quiet) {
      for (const { name } of present) report.line(name);
      return ok(exit.ok);
    }
    const rows = [
      ...present.map((target): [string, string] => [
        `${target.name} ${target.version}`,
        target.description,
      ]),
      ...missing.map((name): [string, string] => [name, "known by name; there is no package yet"]),
    ];
    for (const line of aligned(rows, report.style.cyan)) report.line(line);
    return ok(exit.ok);
  },
};
