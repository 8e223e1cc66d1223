import type { Universe } from "../model/release.ts";
import type { SolveRequest } from "../model/request.ts";
import type { Explanation } from "../solver/alternatives.ts";
import { withPlainMiniSat } from "./minisat.ts";
import type { Style } from "./style.ts";

/** The slots of the plan for a target, each with what decided. */
export interface ExplainedPlan {
  readonly target: string;
  readonly slots: readonly Explanation[];
}

/** Of every target of a request that has a plan. */
export async function explanationsOf(
  request: SolveRequest,
  universe: Universe,
): Promise<readonly ExplainedPlan[]> {
  const { inquire } = await withPlainMiniSat(() => import("../solver/inquiry.ts"));
  const { explain } = await import("../solver/alternatives.ts");
  const explained = inquire(request, universe, (inquiry) =>
    request.targets.map((target) => ({ target, slots: explain(inquiry, target) })),
  );
  return explained ?? [];
}

/**
 *     my-site for xen: why
 *       tcp → tcpip 1.0.0 for http1: preferred by target
 *         not kernel-sockets 1.0.0: supports only unix, not xen
 */
export function explanationLines(
  app: string,
  explanations: readonly ExplainedPlan[],
  style: Style,
): readonly string[] {
  return explanations.flatMap(({ target, slots }) => [
    "",
    `${style.bold(app)} for ${style.bold(target)}: why`,
    ...slots.flatMap((slot) => linesOf(slot, style)),
  ]);
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
