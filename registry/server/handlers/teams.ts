import { isPackageName, scopeOf } from "../../protocol/package-name.ts";
import { isMember, isOwner, mayOn, mayRead, roleIn, teamGrants } from "../access.ts";
import { covers, type OrganisationEvent, type Right, rights } from "../event.ts";
import {
  type ApiRequest,
  type ApiResponse,
  isAnswer,
  json,
  objectIn,
  refuse,
} from "../exchange.ts";
import type { OrganisationState, TeamState } from "../organisation-state.ts";
import type { PackageState } from "../package-state.ts";
import type { Registry } from "../registry.ts";
import { change, maySee } from "./organisations.ts";
import { readable } from "./packages.ts";

/** `GET /-/org/NAME/team`, as `npm team ls` asks: `["acme:firewall"]`. */
export function getTeams(name: string, request: ApiRequest, registry: Registry): ApiResponse {
  const organisation = seen(name, request, registry);
  if (isAnswer(organisation)) return organisation;
  return json(
    200,
    [...organisation.teams.keys()].sort().map((team) => `${name}:${team}`),
  );
}

/** `GET /-/unipkg/organisations/NAME/teams`: who is in them, and what they may. */
export function describeTeams(name: string, request: ApiRequest, registry: Registry): ApiResponse {
  const organisation = seen(name, request, registry);
  if (isAnswer(organisation)) return organisation;
  const teams = [...organisation.teams.values()].map(({ name: team, members, grants }) => ({
    ...{ team, members: [...members].sort() },
    grants: Object.fromEntries([...grants].sort(([a], [b]) => (a < b ? -1 : 1))),
  }));
  return json(200, { teams: teams.sort((a, b) => (a.team < b.team ? -1 : 1)) });
}

/** `PUT /-/org/NAME/team` with `{ "name": … }`. */
export function putTeam(
  name: string,
  request: ApiRequest,
  registry: Registry,
): Promise<ApiResponse> | ApiResponse {
  const organisation = administered(name, request, registry);
  if (isAnswer(organisation)) return organisation;
  const team = objectIn(request)?.["name"];
  if (typeof team !== "string" || !/^[a-z0-9][a-z0-9._-]{0,63}$/.test(team) || team in {}) {
    return refuse(400, "a team's name is lower case: letters, digits, `-`, `.`, `_`");
  }
  if (organisation.teams.has(team)) return refuse(409, `there is a team ${name}:${team} already`);
  return done(name, { type: "team-created", team }, request, registry);
}

/** `DELETE /-/team/ORG/TEAM` */
export function deleteTeam(
  name: string,
  team: string,
  request: ApiRequest,
  registry: Registry,
): Promise<ApiResponse> | ApiResponse {
  const found = administeredTeam(name, team, request, registry);
  return isAnswer(found) ? found : done(name, { type: "team-removed", team }, request, registry);
}

/** `GET /-/team/ORG/TEAM/user`: the names of its members. */
export function getTeamMembers(
  name: string,
  team: string,
  request: ApiRequest,
  registry: Registry,
): ApiResponse {
  const found = seenTeam(name, team, request, registry);
  return isAnswer(found) ? found : json(200, [...found.members].sort());
}

/** `PUT` and `DELETE /-/team/ORG/TEAM/user` with `{ "user": … }`. */
export function changeTeamMember(
  name: string,
  team: string,
  request: ApiRequest,
  registry: Registry,
): Promise<ApiResponse> | ApiResponse {
  const found = administeredTeam(name, team, request, registry);
  if (isAnswer(found)) return found;
  const account = objectIn(request)?.["user"];
  if (typeof account !== "string") return refuse(400, "user is the name of an account");
  const add = request.method === "PUT";
  if (add && !isMember(registry.storage.state, account, name)) {
    return refuse(
      409,
      `${account} is no member of ${name}: \`unipkg registry member ${name} ${account} --role member\` first`,
    );
  }
  if (found.members.has(account) === add) return json(200, { ok: true });
  const type = add ? "team-member-added" : "team-member-removed";
  return done(name, { type, team, account }, request, registry);
}

/** `PUT` and `DELETE /-/team/ORG/TEAM/package` with `{ "package": …, "permissions": … }`, as `npm access` sends it. */
export function changeTeamGrant(
  name: string,
  team: string,
  request: ApiRequest,
  registry: Registry,
): Promise<ApiResponse> | ApiResponse {
  const found = administeredTeam(name, team, request, registry);
  if (isAnswer(found)) return found;
  const { package: on, permissions } = objectIn(request) ?? {};
  if (
    typeof on !== "string" ||
    !(on === `@${name}` || (isPackageName(on) && scopeOf(on) === name))
  ) {
    return refuse(400, `package is one of @${name}, or @${name} itself for all of them`);
  }
  if (request.method === "DELETE") {
    return found.grants.has(on)
      ? done(name, { type: "team-revoked", team, on }, request, registry)
      : refuse(404, `${name}:${team} has no right of its own on ${on}`);
  }
  const right = rightOf(permissions);
  if (right === null) return refuse(400, `permissions are one of ${rights.join(", ")}`);
  if (found.grants.get(on) === right) return json(200, { ok: true });
  return done(name, { type: "team-granted", team, on, right }, request, registry);
}

