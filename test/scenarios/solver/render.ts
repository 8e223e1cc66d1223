import { formatPlace } from "../../../model/place.ts";
import type { Plan } from "../../../model/plan.ts";
import type { Problem } from "../../../model/problem.ts";
import type { SolveAnswer } from "../../../model/request.ts";
import type { Explanation } from "../../../solver/alternatives.ts";
import type { WhyNot } from "../../../solver/inquiry.ts";
import type { Outdated } from "../../../solver/outdated.ts";

/** The whole answer as text, for snapshots that a person reads. */
export function render(answer: SolveAnswer): string {
  const parts = answer.ok ? answer.plans.map(renderPlan) : answer.problems.map(renderProblem);
  return `${parts.join("\n")}`;
}

/** `why not b ^2 on unix: …`. */
export function renderWhyNot(question: string, answer: WhyNot): string {
  switch (answer.kind) {
    case "chosen":
      return `${question}: it is, at ${answer.version}\n`;
    case "needless":
      return `${question}: nothing needs it\n${lines("command", answer.commands)}`;
    case "impossible":
      return `${question}: impossible\n${renderProblem(answer.problem)}`;
    case "worse": {
      const { version, level, drawbacks, commands } = answer;
      const told = drawbacks.map((line) => `  ${line}\n`).join("");
      return `${question}: ${version} would be worse (${level})\n${told}${lines("command", commands)}`;
    }
  }
}

/** `tcp <- tcpip 1.0.0 for web (newest)`, then an alternative a line. */
export function renderExplanations(target: string, slots: readonly Explanation[]): string {
  const told = slots.map(({ slot, provider, version, consumers, reason, alternatives }) => {
    const others = alternatives.map(
      ({ name, version: theirs, by, against }) => `    not ${name} ${theirs}: ${against} (${by})\n`,
    );
    return `  ${slot} <- ${provider} ${version} for ${consumers.join(", ")} (${reason})\n${others.join("")}`;
  });
  return `explained for ${target}\n${told.join("")}`;
}

export function renderOutdated(found: readonly Outdated[] | null): string {
  if (found === null) return "outdated: an upgrade has no plan\n";
  const told = found.map(({ name, target, locked, allowed, newest, yanked, whyNot }) => {
    const line = `  ${name} ${locked} -> ${allowed ?? "not needed"}, newest ${newest} (${target})${yanked ? ", withdrawn" : ""}\n`;
    return whyNot === null
      ? line
      : `${line}    ${renderWhyNot("newest", whyNot).trimEnd().replaceAll("\n", "\n    ")}\n`;
  });
  return `outdated\n${told.join("")}`;
}

function lines(word: string, texts: readonly string[]): string {
  return texts.map((text) => `  ${word}: ${text}\n`).join("");
}

function renderPlan(plan: Plan): string {
  const packages = plan.packages.map((one) => `  ${one.name} ${one.version}\n`);
  const bindings = plan.bindings.map((one) => {
    const slot = one.interface === null || one.interface === one.slot ? "" : `: ${one.interface}`;
    return `  ${one.consumer} . ${one.slot}${slot} <- ${one.provider} (${one.reason})\n`;
  });
  return `plan of ${plan.root} for ${plan.target}\n${packages.join("")}slots\n${bindings.join("")}`;
}

function renderProblem(problem: Problem): string {
  const place = problem.place === undefined ? "" : `  at ${formatPlace(problem.place)}\n`;
  const details = (problem.details ?? []).map((line) => `  ${line}\n`).join("");
  const hint = problem.hint === undefined ? "" : `  hint: ${problem.hint}\n`;
  const repairs = (problem.repairs ?? []).map((line) => `  repair: ${line}\n`).join("");
  return `${problem.code} ${problem.message}\n${place}${details}${hint}${repairs}`;
}
