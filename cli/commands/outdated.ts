import { failed, ok } from "../../model/problem.ts";
import type { Outdated } from "../../solver/outdated.ts";
import { type Application, lockName } from "../application.ts";
import { type Command, targetOption } from "../command.ts";
import { exit } from "../exit.ts";
import { lockedPlans } from "../lock.ts";
import { withPlainMiniSat } from "../minisat.ts";
import { openPlanned } from "../planned-app.ts";
import { plainRequest } from "../planning.ts";
import type { Style } from "../style.ts";
import { aligned } from "../text.ts";

export const command: Command = {
  name: "outdated",
  summary: "list locked packages that have newer versions",
  description: [
    "Lists each package of unipkg.lock of which a newer version is known: the locked version, the one that an upgrade takes (`unipkg solve --upgrade PKG`), the newest, and why the newest is not taken. Versions that were withdrawn are marked.",
    "Ends with status 1 when an upgrade would change a version, so that a build server can tell.",
  ],
  operands: [],
  options: [targetOption("for these targets (default: those of unipkg.lock)")],
  examples: [
    { line: "unipkg outdated", doc: "what would an upgrade bring, and what is held back?" },
    { line: "unipkg outdated --json", doc: "the same for a program" },
  ],
  json: true,
  asksRegistries: true,
  async run(words, context) {
    const { report } = context;
    const targets = words.list("target");
    const planned = await openPlanned(context, { ...plainRequest, targets });
    if (!planned.ok) return planned;
    const { app, root, plans, request } = planned.value;
    const asked = plans.map((plan) => plan.target);
    const locked =
      app.lock === null
        ? plans
        : lockedPlans(app, root.release, app.lock).filter((plan) => asked.includes(plan.target));
    const { outdated } = await withPlainMiniSat(() => import("../../solver/outdated.ts"));
    const found = outdated(request, app.catalog, locked);
    if (found === null) return failed(noUpgrade(app));
    report.document({ outdated: found });
    const rows = grouped(found);
    if (rows.length === 0) report.note("every locked package is at its newest version");
    for (const line of linesOf(rows, report.style)) report.line(line);
    const moving = found.filter((one) => one.allowed !== null && one.allowed !== one.locked);
    const names = [...new Set(moving.map((one) => one.name))].join(",");
    if (names !== "") report.note(`\`unipkg solve --upgrade ${names}\` takes what is allowed`);
    return ok(names === "" ? exit.ok : exit.failed);
  },
};

function noUpgrade({ manifest }: Application) {
  return {
    code: "UP301",
    message: `without what ${lockName} has, ${manifest.name} has no plan`,
    hint: "`unipkg solve --upgrade` says why",
  } as const;
}

/** What several targets have in common is told once. */
interface Row {
  readonly one: Outdated;
  readonly targets: readonly string[];
  readonly why: string;
}

function grouped(found: readonly Outdated[]): readonly Row[] {
  const rows = new Map<string, Row>();
  for (const one of found) {
    const why = reasonOf(one);
    const key = `${one.name} ${one.locked} ${one.allowed} ${why}`;
    const targets = [...(rows.get(key)?.targets ?? []), one.target];
    rows.set(key, { one, targets, why });
  }
  return [...rows.values()];
}

function linesOf(rows: readonly Row[], style: Style): readonly string[] {
  if (rows.length === 0) return [];
  const table = rows.flatMap(({ one, targets, why }): [string, string][] => {
    const move = one.allowed === one.locked ? "stays" : `-> ${one.allowed ?? "not needed"}`;
    const versions = `${one.locked} ${move}, newest ${one.newest}`;
    return [[one.name, `${versions} (${targets.join(", ")})${why === "" ? "" : `: ${why}`}`]];
  });
  return aligned(table, style.cyan);
}

/** Why the newest is not taken, and that the locked version was withdrawn. */
function reasonOf({ whyNot, yanked, locked }: Outdated): string {
  const withdrawn = yanked ? [`${locked} was withdrawn by its author`] : [];
  switch (whyNot?.kind) {
    case undefined:
    case "chosen":
      return withdrawn.join("; ");
    case "impossible":
      return [...withdrawn, whyNot.problem.message].join("; ");
    case "worse":
      return [...withdrawn, ...whyNot.drawbacks].join("; ");
    case "needless":
      return [...withdrawn, "nothing needs it after an upgrade"].join("; ");
  }
}
