import { bumpProblem, predecessor } from "../../version-bump.ts";
import { mayOn } from "../access.ts";
import { type ApiRequest, type ApiResponse, isAnswer, json, refuse } from "../exchange.ts";
import { storedRelease } from "../known-packages.ts";
import type { PackageState, StagedVersion } from "../package-state.ts";
import { violationsOf } from "../policy-check.ts";
import type { Registry } from "../registry.ts";
import { policyOf, teamsIn } from "../scope-policy.ts";
import { told } from "./publish.ts";
import { refuseOutdatedKeys } from "./trust.ts";

/** `GET /-/unipkg/staged`: the versions that wait for approval, of packages that the visitor may publish. */
export function getStaged({ visitor }: ApiRequest, { storage }: Registry): ApiResponse {
  const { state } = storage;
  const staged = [...state.packages.values()]
    .filter(({ name, staged }) => staged.size > 0 && mayOn(state, visitor, name, "publish"))
    .flatMap(({ name, staged }) =>
      [...staged.values()].map(({ version, publisher, sent, archive }) => ({
        ...{ name, version, publisher, sent, archive },
      })),
    );
  return json(200, { staged });
}

/** `PUT /-/unipkg/staged/NAME/VERSION`: publishes what waits; for everybody but the one who sent it. */
export async function approve(
  name: string,
  version: string,
  request: ApiRequest,
  registry: Registry,
): Promise<ApiResponse> {
  const found = waiting(name, version, request, registry);
  if (isAnswer(found)) return found;
  const { state, staged } = found;
  const { storage, keys } = registry;
  const actor = request.visitor.account!;
  if (actor === staged.publisher) {
    return refuse(403, `you sent ${name}@${version} yourself: another member has to approve it`);
  }
  // What it follows may be another version than when it was sent.
  const last = predecessor(
    [...state.versions.values()].filter((each) => !each.unpublished),
    version,
  );
  const release = await storedRelease({ ...staged, yanked: false }, registry);
  const problem =
    last === undefined ? null : bumpProblem(await storedRelease(last, registry), release);
  if (problem !== null) return json(400, { error: told([problem]), problems: [problem] });
  // The policy may be another one than then, too.
  const violations = violationsOf(policyOf(storage.state, name), {
    ...{ release, manifestText: null, publisher: staged.publisher },
    teams: teamsIn(storage.state, name, staged.publisher),
    hasProvenance: staged.provenance !== undefined,
  });
  if (violations.length > 0) return json(400, { error: told(violations), problems: violations });
  const outdated = refuseOutdatedKeys(registry);
  if (outdated !== null) return outdated;
  const { sent: _, ...sent } = staged;
  const signature = keys.signVersion(name, version, staged.archive);
  const event = { type: "published", ...sent, signature } as const;
  const entries = await storage.append([{ actor, subject: `package:${name}`, event }], state.last);
  return entries === null ? refuse(409, "try again") : json(201, { ok: true, id: name });
}

/** `DELETE /-/unipkg/staged/NAME/VERSION`: refuses what waits, or takes it back; the number can be sent again. */
export async function reject(
  name: string,
  version: string,
  request: ApiRequest,
  registry: Registry,
): Promise<ApiResponse> {
  const found = waiting(name, version, request, registry);
  if (isAnswer(found)) return found;
  const actor = request.visitor.account!;
  const draft = {
    actor,
    subject: `package:${name}`,
    event: { type: "rejected", version } as const,
  };
  const entries = await registry.storage.append([draft], found.state.last);
  return entries === null ? refuse(409, "try again") : json(200, { ok: true });
}

/** What waits under a number; the same answer when nothing does, and when the visitor may not know. */
function waiting(
  name: string,
  version: string,
  { visitor }: ApiRequest,
  { storage }: Registry,
): { readonly state: PackageState; readonly staged: StagedVersion } | ApiResponse {
  const state = storage.state.packages.get(name);
  const staged = state?.staged.get(version);
  if (
    state === undefined ||
    staged === undefined ||
    !mayOn(storage.state, visitor, name, "publish")
  ) {
    return refuse(404, `${name}@${version} does not wait for approval, or you may not publish it`);
  }
  return { state, staged };
}
