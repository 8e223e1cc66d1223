import { parsePackageId } from "../../model/lockfile.ts";
import { failed, ok, type Problem } from "../../model/problem.ts";
import { openApplication } from "../application.ts";
import type { Command } from "../command.ts";
import { exit } from "../exit.ts";
import { count } from "../text.ts";

export const command: Command = {
  name: "audit",
  summary: "look for what became of the locked packages",
  description: [
    "Asks the registries anew for the packages of the lockfile, and tells which were withdrawn, are deprecated, are gone, or have other content than was locked. Ends with status 1 when something was found.",
  ],
  operands: [],
  options: [],
  examples: [{ line: "unipkg audit", doc: "in CI, each night" }],
  json: true,
  asksRegistries: true,
  async run(_words, context) {
    const { report } = context;
    const app = await openApplication(context);
    if (!app.ok) return app;
    const { lock, catalog } = app.value;
    if (lock === null) {
      return failed({
        code: "UP303",
        message: "there is no unipkg.lock",
        hint: "`unipkg solve` makes it",
      });
    }
    const problems: Problem[] = [];
    const found = (id: string, what: string, hint: string) =>
      problems.push({ code: "UP814", message: `${id} ${what}`, hint });
    for (const [id, { integrity, archive }] of Object.entries(lock.packages)) {
      const { name, version } = parsePackageId(id);
      const upgrade = `\`unipkg solve --upgrade ${name}\` takes another version where there is one`;
      const release = catalog.releases(name).find((each) => each.manifest.version === version);
      if (release === undefined) {
        found(id, "is not there any more", upgrade);
        continue;
      }
      const { yanked, deprecated } = release.manifest;
      const origin = catalog.origin(name, version);
      if (yanked) found(id, "was withdrawn", upgrade);
      if (deprecated !== undefined) found(id, `is deprecated: ${deprecated}`, upgrade);
      const isOther = archive !== undefined && origin !== null && origin.archive !== archive;
      if (release.integrity !== integrity || isOther) {
        found(
          id,
          "has other content than was locked",
          "a published version never changes: find out who did it",
        );
      }
    }
    report.document({ packages: Object.keys(lock.packages).length });
    if (problems.length > 0) return failed(...problems);
    report.line(`${count(Object.keys(lock.packages).length, "package")}: nothing to tell`);
    return ok(exit.ok);
  },
};
