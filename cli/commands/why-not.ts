import { failed, ok, type Problem, type Result } from "../../model/problem.ts";
import type { Universe } from "../../model/release.ts";
import type { NamedRange, SolveRequest } from "../../model/request.ts";
import type { WhyNot } from "../../solver/inquiry.ts";
import { inRange } from "../../solver/range.ts";
import { ranged } from "../../solver/wording.ts";
import { type Command, targetOption } from "../command.ts";
import { exit } from "../exit.ts";
import { withPlainMiniSat } from "../minisat.ts";
import { parsePackageWord, unknownPackage } from "../package-word.ts";
import { openPlanned } from "../planned-app.ts";
import { plainRequest } from "../planning.ts";
import type { Style } from "../style.ts";

/** What an answer says when the lockfile alone was in the way: how it would be without it. */
type Answer = WhyNot & { readonly target: string; readonly withoutLock?: WhyNot };

export const command: Command = {
  name: "why-not",
  summary: "say why a package, or a version of it, is not chosen",
  description: [
    "Supposes that the package is in the image, and says what stands against it: a derivation when the rules forbid it, as for a plan that does not exist; or, when there would be a plan, on which level of docs/solver.md it is worse, and by what. Commands that take it all the same were tried.",
    "Ends with status 1 when it is in every plan.",
  ],
  operands: [
    {
      name: "PKG[@RANGE]",
      doc: "a package; any version of it without a range",
      complete: "package",
    },
  ],
  options: [
    targetOption("for these targets (default: those of unipkg.lock, or unix)"),
    { name: "locked", doc: "fail if unipkg.lock is missing or would change" },
  ],
  examples: [
    { line: "unipkg why-not loopback", doc: "why is another package the provider?" },
    { line: "unipkg why-not tcpip@^2 --target xen", doc: "what holds it back?" },
  ],
  json: true,
  asksRegistries: true,
  async run(words, context) {
    const { report } = context;
    const word = parsePackageWord(words.operands[0]!);
    if (!word.ok) return word;
    const targets = words.list("target");
    const locked = words.has("locked");
    const { name } = word.value;
    const planned = await openPlanned(context, { ...plainRequest, targets, locked }, [name]);
    if (!planned.ok) return planned;
    const { app, plans, request } = planned.value;
    const wanted = { name, range: word.value.range ?? "*" };
    const known = checkKnown(wanted, app.catalog);
    if (!known.ok) return known;
    const answers = await answersTo(
      wanted,
      plans.map((plan) => plan.target),
      request,
      app.catalog,
    );
    report.document({ name: wanted.name, range: wanted.range, answers });
    for (const answer of answers) {
      for (const line of linesOf(wanted, answer, report.style)) report.line(line);
    }
    return ok(answers.every(({ kind }) => kind === "chosen") ? exit.failed : exit.ok);
  },
};

function checkKnown({ name, range }: NamedRange, universe: Universe): Result<null> {
  const all = universe.releases(name).map(({ manifest }) => manifest.version);
  if (all.length === 0) return failed(unknownPackage(name, universe));
  if (all.some((version) => inRange(version, range))) return ok(null);
  return failed({
    code: "UP202",
    message: `${name} has no version in ${range}`,
    details: [`it has ${all.join(", ")}`],
  });
}

async function answersTo(
  wanted: NamedRange,
  targets: readonly string[],
  request: SolveRequest,
  universe: Universe,
): Promise<readonly Answer[]> {
  const { inquire } = await withPlainMiniSat(() => import("../../solver/inquiry.ts"));
  const ask = (asked: SolveRequest, about: readonly string[]) =>
    inquire(asked, universe, (inquiry) =>
      about.map((target) => ({ target, ...inquiry.whyNot(target, wanted) })),
    ) ?? [];
  const answers = ask(request, targets);
  const kept = answers.filter((one) => one.kind === "worse" && one.level === "locked");
  if (kept.length === 0) return answers;
  // That the lock has something else is true of all that is not in it, and seldom what is asked.
  const without = ask(
    { ...request, upgrade: "all" },
    kept.map((one) => one.target),
  );
  return answers.map((answer) => {
    const { target, ...withoutLock } =
      without.find((one) => one.target === answer.target) ?? answer;
    return kept.includes(answer) && target === answer.target ? { ...answer, withoutLock } : answer;
  });
}

function linesOf({ name, range }: NamedRange, answer: Answer, style: Style): readonly string[] {
  const target = style.bold(answer.target);
  const subject = style.bold(ranged(name, range));
  switch (answer.kind) {
    case "chosen":
      return [`${subject} is in the plan for ${target}: ${name} ${answer.version}`];
    case "needless":
      return [
        `nothing in the plan for ${target} needs ${subject}`,
        ...hints(answer.commands, style),
      ];
    case "impossible":
      return [
        `${subject} cannot be in the image for ${target}: ${answer.problem.message}`,
        ...problemLines(answer.problem, style),
      ];
    case "worse": {
      const lines = [
        `${subject} could be in the image for ${target}, but the plan would be worse:`,
        ...answer.drawbacks.map((one) => `  ${one}`),
      ];
      if (answer.withoutLock !== undefined) lines.push(...unlockedLines(answer.withoutLock));
      return [...lines, ...hints(answer.commands, style)];
    }
  }
}

/** What stands against it beside the lockfile. */
function unlockedLines(answer: WhyNot): readonly string[] {
  switch (answer.kind) {
    case "chosen":
      return ["  without the lockfile it would be chosen"];
    case "worse":
      return answer.drawbacks.map((one) => `  without the lockfile, too: ${one}`);
    case "impossible":
    case "needless":
      return [];
  }
}

function problemLines({ details, hint, repairs }: Problem, style: Style): readonly string[] {
  return [
    ...(details ?? []).map((line) => `  ${line}`),
    ...hints([...(hint === undefined ? [] : [hint]), ...(repairs ?? [])], style, false),
  ];
}

function hints(texts: readonly string[], style: Style, areCommands = true): readonly string[] {
  return texts.map((text) => {
    const said = areCommands ? `\`${text}\` takes it` : text;
    return `${style.cyan("hint:")} ${said.replace(/`[^`]+`/g, style.bold)}`;
  });
}