/** `GET /-/team/ORG/TEAM/package`: what a team may do, in npm's words. */
export function getTeamGrants(
  name: string,
  team: string,
  request: ApiRequest,
  registry: Registry,
): ApiResponse {
  const found = seenTeam(name, team, request, registry);
  if (isAnswer(found)) return found;
  return json(200, inWordsOfNpm([...found.grants].filter(([on]) => on !== `@${name}`)));
}

/** `GET /-/org/NAME/package`, `/-/user/NAME/package`: packages of a scope, and what the visitor may do with them. */
export function getScopePackages(
  scope: string,
  request: ApiRequest,
  registry: Registry,
): ApiResponse {
  const { policy } = registry;
  const { state } = registry.storage;
  const all = [...state.packages.values()].filter(
    (each) => scopeOf(each.name) === scope && isThere(each),
  );
  const shown = all.filter((each) => mayRead(state, request.visitor, each, policy.anonymous));
  const owned = state.organisations.has(scope) && maySee(scope, "read", request, registry);
  // npm looks for an account of the name when there is no such organisation.
  if (shown.length === 0 && !owned) return refuse(404, "nothing that you may see");
  const mine = shown.map(({ name }): [string, Right] => [
    name,
    mayOn(state, request.visitor, name, "publish") ? "publish" : "read",
  ]);
  return json(200, inWordsOfNpm(mine));
}

/** `GET /-/package/NAME/collaborators`: who may do what with a package, for those who may publish it. */
export function getCollaborators(
  name: string,
  request: ApiRequest,
  registry: Registry,
): ApiResponse {
  const found = readable(name, request, registry);
  if (isAnswer(found)) return found;
  const { state } = registry.storage;
  if (!mayOn(state, request.visitor, name, "publish")) {
    return refuse(403, `only those who may publish ${name} see who else may`);
  }
  const asked = request.query.get("user");
  const all = [...collaborators(found, registry)].filter(
    ([who]) => asked === null || who === asked,
  );
  return json(200, inWordsOfNpm(all));
}

/** Who may do what with a package, by name: owners, and members by their role or their teams. */
export function collaborators(
  { name, owners }: PackageState,
  { storage: { state } }: Pick<Registry, "storage">,
): ReadonlyMap<string, Right> {
  const scope = scopeOf(name);
  const organisation = state.organisations.get(scope ?? "");
  const accounts = [...new Set([...owners, ...(organisation?.members.keys() ?? [])])].sort();
  const found = new Map<string, Right>();
  for (const account of accounts) {
    const own = roleIn(state, account, scope);
    const all: readonly Right[] = [
      ...(isOwner(state, account, name) ? (["publish"] as const) : []),
      ...(own === null ? [] : [own]),
      ...teamGrants(state, account, name).map(({ right }) => right),
    ];
    const [most] = [...all].sort((a, b) => rights.indexOf(b) - rights.indexOf(a));
    if (most !== undefined) found.set(account, most);
  }
  return found;
}

function isThere({ proxied, versions }: PackageState): boolean {
  return proxied === null && [...versions.values()].some((each) => !each.unpublished);
}

/** npm turns `read` and `write` into read-only and read-write for people. */
function inWordsOfNpm(grants: Iterable<readonly [string, Right]>): Record<string, string> {
  const sorted = [...grants].sort(([a], [b]) => (a < b ? -1 : 1));
  return Object.fromEntries(
    sorted.map(([on, right]) => [on, covers(right, "publish") ? "write" : "read"]),
  );
}

/** A right in npm's word for it, or in ours. */
function rightOf(word: unknown): Right | null {
  if (word === "read-only") return "read";
  if (word === "read-write") return "publish";
  return rights.find((each) => each === word) ?? null;
}

/** An organisation that the visitor is a member of; the same answer when it is not there. */
function seen(
  name: string,
  request: ApiRequest,
  registry: Registry,
): OrganisationState | ApiResponse {
  const found = registry.storage.state.organisations.get(name);
  return found === undefined || !maySee(name, "read", request, registry)
    ? refuse(404, "no such organisation, or you are not a member")
    : found;
}

function administered(
  name: string,
  request: ApiRequest,
  registry: Registry,
): OrganisationState | ApiResponse {
  const found = seen(name, request, registry);
  if (isAnswer(found) || maySee(name, "admin", request, registry)) return found;
  return refuse(403, `only administrators of ${name} change its teams`);
}

function seenTeam(
  name: string,
  team: string,
  request: ApiRequest,
  registry: Registry,
): TeamState | ApiResponse {
  const found = seen(name, request, registry);
  return isAnswer(found) ? found : teamOf(found, team);
}

function administeredTeam(
  name: string,
  team: string,
  request: ApiRequest,
  registry: Registry,
): TeamState | ApiResponse {
  const found = administered(name, request, registry);
  return isAnswer(found) ? found : teamOf(found, team);
}

function teamOf({ name, teams }: OrganisationState, team: string): TeamState | ApiResponse {
  return teams.get(team) ?? refuse(404, `${name} has no team ${team}`);
}

async function done(
  name: string,
  event: OrganisationEvent,
  request: ApiRequest,
  registry: Registry,
): Promise<ApiResponse> {
  const answer = await change(name, event, request, registry);
  return answer.status === 200 && request.method === "PUT" ? { ...answer, status: 201 } : answer;
}
