import { isPackageName, scopeOf } from "../../protocol/package-name.ts";
import { type Advisory, readAdvisory } from "../../trust/advisory.ts";
import { mayOn, mayRead } from "../access.ts";
import type { AdvisoryEvent } from "../event.ts";
import { type ApiRequest, type ApiResponse, hidden, json, objectIn, refuse } from "../exchange.ts";
import type { Registry } from "../registry.ts";
import { mayAdminister } from "./accounts.ts";

/** `PUT /-/unipkg/advisories/ID`: an advisory, new or changed. */
export function putAdvisory(
  id: string,
  request: ApiRequest,
  registry: Registry,
): Promise<ApiResponse> | ApiResponse {
  if (!mayAdminister(request)) return refuse(403, "only administrators write advisories");
  const body = objectIn(request);
  const name = body?.["name"];
  if (typeof name !== "string" || !isPackageName(name)) {
    return refuse(400, "the advisory has no name of a package");
  }
  let advisory: Advisory;
  try {
    advisory = readAdvisory({ ...body, id }, name);
  } catch (error) {
    return refuse(400, (error as Error).message);
  }
  return change(id, { type: "advisory-set", advisory }, request, registry);
}

/** `DELETE /-/unipkg/advisories/ID` */
export function deleteAdvisory(
  id: string,
  request: ApiRequest,
  registry: Registry,
): Promise<ApiResponse> | ApiResponse {
  if (!mayAdminister(request)) return refuse(403, "only administrators write advisories");
  const known = registry.storage.state.advisories.get(id)?.advisory ?? null;
  if (known === null) return refuse(404, `there is no advisory ${id.slice(0, 80)}`);
  return change(id, { type: "advisory-withdrawn" }, request, registry);
}

/**
 * `POST /-/npm/v1/security/advisories/bulk` with `{ NAME: [VERSION, …] }`: what is known of those packages. Of a package
 * that the visitor may not read, nothing is told.
 */
export function bulk(request: ApiRequest, registry: Registry): ApiResponse {
  const { visitor } = request;
  if (visitor.account === null && !registry.policy.anonymous) return hidden(visitor);
  const asked = objectIn(request);
  if (asked === null) return refuse(400, "the body is not a JSON object");
  const found: Record<string, unknown[]> = {};
  for (const { advisory } of registry.storage.state.advisories.values()) {
    if (advisory === null || !Object.hasOwn(asked, advisory.name)) continue;
    if (!mayKnowOf(advisory.name, request, registry)) continue;
    const { name: _, ...shown } = advisory;
    found[advisory.name] ??= [];
    found[advisory.name]!.push({ ...shown, cwe: [], cvss: { score: 0, vectorString: null } });
  }
  return json(200, found);
}

function mayKnowOf(name: string, { visitor }: ApiRequest, { storage, policy }: Registry): boolean {
  const state = storage.state.packages.get(name);
  if (state !== undefined) return mayRead(storage.state, visitor, state, policy.anonymous);
  // Packages without a scope ship with unipkg.
  return scopeOf(name) === null || mayOn(storage.state, visitor, name, "read");
}

async function change(
  id: string,
  event: AdvisoryEvent,
  { visitor }: ApiRequest,
  { storage }: Registry,
): Promise<ApiResponse> {
  const subject = `advisory:${id}`;
  const draft = { actor: visitor.account!, subject, event };
  const entries = await storage.append([draft], storage.state.lastOf(subject));
  return entries === null ? refuse(409, "try again") : json(200, { ok: true, id });
}
