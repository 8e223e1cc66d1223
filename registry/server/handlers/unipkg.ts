import { mayOn, mayOwn } from "../access.ts";
import { type ApiRequest, type ApiResponse, hidden, isAnswer, json, refuse } from "../exchange.ts";
import type { Registry } from "../registry.ts";
import { mayAdminister } from "./accounts.ts";
import { change, noMember, readable, writable } from "./packages.ts";

/** `GET /-/unipkg/config.json`: how a client knows that this registry has a sparse index. */
export function config({ version, keys }: Registry): ApiResponse {
  return json(200, { format: 1, registry: "unipkg", version, log: keys.verifier });
}

/** `GET /-/unipkg/types/NAME/VERSION`: the types document of a version. */
export async function getTypes(
  name: string,
  version: string,
  request: ApiRequest,
  registry: Registry,
): Promise<ApiResponse> {
  const found = readable(name, request, registry);
  if (isAnswer(found)) return found;
  const digest = found.versions.get(version)?.types ?? null;
  const body = digest === null ? null : await registry.storage.getBlob(digest);
  if (body === null) return refuse(404, "this version has no types");
  const headers = {
    "content-type": "application/json",
    "cache-control": "private, max-age=31536000, immutable",
  };
  return { status: 200, headers, body };
}

/** `PUT` and `DELETE /-/unipkg/yank/NAME/VERSION`: withdraws a version, and takes that back. */
export function yank(
  name: string,
  version: string,
  request: ApiRequest,
  registry: Registry,
): Promise<ApiResponse> | ApiResponse {
  const found = writable(name, request, registry);
  if (isAnswer(found)) return found;
  const known = found.versions.get(version);
  if (known === undefined || known.unpublished)
    return refuse(404, `${name} has no version ${version}`);
  const wanted = request.method === "PUT";
  if (known.yanked === wanted) return json(200, { ok: true });
  return change(found, [{ type: wanted ? "yanked" : "unyanked", version }], request, registry);
}

/** `GET /-/unipkg/owners/NAME` */
export function getOwners(name: string, request: ApiRequest, registry: Registry): ApiResponse {
  const found = readable(name, request, registry);
  return isAnswer(found) ? found : json(200, { owners: [...found.owners].sort() });
}

/** `PUT` and `DELETE /-/unipkg/owners/NAME/ACCOUNT` */
export function changeOwner(
  name: string,
  account: string,
  request: ApiRequest,
  registry: Registry,
): Promise<ApiResponse> | ApiResponse {
  const found = writable(name, request, registry);
  if (isAnswer(found)) return found;
  const { state } = registry.storage;
  if (
    !mayOn(state, request.visitor, name, "admin") &&
    !found.owners.has(request.visitor.account!)
  ) {
    return refuse(403, `you may not change the owners of ${name}`);
  }
  if (!state.accounts.has(account)) return refuse(404, `there is no account ${account}`);
  const add = request.method === "PUT";
  if (add && !mayOwn(state, account, name)) return refuse(409, noMember(account, name));
  if (found.owners.has(account) === add) return json(200, { ok: true });
  if (!add && found.owners.size === 1) return refuse(400, "a package needs an owner");
  return change(
    found,
    [{ type: add ? "owner-added" : "owner-removed", account }],
    request,
    registry,
  );
}

/** `GET /-/unipkg/log?after=SEQ`: the audit log, a thousand entries at a time. Passwords and hashes are left out. */
export async function getLog(request: ApiRequest, { storage }: Registry): Promise<ApiResponse> {
  if (!mayAdminister(request)) return hidden(request.visitor);
  const after = Number(request.query.get("after") ?? 0);
  const lines: string[] = [];
  for await (const entry of storage.entries(Number.isInteger(after) ? after : 0)) {
    const event = Object.fromEntries(
      Object.entries(entry.event).filter(([key]) => key !== "password" && key !== "hash"),
    );
    lines.push(`${JSON.stringify({ ...entry, event })}\n`);
    if (lines.length === 1000) break;
  }
  return {
    status: 200,
    headers: { "content-type": "application/x-ndjson" },
    body: lines.join(""),
  };
}
