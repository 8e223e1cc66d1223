import { putAccount } from "./handlers/accounts.ts";
import { deleteAdvisory, putAdvisory } from "./handlers/advisories.ts";
import {
  deleteMember,
  getMembers,
  putApproval,
  putMember,
  putOrganisation,
} from "./handlers/organisations.ts";
import { sendView } from "./handlers/packages.ts";
import { deletePolicy, getPolicy, putPolicy } from "./handlers/policies.ts";
import { providers } from "./handlers/search.ts";
import { approve, getStaged, reject } from "./handlers/staging.ts";
import { describeTeams } from "./handlers/teams.ts";
import { getCheckpoint, getKeyLeaf, getPublished, getTile, rotateKeys } from "./handlers/trust.ts";
import { changeOwner, config, getLog, getOwners, getTypes, yank } from "./handlers/unipkg.ts";
import { deleteUpstream, dropProxied, getUpstreams, putUpstream } from "./handlers/upstreams.ts";
import type { Route } from "./route.ts";

/** Paths of ours (docs/registry.md): what clients that solve ask for, and administration. */
export const unipkgRoutes: readonly Route[] = [
  ["PUT", "-/unipkg/advisories/:word", ([id], ...rest) => putAdvisory(id!, ...rest)],
  ["DELETE", "-/unipkg/advisories/:word", ([id], ...rest) => deleteAdvisory(id!, ...rest)],
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
  ["POST", "-/unipkg/keys/rotate", (_, ...rest) => rotateKeys(...rest)],
];
