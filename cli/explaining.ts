import type { Explanation } from "../solver/alternatives.ts";
import { withPlainMiniSat } from "./minisat.ts";
import type { PlannedApplication } from "./planned-app.ts";
import type { Report } from "./report.ts";
import type { Style } from "./style.ts";

/** Says of each slot of each plan who fills it, for whom, and what decided against everything else. */
export async function tellExplanations(
  { app, plans, request }: PlannedApplication,
  report: Report,
): Promise<void> {
  const { inquire } = await withPlainMiniSat(() => import("../solver/inquiry.ts"));
  const { explain } = await import("../solver/alternatives.ts");
  const explanations = inquire(request, app.catalog, (inquiry) =>
    plans.map(({ target }) => ({ target, slots: explain(inquiry, target) })),
  );
  report.document({ explanations });
  for (const { target, slots } of explanations ?? []) {
    report.line();
    report.line(`${report.style.bold(app.manifest.name)} for ${report.style.bold(target)}: why`);
    for (const slot of slots) for (const line of linesOf(slot, report.style)) report.line(line);
  }
}

function linesOf(explanation: Explanation, style: Style): readonly string[] {
  const { slot, provider, version, consumers, reason, alternatives } = explanation;
  const name = slot === provider ? "" : `${slot} ${style.dim("→")} `;
  const who = `for ${consumers.join(", ")}`;
  const lines = [`  ${name}${style.cyan(`${provider} ${version}`)} ${who}: ${reason}`];
  for (const { name: other, version: theirs, against } of alternatives) {
    lines.push(`    not ${other} ${theirs}: ${against}`);
  }
  return lines;
}
