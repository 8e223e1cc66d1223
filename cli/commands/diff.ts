import { failed, ok } from "../../model/problem.ts";
import type { Release } from "../../model/release.ts";
import { openCatalogHere } from "../catalog.ts";
import type { Command } from "../command.ts";
import { exit } from "../exit.ts";
import { parsePackageVersion } from "../package-version.ts";
import { unknownPackage } from "../package-word.ts";

export const command: Command = {
  name: "diff",
  summary: "tell what differs between two versions of a package",
  description: [
    "Compares types, what is provided and required, targets and effects, in words: what breaks those who use the package, what is new, and what else changed.",
  ],
  operands: [
    { name: "PKG@VERSION", doc: "the version before" },
    { name: "PKG@VERSION", doc: "the version after" },
  ],
  options: [],
  examples: [
    { line: "unipkg diff @acme/firewall@1.2.0 @acme/firewall@2.0.0", doc: "before an upgrade" },
  ],
  json: true,
  asksRegistries: true,
  async run(words, context) {
    const { report } = context;
    const [before, after] = words.operands.map((word) => parsePackageVersion(word));
    if (!before!.ok) return before!;
    if (!after!.ok) return after!;
    const names = [before!.value.name, after!.value.name];
    const catalog = await openCatalogHere(context, names);
    if (!catalog.ok) return catalog;
    const found: Release[] = [];
    for (const { name, version } of [before!.value, after!.value]) {
      const all = catalog.value.releases(name);
      if (all.length === 0) return failed(unknownPackage(name, catalog.value));
      const release = all.find((each) => each.manifest.version === version);
      if (release === undefined) {
        return failed({
          code: "UP202",
          message: `${name} has no version ${version}`,
          details: [`it has ${all.map(({ manifest }) => manifest.version).join(", ")}`],
        });
      }
      found.push(release);
    }
    const { changeBetween } = await import("../../registry/version-bump.ts");
    const change = changeBetween(found[0]!, found[1]!);
    report.document({ ...change });
    const section = (title: string, lines: readonly string[]) => {
      if (lines.length === 0) return;
      report.line(report.style.bold(title));
      for (const line of lines) report.line(`  ${line}`);
    };
    section("Breaks", change.breaking);
    section("New", change.added);
    section("Else", change.others);
    if (change.size === "none" && change.others.length === 0) {
      report.line("no difference that others can see");
    }
    return ok(exit.ok);
  },
};
