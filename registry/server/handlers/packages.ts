import { scopeOf } from "../../protocol/package-name.ts";
import { mayOn, mayRead } from "../access.ts";
import type { PackageEvent } from "../event.ts";
import { type ApiRequest, type ApiResponse, hidden, isAnswer, json, refuse } from "../exchange.ts";
import { nothingWaits, waitingVersions } from "../offered.ts";
import type { PackageState } from "../package-state.ts";
import type { Registry } from "../registry.ts";
import type { ViewKind } from "../views.ts";
import { bringPackage } from "./proxied.ts";
import { comesFrom } from "./publish.ts";

/** A package that the visitor may read; the answer to give when there is none for him. */
export function readable(
  name: string,
  { visitor }: ApiRequest,
  { storage, policy }: Registry,
): PackageState | ApiResponse {
  const state = storage.state.packages.get(name);
  if (state === undefined || !mayRead(storage.state, visitor, state, policy.anonymous)) {
    return hidden(visitor);
  }
  return state.proxied !== null || hasVersions(state) ? state : hidden(visitor);
}

/** Whether anything of a package is left. */
function hasVersions({ versions }: PackageState): boolean {
  for (const { unpublished } of versions.values()) if (!unpublished) return true;
  return false;
}

/** A package that the visitor may change. */
export function writable(
  name: string,
  request: ApiRequest,
  registry: Registry,
): PackageState | ApiResponse {
  const found = readable(name, request, registry);
  if (!isAnswer(found) && found.proxied !== null) {
    return refuse(403, comesFrom(name, found.proxied.upstream));
  }
  if (isAnswer(found) || mayOn(registry.storage.state, request.visitor, name, "publish")) {
    return found;
  }
  return refuse(403, `you may not change ${name}`);
}

/** Why an account cannot be made an owner. */
export function noMember(account: string, name: string): string {
  return `${account} is no member of ${scopeOf(name)}, whose package ${name} is`;
}

/** `GET /NAME`: npm's document of all versions. */
export function getPackument(
  name: string,
  request: ApiRequest,
  registry: Registry,
): Promise<ApiResponse> | ApiResponse {
  const wants = request.headers.accept?.includes("application/vnd.npm.install-v1+json") === true;
  return sendView(name, wants ? "abbreviated" : "full", request, registry);
}

/** A view of a package, or 304 when the client has it already. */
export async function sendView(
  name: string,
  kind: ViewKind,
  request: ApiRequest,
  registry: Registry,
): Promise<ApiResponse> {
  const fresh = await bringPackage(name, kind === "index", request, registry);
  if (isAnswer(fresh)) return fresh;
  const state = readable(name, request, registry);
  if (isAnswer(state)) return state;
  // With `write=true` npm asks for what it wants to change, and to send back: all of it.
  const { storage, now } = registry;
  const isWhole =
    request.query.get("write") === "true" && mayOn(storage.state, request.visitor, name, "publish");
  const waiting = isWhole ? nothingWaits : waitingVersions(storage.state, state, now());
  const etag = registry.views.tagOf(state, kind, waiting);
  const headers: Record<string, string> = {
    etag,
    "cache-control": state.access === "public" ? "max-age=60" : "private, max-age=0",
    vary: "accept, accept-encoding, authorization",
    ...fresh,
  };
  if (request.headers["if-none-match"] === etag) return { status: 304, headers };
  const view = await registry.views.of(state, kind, request.base, waiting);
  headers["content-type"] =
    kind === "full"
      ? "application/json"
      : kind === "index"
        ? "application/x-ndjson"
        : "application/vnd.npm.install-v1+json";
  const zipped = request.headers["accept-encoding"]?.includes("gzip") === true ? view.gzip : null;
  if (zipped !== null) headers["content-encoding"] = "gzip";
  return { status: 200, headers, body: zipped ?? view.body };
}

/** Appends events about a package. */
export async function change(
  found: PackageState,
  events: readonly PackageEvent[],
  { visitor }: ApiRequest,
  { storage }: Registry,
): Promise<ApiResponse> {
  const drafts = events.map((event) => ({
    actor: visitor.account!,
    subject: `package:${found.name}`,
    event,
  }));
  const entries = await storage.append(drafts, found.last);
  if (entries === null) return refuse(409, `${found.name} was changed meanwhile; try again`);
  return json(201, { ok: true, id: found.name, rev: `${found.last}-0` });
}
