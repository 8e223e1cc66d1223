import type { EffectUse } from "../model/effect.ts";
import { licenceAllowed } from "../model/licence.ts";
import { type Policy, scopeOf } from "../model/policy.ts";
import type { Release } from "../model/release.ts";
import type { SolveRequest } from "../model/request.ts";
import { inRange, isPrerelease } from "./range.ts";

/** All policies of a request: those of the application's manifest, then the organisation's. */
export function policiesOf(request: SolveRequest): readonly Policy[] {
  return [...(request.root.manifest.policies ?? []), ...(request.policies ?? [])];
}

/** What a policy has against a release. */
export interface Objection {
  /** The place of the effect, when it forbids one. */
  readonly use: EffectUse | null;
}

/**
 * What a policy has against a release; null when nothing. The application is the user's own: only what its
 * code does is looked at. An interface has no code that is linked, and a target's runtime is the machine itself:
 * neither has effects that a policy speaks of.
 */
export function objectionOf({ rule, except }: Policy, release: Release): Objection | null {
  const { name, version, kind, license, deprecated } = release.manifest;
  if (except.includes(name)) return null;
  if (rule.kind === "effect") {
    if (kind !== "library" && kind !== "app") return null;
    const use = release.effects.find((one) => one.effect === rule.effect);
    return use === undefined ? null : { use };
  }
  if (kind === "app") return null;
  return breaks() ? { use: null } : null;

  function breaks(): boolean {
    switch (rule.kind) {
      case "effect":
        return false;
      case "package":
        return rule.name === name && (rule.range === "*" || inRange(version, rule.range));
      case "deprecated":
        return deprecated !== undefined;
      case "prereleases":
        return isPrerelease(version);
      case "scope":
        return !rule.scopes.includes(scopeOf(name));
      case "licences":
        return !licenceAllowed(license, rule.licences);
    }
  }
}
