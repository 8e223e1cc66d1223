import { json } from "./exchange.ts";
import { getProfile, getUser, postProfile, putUser, whoami } from "./handlers/accounts.ts";
import { bulk } from "./handlers/advisories.ts";
import { getArchive } from "./handlers/archives.ts";
import { getMembers } from "./handlers/organisations.ts";
import { getPackument } from "./handlers/packages.ts";
import { deletePackage, putPackage, putRevision } from "./handlers/revisions.ts";
import { search } from "./handlers/search.ts";
import { deleteTag, getTags, putTag } from "./handlers/tags.ts";
import {
  changeTeamGrant,
  changeTeamMember,
  deleteTeam,
  getCollaborators,
  getScopePackages,
  getTeamGrants,
  getTeamMembers,
  getTeams,
  putTeam,
} from "./handlers/teams.ts";
import { deleteToken, getTokens, postToken } from "./handlers/tokens.ts";
import { getAttestations, getKeys } from "./handlers/trust.ts";
import { getVisibility, postAccess } from "./handlers/visibility.ts";
import type { Route } from "./route.ts";

/** Paths of npm's protocol. */
export const npmRoutes: readonly Route[] = [
  ["GET", ":name", ([name], ...rest) => getPackument(name!, ...rest)],
  ["PUT", ":name", ([name], ...rest) => putPackage(name!, ...rest)],
  ["GET", ":name/-/:word", ([name, file], ...rest) => getArchive(name!, file!, ...rest)],
  ["PUT", ":name/-rev/:word", ([name], ...rest) => putRevision(name!, ...rest)],
  ["DELETE", ":name/-rev/:word", ([name], ...rest) => deletePackage(name!, ...rest)],
  // What npm sends after it took a version out of the document: there is nothing left to do.
  ["DELETE", ":name/-/:word/-rev/:word", () => json(200, { ok: true })],
  ["GET", "-/ping", () => json(200, {})],
  ["GET", "-/whoami", (_, request) => whoami(request)],
  ["PUT", "-/user/:user", ([name], ...rest) => putUser(name!, ...rest)],
  ["PUT", "-/user/:user/-rev/:word", ([name], ...rest) => putUser(name!, ...rest)],
  ["GET", "-/user/:user", ([name], ...rest) => getUser(name!, ...rest)],
  ["DELETE", "-/user/token/:word", ([token], ...rest) => deleteToken(token!, ...rest)],
  ["GET", "-/v1/search", (_, ...rest) => search(...rest)],
  ["GET", "-/npm/v1/tokens", (_, ...rest) => getTokens(...rest)],
  ["POST", "-/npm/v1/tokens", (_, ...rest) => postToken(...rest)],
  ["DELETE", "-/npm/v1/tokens/token/:word", ([key], ...rest) => deleteToken(key!, ...rest)],
  ["GET", "-/npm/v1/user", (_, ...rest) => getProfile(...rest)],
  ["POST", "-/npm/v1/user", (_, ...rest) => postProfile(...rest)],
  ["POST", "-/npm/v1/security/advisories/bulk", (_, ...rest) => bulk(...rest)],
  ["GET", "-/package/:name/dist-tags", ([name], ...rest) => getTags(name!, ...rest)],
  [
    "PUT",
    "-/package/:name/dist-tags/:word",
    ([name, tag], ...rest) => putTag(name!, tag!, ...rest),
  ],
  [
    "POST",
    "-/package/:name/dist-tags/:word",
    ([name, tag], ...rest) => putTag(name!, tag!, ...rest),
  ],
  [
    "DELETE",
    "-/package/:name/dist-tags/:word",
    ([name, tag], ...rest) => deleteTag(name!, tag!, ...rest),
  ],
  ["GET", "-/package/:name/visibility", ([name], ...rest) => getVisibility(name!, ...rest)],
  ["GET", "-/org/:word/team", ([name], ...rest) => getTeams(name!, ...rest)],
  ["PUT", "-/org/:word/team", ([name], ...rest) => putTeam(name!, ...rest)],
  ["GET", "-/org/:word/package", ([name], ...rest) => getScopePackages(name!, ...rest)],
  ["GET", "-/user/:word/package", ([name], ...rest) => getScopePackages(name!, ...rest)],
  ["DELETE", "-/team/:word/:word", ([name, team], ...rest) => deleteTeam(name!, team!, ...rest)],
  [
    "GET",
    "-/team/:word/:word/user",
    ([name, team], ...rest) => getTeamMembers(name!, team!, ...rest),
  ],
  [
    "PUT",
    "-/team/:word/:word/user",
    ([name, team], ...rest) => changeTeamMember(name!, team!, ...rest),
  ],
  [
    "DELETE",
    "-/team/:word/:word/user",
    ([name, team], ...rest) => changeTeamMember(name!, team!, ...rest),
  ],
  [
    "GET",
    "-/team/:word/:word/package",
    ([name, team], ...rest) => getTeamGrants(name!, team!, ...rest),
  ],
  [
    "PUT",
    "-/team/:word/:word/package",
    ([name, team], ...rest) => changeTeamGrant(name!, team!, ...rest),
  ],
  [
    "DELETE",
    "-/team/:word/:word/package",
    ([name, team], ...rest) => changeTeamGrant(name!, team!, ...rest),
  ],
  ["GET", "-/package/:name/collaborators", ([name], ...rest) => getCollaborators(name!, ...rest)],
  ["POST", "-/package/:name/access", ([name], ...rest) => postAccess(name!, ...rest)],
  ["GET", "-/org/:word/user", ([name], ...rest) => getMembers(name!, ...rest)],
  ["GET", "-/npm/v1/attestations/:word", ([id], ...rest) => getAttestations(id!, ...rest)],
  ["GET", "-/npm/v1/keys", (_, ...rest) => getKeys(...rest)],
];
