import { type Circle, Circles } from "./circle.ts";
import type { Cause } from "./clause.ts";
import { minimalCore } from "./core.ts";
import type { Encoding } from "./encode.ts";
import { type Clause, type Literal, Sat } from "./sat.ts";

/** Why there is no plan: causes that cannot hold together, all of them needed. */
export interface Core {
  readonly causes: readonly Cause[];
  /** What a cause of the kind "cycle" stands for. */
  readonly circles: readonly Circle[];
}

/**
 * A minimal core over causes. Where several cores exist, the one is taken that speaks of requests and
 * requirements near the root rather than of far facts: QuickXplain keeps what stands early in its list.
 */
export function findCore(encoding: Encoding, heap = 64): Core {
  const cycle: Cause = { kind: "cycle" };
  const grouped = groups(encoding);
  const causes = [...grouped.keys(), cycle].sort((a, b) => weight(a) - weight(b));
  const circles = new Map<Circle, Clause>();

  const finder = new Circles(encoding);
  let noCircles = true;
  const guards = new Map<Cause, Literal>();
  const sat: Sat = new Sat(heap, (holds) => {
    if (!noCircles) return [];
    return finder.find(holds).map(({ circle, clause }) => {
      circles.set(circle, clause);
      return [-guards.get(cycle)!, ...clause];
    });
  });
  sat.reserve(encoding.variables.count);
  for (const cause of causes) guards.set(cause, sat.variable());
  addFacts(sat, encoding);
  for (const [cause, clauses] of grouped) {
    for (const clause of clauses) sat.add([-guards.get(cause)!, ...clause]);
  }
  const core = minimalCore(causes, (subset) => {
    noCircles = subset.includes(cycle);
    return !sat.solve(subset.map((cause) => guards.get(cause)!));
  });
  if (!core.includes(cycle)) return { causes: core, circles: [] };

  const rest = new Sat(heap);
  rest.reserve(encoding.variables.count);
  addFacts(rest, encoding);
  for (const cause of core) {
    for (const clause of grouped.get(cause) ?? []) rest.add(clause);
  }
  const found = [...circles].map(([circle, clause]) => {
    const guard = rest.variable();
    rest.add([-guard, ...clause]);
    return { circle, guard };
  });
  const needed = minimalCore(found, (subset) => !rest.solve(subset.map((one) => one.guard)));
  return { causes: core, circles: needed.map((one) => one.circle) };
}

/** What always holds. That nothing needless is chosen cannot be a reason to fail, and is left out. */
function addFacts(sat: Sat, encoding: Encoding): void {
  for (const { literals, cause } of encoding.clauses) {
    if (cause.kind === "definition") sat.add(literals);
  }
}

function groups(encoding: Encoding): ReadonlyMap<Cause, readonly Clause[]> {
  const grouped = new Map<Cause, Clause[]>();
  for (const { literals, cause } of encoding.clauses) {
    if (cause.kind === "definition" || cause.kind === "support") continue;
    const group = grouped.get(cause);
    if (group === undefined) grouped.set(cause, [literals]);
    else group.push(literals);
  }
  return grouped;
}

function weight(cause: Cause): number {
  switch (cause.kind) {
    case "definition":
    case "support":
    case "with":
    case "without":
    case "supposed":
    case "pin":
      return 0;
    case "requirement":
      return 1;
    case "one version":
    case "one provider":
      return 2;
    case "provision":
    case "conflict":
    case "platform":
    case "effect":
    case "licence":
    case "policy":
      return 3;
    case "signature":
    case "uses":
    case "yanked":
    case "cycle":
      return 4;
  }
}
