import { failed, ok, type Problem } from "../../model/problem.ts";
import { openApplication, readSources } from "../application.ts";
import { audit } from "../audit.ts";
import { fixFor, gainedEffects } from "../audit-fix.ts";
import type { Command } from "../command.ts";
import { exit } from "../exit.ts";
import { openRegistries } from "../registries.ts";
import { count } from "../text.ts";

export const command: Command = {
  name: "audit",
  summary: "look for what became of the locked packages",
  description: [
    "Asks the registries anew for the packages of the lockfile, and tells which have known vulnerabilities, were withdrawn, are deprecated, are gone, have other content than was locked, are not signed by a registry that signs, are not in its log, or have not the provenance that a policy asks for.",
    "Then it looks for a plan without them, and proposes the command only when there is one. Effects that an upgrade would bring are told. Ends with status 1 when something was found; with 65 when that was a registry that cannot be believed.",
  ],
  operands: [],
  options: [],
  examples: [
    { line: "unipkg audit", doc: "in CI, each night" },
    { line: "unipkg audit --json", doc: "for a program: `findings`, `fix`, `gained`" },
  ],
  json: true,
  asksRegistries: true,
  async run(_words, context) {
    const { report } = context;
    const app = await openApplication(context);
    if (!app.ok) return app;
    const { lock, folder } = app.value;
    if (lock === null) {
      return failed({
        code: "UP303",
        message: "there is no unipkg.lock",
        hint: "`unipkg solve` makes it",
      });
    }
    const registries = await openRegistries(context, folder);
    if (!registries.ok) return registries;
    const audited = await audit(app.value, lock, registries.value);
    if (!audited.ok) return audited;
    const { findings, silent } = audited.value;
    for (const url of silent) report.note(`${url} has no advisories to ask for`);
    const root = await readSources(app.value);
    if (!root.ok) report.warn(`no plan was looked for: ${root.problems[0]?.message}`);
    const fix = root.ok ? await fixFor(audited.value, app.value, root.value.release) : null;
    const gained = root.ok ? await gainedEffects(app.value, root.value.release) : [];
    for (const { name, from, to, effects } of gained) {
      report.note(`${name} ${to} has ${effects.join(" and ")}, which ${from} has not`);
    }
    const packages = Object.keys(lock.packages).length;
    report.document({
      packages,
      findings: findings.map(({ name, version, kind, problem: { code, message }, advisory }) => ({
        ...{ name, version, kind, code, message },
        ...(advisory === undefined ? {} : { advisory }),
      })),
      ...{ fix, gained },
    });
    if (findings.length === 0) {
      report.line(`${count(packages, "package")}: nothing to tell`);
      return ok(exit.ok);
    }
    const problems = findings.map(({ problem }) => problem);
    const isFixable = findings.some((each) => each.isReplaceable);
    return failed(
      ...problems.slice(0, -1),
      isFixable ? withFix(problems.at(-1)!, fix) : problems.at(-1)!,
    );
  },
};

/** The way out stands below all that was found. */
function withFix(
  problem: Problem,
  fix: { readonly command: string; readonly changes: readonly string[] } | null,
): Problem {
  const told =
    fix === null
      ? "no plan was found without what is affected: wait for a version that is not, or do without the package"
      : `\`${fix.command}\` gives a plan without what is affected: ${fix.changes.join(", ")}`;
  return { ...problem, repairs: [told] };
}
