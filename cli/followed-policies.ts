import type { Policy } from "../model/policy.ts";
import { failed, ok, type Problem, type Result } from "../model/problem.ts";
import type { Registries } from "../registry/client/registries.ts";
import { readOrganisationPolicy } from "../registry/organisation-policy.ts";
import type { FollowedScope } from "../registry/policies.ts";
import type { Context } from "./command.ts";
import { openRegistries } from "./registries.ts";

/**
 * The policies of organisations that files of policies follow, from their registries or as they were fetched last.
 * Without one nothing is solved: a policy that cannot be had is not one that allows everything.
 *
 * @param folder of the application
 */
export async function followedPolicies(
  scopes: readonly FollowedScope[],
  context: Context,
  folder: string,
): Promise<Result<readonly Policy[]>> {
  const registries = await openRegistries(context, folder);
  if (!registries.ok) return registries;
  const found = await Promise.all(scopes.map((each) => policiesOf(each, registries.value)));
  const problems = found.flatMap((result) => (result.ok ? [] : result.problems));
  if (problems.length > 0) return failed(...problems);
  return ok(found.flatMap((result) => (result.ok ? result.value : [])));
}

async function policiesOf(
  { scope, place }: FollowedScope,
  registries: Registries | null,
): Promise<Result<readonly Policy[]>> {
  const url = registries?.config.registryOf(`${scope}/x`) ?? null;
  const missing = (reason: string): Problem => ({
    code: "UP866",
    message: `the policy of ${scope} cannot be had: ${reason}`,
    place,
    hint: `\`unipkg login --scope ${scope} --registry URL\` as a member of the organisation, or take \`follow ${scope}\` away`,
  });
  if (registries === null || url === null) {
    return failed(missing("no registry is configured for the scope"));
  }
  const text = await registries.at(url).policy(scope);
  if (!text.ok) return text;
  if (text.value === null) return failed(missing(`${url} has none for you`));
  const policy = readOrganisationPolicy(text.value, scope.slice(1), `policy of ${scope}`);
  return policy.ok ? ok(policy.value.rules) : policy;
}
