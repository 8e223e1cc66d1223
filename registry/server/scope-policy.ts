import { type OrganisationPolicy, readOrganisationPolicy } from "../organisation-policy.ts";
import { scopeOf } from "../protocol/package-name.ts";
import { teamsOf, type WrittenPolicy } from "./organisation-state.ts";
import type { State } from "./state.ts";

/** Policies that were read, for as long as they hold. */
const read = new WeakMap<WrittenPolicy, OrganisationPolicy>();

/**
 * The policy that packages of a scope are held to; null when their organisation has none, or the scope is an
 * account's. Throws when the log has one that this version cannot read: nothing is published past it.
 */
export function policyOf(state: State, name: string): OrganisationPolicy | null {
  return policyOfScope(state, scopeOf(name));
}

/** The policy of an organisation by its name; null when there is none. */
export function policyOfScope(state: State, scope: string | null): OrganisationPolicy | null {
  const written = scope === null ? null : (state.organisations.get(scope)?.policy ?? null);
  if (scope === null || written === null) return null;
  const known = read.get(written);
  if (known !== undefined) return known;
  const policy = readOrganisationPolicy(written.text, scope, `the policy of @${scope}`);
  if (!policy.ok) throw new Error(policy.problems[0]!.message);
  read.set(written, policy.value);
  return policy.value;
}

/** The teams of a package's organisation that an account is in. */
export function teamsIn(state: State, name: string, account: string): readonly string[] {
  const organisation = state.organisations.get(scopeOf(name) ?? "");
  return organisation === undefined ? [] : teamsOf(organisation, account);
}
