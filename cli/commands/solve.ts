import { failed, ok, type Problem, type Result } from "../../model/problem.ts";
import type { NamedRange } from "../../model/request.ts";
import { type Arguments, type Command, targetOption } from "../command.ts";
import { parseSeconds } from "../deadline.ts";
import { exit } from "../exit.ts";
import { peakMemory } from "../memory.ts";
import { tellNotices } from "../notices.ts";
import { parsePackageWord } from "../package-word.ts";
import { planTree } from "../plan-tree.ts";
import { openPlanned } from "../planned-app.ts";
import type { PlanningRequest } from "../planning.ts";
import { notProven } from "../solving.ts";

/** Options that are part of the question. */
const questionOptions = [
  ...["target", "only", "with", "without", "prefer", "upgrade", "pin"],
  ...["locked", "new-layout", "save-case", "policy", "catalog"],
];

export const command: Command = {
  name: "solve",
  summary: "choose packages for the targets and write unipkg.lock",
  description: [
    "Searches the catalog for packages that fit each other, the application and the targets, shows the plan, and writes it to unipkg.lock.",
    "What the lockfile has is kept as far as the manifest allows. Targets that it has are planned along with those that are asked for, so that versions agree over all of them.",
  ],
  operands: [],
  options: [
    targetOption("plan for these targets, or for all (default: those of unipkg.lock, or unix)"),
    { name: "only", doc: "forget the other targets of unipkg.lock" },
    { name: "with", value: "PKG[@RANGE]", doc: "this package must be chosen", complete: "package" },
    { name: "without", value: "PKG", doc: "this package must not be", complete: "package" },
    {
      name: "prefer",
      value: "PKG",
      doc: "take this provider where it fits, before all other preferences",
      complete: "package",
    },
    {
      name: "upgrade",
      value: "PKG",
      valueOptional: true,
      doc: "let go of the locked version of PKG, or of all",
      complete: "package",
    },
    {
      name: "pin",
      value: "PKG@RANGE",
      doc: "if this package is chosen, then at this version",
      complete: "package",
    },
    {
      name: "new-layout",
      doc: "give sealed images another layout, and change nothing else of them",
    },
    { name: "explain", doc: "say of each slot what decided against the alternatives" },
    { name: "locked", doc: "fail if unipkg.lock would change" },
    {
      name: "timeout",
      value: "SECONDS",
      doc: "then take the best plan found so far, and say that it is not proven",
    },
    {
      name: "save-case",
      value: "FILE",
      doc: "also write the question with all that it depends on, for a bug report",
      complete: "file",
    },
    { name: "hide-names", doc: "with pseudonyms for scoped packages in the saved case" },
    {
      name: "case",
      value: "FILE",
      doc: "solve a saved case instead of an application; writes nothing",
      complete: "file",
    },
  ],
  examples: [
    { line: "unipkg solve", doc: "for unix, or the targets that are locked" },
    { line: "unipkg solve --target xen,unix", doc: "one plan for each, versions agree" },
    { line: "unipkg solve --target all", doc: "for every target that there is a package for" },
    { line: "unipkg solve --upgrade", doc: "the newest versions that fit" },
    { line: "unipkg solve --new-layout", doc: "the same packages at other addresses, for xen" },
    { line: "unipkg solve --explain", doc: "why these packages, and not others?" },
    { line: "unipkg solve --locked", doc: "in CI: is the committed lockfile still right?" },
  ],
  json: true,
  asksRegistries: true,
  async run(words, context) {
    const { report } = context;
    const request = requestOf(words);
    if (!request.ok) return request;
    const caseFile = words.one("case");
    const saveFile = words.one("save-case");
    const wrong = wrongTogether(words);
    if (wrong !== null) return failed(wrong);
    if (caseFile !== undefined || saveFile !== undefined) {
      const { saveCase, solveCase } = await import("../case.ts");
      if (caseFile !== undefined) {
        return solveCase(context, caseFile, words.has("explain"), request.value.timeout ?? null);
      }
      const saved = await saveCase(context, request.value, saveFile!, words.has("hide-names"));
      if (!saved.ok) return saved;
    }
    const planned = await openPlanned(context, request.value);
    if (!planned.ok) return planned;
    const { app, plans, changes, proven } = planned.value;
    for (const [index, each] of plans.entries()) {
      if (index > 0) report.line();
      for (const line of planTree(each, report.style)) report.line(line);
    }
    tellNotices(plans, app.catalog, report);
    report.document({ plans, changes, proven, ...peakMemory() });
    if (!proven) {
      report.warn(notProven(request.value.timeout ?? 0));
      report.note("later solves keep what unipkg.lock has; `unipkg solve --upgrade` searches anew");
    }
    if (words.has("explain")) {
      const { explanationsOf, explanationLines } = await import("../explaining.ts");
      const all = await explanationsOf(planned.value.request, app.catalog);
      const explanations = all.filter(({ target }) => plans.some((one) => one.target === target));
      report.document({ explanations });
      for (const line of explanationLines(app.manifest.name, explanations, report.style)) {
        report.line(line);
      }
    }
    return ok(exit.ok);
  },
};

/** Options that make no sense beside each other. */
function wrongTogether(words: Arguments): Problem | null {
  if (words.has("hide-names") && !words.has("save-case")) {
    return {
      code: "UP702",
      message: "`--hide-names` is for the file of `--save-case`",
      hint: "`unipkg solve --save-case FILE --hide-names`",
    };
  }
  if (!words.has("case")) return null;
  const others = questionOptions.filter((name) => words.has(name)).map((name) => `--${name}`);
  if (others.length === 0) return null;
  return {
    code: "UP702",
    message: `\`--case\` has the whole question in its file, ${others.join(" and ")} included`,
    hint: `leave ${others.join(" and ")} out, or save the case with ${others.length > 1 ? "them" : "it"}`,
  };
}

function requestOf(words: Arguments): Result<PlanningRequest> {
  const named = namedRanges(words.all("with"));
  if (!named.ok) return named;
  const pins = namedRanges(words.all("pin"));
  if (!pins.ok) return pins;
  const timeout = words.one("timeout");
  const seconds = timeout === undefined ? null : parseSeconds(timeout);
  if (timeout !== undefined && seconds === null) {
    return failed({ code: "UP702", message: `"${timeout}" is no number of seconds` });
  }
  const upgrades = words.list("upgrade");
  return ok({
    targets: words.list("target"),
    only: words.has("only"),
    locked: words.has("locked"),
    upgrade: words.has("upgrade") && upgrades.length === 0 ? "all" : upgrades,
    with: named.value,
    pins: pins.value,
    without: words.list("without"),
    prefer: words.all("prefer"),
    newLayout: words.has("new-layout"),
    ...(seconds === null || seconds === 0 ? {} : { timeout: seconds }),
  });
}

function namedRanges(words: readonly string[]): Result<readonly NamedRange[]> {
  const named: NamedRange[] = [];
  for (const word of words) {
    const parsed = parsePackageWord(word);
    if (!parsed.ok) return parsed;
    named.push({ name: parsed.value.name, range: parsed.value.range ?? "*" });
  }
  return ok(named);
}
