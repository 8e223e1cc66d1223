import { isPackageName } from "../protocol/package-name.ts";
import { stranger, type Visitor, visitorOf } from "./access.ts";
import { type ApiRequest, type ApiResponse, json, refuse } from "./exchange.ts";
import {
  getProfile,
  getUser,
  postProfile,
  putAccount,
  putUser,
  whoami,
} from "./handlers/accounts.ts";
import { bulk, deleteAdvisory, putAdvisory } from "./handlers/advisories.ts";
import { getArchive } from "./handlers/archives.ts";
import {
  deleteMember,
  getMembers,
  putApproval,
  putMember,
  putOrganisation,
} from "./handlers/organisations.ts";
import { getPackument, sendView } from "./handlers/packages.ts";
import { deletePolicy, getPolicy, putPolicy } from "./handlers/policies.ts";
import { deletePackage, putPackage, putRevision } from "./handlers/revisions.ts";
import { providers, search } from "./handlers/search.ts";
import { approve, getStaged, reject } from "./handlers/staging.ts";
import { deleteTag, getTags, putTag } from "./handlers/tags.ts";
import {
  changeTeamGrant,
  changeTeamMember,
  deleteTeam,
  describeTeams,
  getCollaborators,
  getScopePackages,
  getTeamGrants,
  getTeamMembers,
  getTeams,
  putTeam,
} from "./handlers/teams.ts";
import { deleteToken, getTokens, postToken } from "./handlers/tokens.ts";
import {
  getAttestations,
  getCheckpoint,
  getKeyLeaf,
  getKeys,
  getPublished,
  getTile,
  rotateKeys,
} from "./handlers/trust.ts";
import { changeOwner, config, getLog, getOwners, getTypes, yank } from "./handlers/unipkg.ts";
import { deleteUpstream, dropProxied, getUpstreams, putUpstream } from "./handlers/upstreams.ts";
import { getVisibility, postAccess } from "./handlers/visibility.ts";
import { isPage, pageRoutes } from "./pages/pages.ts";
import { tokenInCookie, toLogin } from "./pages/session.ts";
import type { Registry } from "./registry.ts";
import type { Handler, Route } from "./route.ts";

/** A request before it is known who asks. */
export type BareRequest = Omit<ApiRequest, "visitor">;

/**
 * Every path of the protocol: npm's, below `/-/unipkg/` ours, and pages for people. `:name` is a package's name,
 * `:word` any part.
 */
const routes: readonly Route[] = [
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
  ["PUT", "-/unipkg/advisories/:word", ([id], ...rest) => putAdvisory(id!, ...rest)],
  ["DELETE", "-/unipkg/advisories/:word", ([id], ...rest) => deleteAdvisory(id!, ...rest)],
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
  ["GET", "-/unipkg/config.json", (_, __, registry) => config(registry)],
  ["GET", "-/unipkg/index/:name", ([name], ...rest) => sendView(name!, "index", ...rest)],
  [
    "GET",
    "-/unipkg/types/:name/:word",
    ([name, version], ...rest) => getTypes(name!, version!, ...rest),
  ],
  ["GET", "-/unipkg/providers/:name", ([name], ...rest) => providers(name!, ...rest)],
  [
    "PUT",
    "-/unipkg/yank/:name/:word",
    ([name, version], ...rest) => yank(name!, version!, ...rest),
  ],
  [
    "DELETE",
    "-/unipkg/yank/:name/:word",
    ([name, version], ...rest) => yank(name!, version!, ...rest),
  ],
  ["GET", "-/unipkg/owners/:name", ([name], ...rest) => getOwners(name!, ...rest)],
  [
    "PUT",
    "-/unipkg/owners/:name/:word",
    ([name, who], ...rest) => changeOwner(name!, who!, ...rest),
  ],
  [
    "DELETE",
    "-/unipkg/owners/:name/:word",
    ([name, who], ...rest) => changeOwner(name!, who!, ...rest),
  ],
  ["PUT", "-/unipkg/accounts/:word", ([name], ...rest) => putAccount(name!, ...rest)],
  ["PUT", "-/unipkg/organisations/:word", ([name], ...rest) => putOrganisation(name!, ...rest)],
  ["GET", "-/unipkg/organisations/:word", ([name], ...rest) => getMembers(name!, ...rest)],
  ["GET", "-/unipkg/organisations/:word/teams", ([name], ...rest) => describeTeams(name!, ...rest)],
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
  [
    "PUT",
    "-/unipkg/organisations/:word/members/:word",
    ([name, who], ...rest) => putMember(name!, who!, ...rest),
  ],
  [
    "DELETE",
    "-/unipkg/organisations/:word/members/:word",
    ([name, who], ...rest) => deleteMember(name!, who!, ...rest),
  ],
  [
    "PUT",
    "-/unipkg/organisations/:word/approval",
    ([name], ...rest) => putApproval(name!, ...rest),
  ],
  ["GET", "-/unipkg/organisations/:word/policy", ([name], ...rest) => getPolicy(name!, ...rest)],
  ["PUT", "-/unipkg/organisations/:word/policy", ([name], ...rest) => putPolicy(name!, ...rest)],
  [
    "DELETE",
    "-/unipkg/organisations/:word/policy",
    ([name], ...rest) => deletePolicy(name!, ...rest),
  ],
  ["GET", "-/unipkg/upstreams", (_, ...rest) => getUpstreams(...rest)],
  ["PUT", "-/unipkg/upstreams/:word", ([name], ...rest) => putUpstream(name!, ...rest)],
  ["DELETE", "-/unipkg/upstreams/:word", ([name], ...rest) => deleteUpstream(name!, ...rest)],
  ["DELETE", "-/unipkg/proxied/:name", ([name], ...rest) => dropProxied(name!, ...rest)],
  ["GET", "-/unipkg/staged", (_, ...rest) => getStaged(...rest)],
  [
    "PUT",
    "-/unipkg/staged/:name/:word",
    ([name, version], ...rest) => approve(name!, version!, ...rest),
  ],
  [
    "DELETE",
    "-/unipkg/staged/:name/:word",
    ([name, version], ...rest) => reject(name!, version!, ...rest),
  ],
  ["GET", "-/unipkg/log", (_, ...rest) => getLog(...rest)],
  ["GET", "-/unipkg/log/checkpoint", (_, ...rest) => getCheckpoint(...rest)],
  // Level, up to three groups of digits, a width perhaps: sixteen million tiles.
  ["GET", "-/unipkg/log/tile/:word/:word", getTile],
  ["GET", "-/unipkg/log/tile/:word/:word/:word", getTile],
  ["GET", "-/unipkg/log/tile/:word/:word/:word/:word", getTile],
  ["GET", "-/unipkg/log/tile/:word/:word/:word/:word/:word", getTile],
  [
    "GET",
    "-/unipkg/log/published/:name/:word",
    ([name, version], ...rest) => getPublished(name!, version!, ...rest),
  ],
  ["GET", "-/unipkg/log/key/:word", ([keyid], ...rest) => getKeyLeaf(keyid!, ...rest)],
  ["GET", "-/npm/v1/attestations/:word", ([id], ...rest) => getAttestations(id!, ...rest)],
  ["GET", "-/npm/v1/keys", (_, ...rest) => getKeys(...rest)],
  ["POST", "-/unipkg/keys/rotate", (_, ...rest) => rotateKeys(...rest)],
  ...pageRoutes,
];

