import type { Requirement } from "../model/manifest.ts";
import { formatPolicy } from "../model/policy.ts";
import type { Universe } from "../model/release.ts";
import type { SolveRequest } from "../model/request.ts";
import type { Cause } from "./clause.ts";
import { policiesOf } from "./policy.ts";
import { inRange } from "./range.ts";
import { targetNames } from "./targets.ts";

/** Something that the user can change, so that there is a plan. */
export interface Change {
  /** Identity: two ways to the same set of changes are one repair. */
  readonly key: string;
  /** Less is a smaller intrusion, and told first. */
  readonly weight: number;
  readonly request: SolveRequest;
}

/** What the user could change of the causes. */
export function changes(
  request: SolveRequest,
  universe: Universe,
  causes: readonly Cause[],
): readonly Change[] {
  const found = new Map<string, Change>();
  const add = (key: string, weight: number, changed: SolveRequest) => {
    if (!found.has(key)) found.set(key, { key, weight, request: changed });
  };
  for (const cause of causes) {
    if (cause.kind === "without") {
      const without = request.without.filter((name) => name !== cause.package);
      add(`without ${cause.package}`, 1, { ...request, without });
    }
    if (cause.kind === "with") {
      const rest = request.with.filter((one) => one.name !== cause.package);
      add(`with ${cause.package}`, 2, { ...request, with: rest });
    }
    if (cause.kind === "pin") add(`pin ${cause.package}`, 2, withoutPin(request, cause.package));
    if (cause.kind === "policy") {
      add(`policy ${cause.policy} ${cause.package}`, 6, excepting(request, cause));
    }
    if (cause.kind === "requirement" && cause.consumer === request.root.manifest.name) {
      const own = request.root.manifest.requires.find((one) => one.slot === cause.slot);
      if (own !== undefined) relax(own, request, universe, add);
    }
    if ("target" in cause) {
      for (const targets of otherTargets(request, universe, cause.target)) {
        add(`target ${targets.join(",")}`, 4, { ...request, targets });
      }
    }
  }
  return [...found.values()];
}

/** A requirement of the app at any version, or not at all where no source imports it. */
function relax(
  own: Requirement,
  request: SolveRequest,
  universe: Universe,
  add: (key: string, weight: number, changed: SolveRequest) => void,
): void {
  const { manifest, uses } = request.root;
  const withRequires = (requires: readonly Requirement[]): SolveRequest => ({
    ...request,
    root: { ...request.root, manifest: { ...manifest, requires } },
  });
  const others = manifest.requires.filter((one) => one !== own);
  const excludes = universe
    .releases(own.of)
    .some((one) => !inRange(one.manifest.version, own.range));
  // `unipkg add` cannot name a slot.
  if (excludes && own.slot === own.of && own.when === undefined) {
    add(`range ${own.slot}`, 3, withRequires([...others, { ...own, range: "*" }].sort(bySlot)));
  }
  if ((uses[own.slot] ?? []).length === 0) add(`remove ${own.slot}`, 5, withRequires(others));
}

/** Without the pin that binds: the command line's goes before the manifest's. */
function withoutPin(request: SolveRequest, name: string): SolveRequest {
  const { manifest } = request.root;
  const rest = (request.pins ?? []).filter((one) => one.name !== name);
  if (rest.length !== (request.pins ?? []).length) return { ...request, pins: rest };
  const { [name]: _, ...pins } = manifest.pins ?? {};
  return { ...request, root: { ...request.root, manifest: { ...manifest, pins } } };
}

export type PolicyCause = Extract<Cause, { kind: "policy" }>;

/** With a policy that does not speak of the package. */
export function excepting(request: SolveRequest, cause: PolicyCause): SolveRequest {
  const { manifest } = request.root;
  const policies = policiesOf(request).map((policy, index) => {
    if (index !== cause.policy) return policy;
    const except = [...policy.except, cause.package].sort();
    return { ...policy, except, text: formatPolicy(policy.rule, except) };
  });
  const own = manifest.policies?.length ?? 0;
  return {
    ...request,
    root: { ...request.root, manifest: { ...manifest, policies: policies.slice(0, own) } },
    policies: policies.slice(own),
  };
}

function bySlot(a: Requirement, b: Requirement): number {
  return a.slot < b.slot ? -1 : 1;
}

/** The targets without this one; when it is the only one, each other that there is. */
function otherTargets(
  request: SolveRequest,
  universe: Universe,
  target: string,
): readonly (readonly string[])[] {
  const rest = request.targets.filter((one) => one !== target);
  if (rest.length > 0) return [rest];
  return targetNames(universe)
    .filter((name) => name !== target)
    .map((name) => [name]);
}
