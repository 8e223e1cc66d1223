import { parsePackageId } from "../../model/lockfile.ts";
import { failed, ok } from "../../model/problem.ts";
import { openApplication } from "../application.ts";
import type { Command } from "../command.ts";
import { exit } from "../exit.ts";
import { count } from "../text.ts";

export const command: Command = {
  name: "fetch",
  summary: "bring all that unipkg.lock has to this machine",
  description: [
    "Brings the indexes and the packages that the lockfile has from their registries, and checks them. After that, `--offline` works.",
  ],
  operands: [],
  options: [],
  examples: [{ line: "unipkg fetch", doc: "before the train" }],
  json: true,
  asksRegistries: true,
  async run(_words, context) {
    const app = await openApplication(context);
    if (!app.ok) return app;
    const { lock, catalog } = app.value;
    if (lock === null) {
      return failed({
        code: "UP303",
        message: "there is no unipkg.lock",
        hint: "`unipkg solve` makes it, and brings what it has",
      });
    }
    const ids = Object.keys(lock.packages).map(parsePackageId);
    const remote = ids.filter(({ name, version }) => catalog.origin(name, version) !== null);
    context.report.progress(count(remote.length, "package"));
    const brought = await catalog.obtain(remote);
    if (!brought.ok) return brought;
    context.report.line(
      `${count(remote.length, "package")} of registries, ${ids.length - remote.length} at hand without`,
    );
    context.report.document({ packages: remote });
    return ok(exit.ok);
  },
};