/** Routes by method and number of parts: only few are left to be looked at. */
const table = new Map<string, { readonly parts: readonly string[]; readonly handler: Handler }[]>();
for (const [method, path, handler] of routes) {
  const parts = path.split("/");
  const key = `${method} ${parts.length}`;
  table.set(key, [...(table.get(key) ?? []), { parts, handler }]);
}

/** Answers one request. Only a damaged storage or a bug throws. */
export function answer(bare: BareRequest, registry: Registry): Promise<ApiResponse> | ApiResponse {
  const visitor = whoAsks(bare, registry);
  if ("status" in visitor) return visitor;
  const request: ApiRequest = { ...bare, visitor };
  const method = request.method === "HEAD" ? "GET" : request.method;
  for (const { parts, handler } of table.get(`${method} ${request.path.length}`) ?? []) {
    const words = match(parts, request.path);
    if (words !== null) return handler(words, request, registry);
  }
  const [name = ""] = request.path;
  if (method === "PUT" && request.path.length === 1 && !isPackageName(name)) {
    return refuse(
      400,
      "a package's name has lower case letters, digits, `-`, `.`, `_`, and a scope perhaps",
    );
  }
  return refuse(404, "there is nothing of this name here");
}

function whoAsks(
  request: BareRequest,
  { storage, attempts, now }: Registry,
): Visitor | ApiResponse {
  const { headers, address, path } = request;
  const { authorization } = headers;
  if (authorization === undefined && isPage(path)) {
    const token = tokenInCookie(headers.cookie);
    if (token === null) return stranger;
    // The cookie of a token that holds no more goes, so that it does not count as an attack at each page.
    return visitorOf(storage.state, token, address, now()) ?? toLogin(request);
  }
  if (authorization === undefined) return stranger;
  const time = now();
  const from = `address ${address}`;
  const text = /^Bearer (\S{1,200})$/i.exec(authorization)?.[1];
  const known = text === undefined ? null : visitorOf(storage.state, text, address, time);
  if (known !== null) return known;
  const wait = attempts.wait(from, time.getTime());
  attempts.failed(from, time.getTime());
  const headersOut = { "content-type": "application/json", "www-authenticate": "Bearer" };
  return wait > 0
    ? {
        ...refuse(429, "too many wrong tokens"),
        headers: { ...headersOut, "retry-after": String(wait) },
      }
    : { ...refuse(401, "the token is wrong, was revoked, or has expired"), headers: headersOut };
}

/** The parts that stand for something; null when the path is another one. */
function match(parts: readonly string[], path: readonly string[]): readonly string[] | null {
  const words: string[] = [];
  for (const [at, part] of parts.entries()) {
    const given = path[at]!;
    if (part === ":name") {
      if (!isPackageName(given)) return null;
      words.push(given);
    } else if (part === ":user") {
      const name = /^org\.couchdb\.user:([a-z0-9][a-z0-9._-]{0,63})$/.exec(given)?.[1];
      if (name === undefined) return null;
      words.push(name);
    } else if (part === ":word") {
      words.push(given);
    } else if (part !== given) return null;
  }
  return words;
}
