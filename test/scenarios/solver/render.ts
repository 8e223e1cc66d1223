import { formatPlace } from "../../../model/place.ts";
import type { Plan } from "../../../model/plan.ts";
import type { Problem } from "../../../model/problem.ts";
import type { SolveAnswer } from "../../../model/request.ts";

/** The whole answer as text, for snapshots that a person reads. */
export function render(answer: SolveAnswer): string {
  const parts = answer.ok ? answer.plans.map(renderPlan) : answer.problems.map(renderProblem);
  return `${parts.join("\n")}`;
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
