import { zoneOfHost } from "../../client/address-zone.ts";
import { registryUrl } from "../../client/config.ts";
import type { UpstreamEvent, UpstreamTerms } from "../event.ts";
import { type ApiRequest, type ApiResponse, hidden, json, objectIn, refuse } from "../exchange.ts";
import type { Registry } from "../registry.ts";
import { all, isOwned, isPattern } from "../upstream/rules.ts";
import { mayAdminister } from "./accounts.ts";

/** `GET /-/unipkg/upstreams`: the registries that this one asks, and how many packages of theirs are here. */
export function getUpstreams(request: ApiRequest, { storage }: Registry): ApiResponse {
  if (!mayAdminister(request)) return hidden(request.visitor);
  const packages = [...storage.state.packages.values()];
  const upstreams = all(storage.state).map(({ name, terms }) => {
    const { url, patterns, access, organisation, inside, offline, fresh, stale, age } = terms;
    return {
      ...{ name, url, patterns, access, organisation, inside, offline, fresh, stale, age },
      packages: packages.filter(({ proxied }) => proxied?.upstream === name).length,
    };
  });
  return json(200, { upstreams });
}

/** `PUT /-/unipkg/upstreams/NAME` with its terms: a new upstream, or other terms for one. */
export async function putUpstream(
  name: string,
  request: ApiRequest,
  registry: Registry,
): Promise<ApiResponse> {
  if (!mayAdminister(request)) return refuse(403, "only administrators choose upstreams");
  if (!/^[a-z0-9][a-z0-9-]{0,63}$/.test(name)) {
    return refuse(400, "an upstream's name is lower case: letters, digits, `-`");
  }
  const { state } = registry.storage;
  const terms = readTerms(objectIn(request) ?? {});
  if (typeof terms === "string") return refuse(400, terms);
  for (const pattern of terms.patterns) {
    const scope = pattern.startsWith("@") && !pattern.includes("/") ? pattern.slice(1) : null;
    if (scope !== null && isOwned(state, scope)) {
      return refuse(409, `${pattern} belongs to ${scope} of this registry: its packages are here`);
    }
    const other = all(state).find(
      (each) => each.name !== name && each.terms.patterns.includes(pattern),
    );
    if (other !== undefined) {
      return refuse(
        409,
        `${pattern} is asked for at the upstream ${other.name}: a name has one place`,
      );
    }
  }
  const { organisation } = terms;
  if (organisation !== null && !state.organisations.has(organisation)) {
    return refuse(404, `there is no organisation ${organisation}`);
  }
  if (!terms.inside && (await zoneOfHost(new URL(terms.url).hostname)) > 0) {
    return refuse(
      400,
      `${terms.url} is in a private network, or on this machine: say so (\`--inside\`) if that is meant`,
    );
  }
  return append(name, { type: "upstream-set", ...terms }, request, registry);
}

/** `DELETE /-/unipkg/upstreams/NAME`: it is not asked any more, and what came from it is not shown any more. */
export function deleteUpstream(
  name: string,
  request: ApiRequest,
  registry: Registry,
): Promise<ApiResponse> | ApiResponse {
  if (!mayAdminister(request)) return refuse(403, "only administrators choose upstreams");
  const terms = registry.storage.state.upstreams.get(name)?.terms ?? null;
  if (terms === null) return refuse(404, `there is no upstream ${name}`);
  return append(name, { type: "upstream-removed" }, request, registry);
}

/** `DELETE /-/unipkg/proxied/NAME`: forgets all of a package of an upstream, its digests, too. */
export async function dropProxied(
  name: string,
  request: ApiRequest,
  { storage, upstreams }: Registry,
): Promise<ApiResponse> {
  if (!mayAdminister(request)) return refuse(403, "only administrators drop packages of upstreams");
  const found = storage.state.packages.get(name);
  if (found === undefined) return refuse(404, `${name} is not here`);
  if (found.proxied === null)
    return refuse(409, `${name} is this registry's own: it comes from no upstream`);
  const draft = {
    actor: request.visitor.account!,
    subject: `package:${name}`,
    event: { type: "dropped" } as const,
  };
  const entries = await storage.append([draft], found.last);
  if (entries === null) return refuse(409, "try again");
  upstreams.forget(name);
  return json(200, { ok: true, id: name });
}

async function append(
  name: string,
  event: UpstreamEvent,
  { visitor }: ApiRequest,
  { storage }: Registry,
): Promise<ApiResponse> {
  const draft = { actor: visitor.account!, subject: `upstream:${name}`, event };
  const entries = await storage.append([draft], storage.state.lastOf(draft.subject));
  return entries === null ? refuse(409, "try again") : json(200, { ok: true, name });
}

/** A sentence when the terms make no sense. */
function readTerms(body: Readonly<Record<string, unknown>>): UpstreamTerms | string {
  const { patterns, access = "restricted", organisation = null, stale = null } = body;
  const url = typeof body["url"] === "string" ? registryUrl(body["url"]) : null;
  if (url === null) return "url must be an http address, without a user and a password";
  const isList = Array.isArray(patterns) && patterns.length > 0 && patterns.length <= 200;
  if (!isList || !patterns.every((each) => typeof each === "string" && isPattern(each))) {
    return "patterns must be scopes as `@acme`, names, or `*` for all names without a scope";
  }
  if (access !== "public" && access !== "restricted") return "access is public or restricted";
  if (organisation !== null && typeof organisation !== "string") return "organisation is a name";
  if (organisation !== null && access === "public") {
    return "what is public is not for the members of an organisation only";
  }
  const { fresh = 5, age = 0 } = body;
  if (!isCount(fresh) || !isCount(age) || !(stale === null || isCount(stale))) {
    return "fresh, stale and age are whole numbers, not negative";
  }
  return {
    ...{ url, access, organisation, fresh, stale, age },
    patterns: [...new Set(patterns as string[])].sort(),
    inside: body["inside"] === true,
    offline: body["offline"] === true,
  };
}

function isCount(value: unknown): value is number {
  return Number.isInteger(value) && (value as number) >= 0 && (value as number) <= 1_000_000;
}
