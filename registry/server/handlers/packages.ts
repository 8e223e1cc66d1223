import { archiveFile } from "../../protocol/package-name.ts";
import { mayOn, mayRead } from "../access.ts";
import type { PackageEvent } from "../event.ts";
import {
  type ApiRequest,
  type ApiResponse,
  hidden,
  isObject,
  json,
  objectIn,
  refuse,
} from "../exchange.ts";
import type { Registry } from "../registry.ts";
import type { PackageState, VersionState } from "../state.ts";
import type { ViewKind } from "../views.ts";
import { faultOfTag, publish } from "./publish.ts";

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
  const isThere = [...state.versions.values()].some((each) => !each.unpublished);
  return isThere ? state : hidden(visitor);
}

/** A package that the visitor may change. */
export function writable(
  name: string,
  request: ApiRequest,
  registry: Registry,
): PackageState | ApiResponse {
  const found = readable(name, request, registry);
  if ("status" in found || mayOn(registry.storage.state, request.visitor, name, "publish")) {
    return found;
  }
  return refuse(403, `you may not change ${name}`);
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
  const state = readable(name, request, registry);
  if ("status" in state) return state;
  const etag = registry.views.tagOf(state, kind);
  const headers: Record<string, string> = {
    etag,
    "cache-control": state.access === "public" ? "max-age=60" : "private, max-age=0",
    vary: "accept, accept-encoding, authorization",
  };
  if (request.headers["if-none-match"] === etag) return { status: 304, headers };
  const view = await registry.views.of(state, kind, request.base);
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

/** `GET /NAME/-/FILE`: an archive. */
export async function getArchive(
  name: string,
  file: string,
  request: ApiRequest,
  registry: Registry,
): Promise<ApiResponse> {
  const found = readable(name, request, registry);
  if ("status" in found) return found;
  const version = [...found.versions.values()].find(
    (each) => archiveFile(name, each.version) === file && !each.unpublished,
  );
  if (version === undefined) return refuse(404, "no such version");
  const headers = {
    etag: `"${version.archive}"`,
    "content-type": "application/octet-stream",
    "cache-control": `${found.access === "public" ? "public" : "private"}, max-age=31536000, immutable`,
  };
  if (request.headers["if-none-match"] === headers.etag) return { status: 304, headers };
  const body = await registry.storage.getBlob(version.archive);
  if (body === null) return refuse(500, "the archive is lost");
  return restOf(body, request, { ...headers, "accept-ranges": "bytes" });
}

/** A body, or the rest of it for a transfer that broke off (RFC 9110, 14.1.2); other ranges get the whole. */
function restOf(
  body: Buffer,
  { headers: { range } }: ApiRequest,
  headers: Readonly<Record<string, string>>,
): ApiResponse {
  const from = Number(/^bytes=(\d{1,15})-$/.exec(range ?? "")?.[1] ?? Number.NaN);
  if (Number.isNaN(from)) return { status: 200, headers, body };
  const total = body.length;
  if (from >= total) {
    return {
      ...refuse(416, "it is not that long"),
      headers: { "content-range": `bytes */${total}` },
    };
  }
  const sent = { ...headers, "content-range": `bytes ${from}-${total - 1}/${total}` };
  return { status: 206, headers: sent, body: body.subarray(from) };
}

/** `PUT /NAME`: a new version, or, without an archive, changed deprecations. */
export async function putPackage(
  name: string,
  request: ApiRequest,
  registry: Registry,
): Promise<ApiResponse> {
  const document = objectIn(request);
  if (document === null)
    return refuse(
      400,
      "the body is not a JSON object, is nested too deep, or has the key __proto__",
    );
  const attachments = document["_attachments"];
  if (isObject(attachments) && Object.keys(attachments).length > 0) {
    return publish(name, document, request, registry);
  }
  const found = writable(name, request, registry);
  if ("status" in found) return found;
  return putDeprecations(found, document, request, registry);
}

function putDeprecations(
  found: PackageState,
  document: Readonly<Record<string, unknown>>,
  request: ApiRequest,
  registry: Registry,
): Promise<ApiResponse> | ApiResponse {
  const versions = document["versions"];
  if (!isObject(versions)) return refuse(400, "the document has no versions");
  const events: PackageEvent[] = [];
  for (const [version, manifest] of Object.entries(versions)) {
    const known = found.versions.get(version);
    if (known === undefined || known.unpublished || !isObject(manifest)) {
      return refuse(400, `${version} is not a version of ${found.name}`);
    }
    const message = String(manifest["deprecated"] ?? "").slice(0, 1000);
    const shown = known.deprecated ?? (known.yanked ? "this version was withdrawn" : "");
    if (message !== shown) events.push({ type: "deprecated", version, message });
  }
  if (events.length === 0) {
    return json(200, {
      ok: true,
      message: "nothing but deprecations can be changed so, and none was",
    });
  }
  return change(found, events, request, registry);
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

/** `PUT /NAME/-rev/REV`: npm's ways to unpublish one version, and to change owners. */
export async function putRevision(
  name: string,
  request: ApiRequest,
  registry: Registry,
): Promise<ApiResponse> {
  const found = writable(name, request, registry);
  if ("status" in found) return found;
  const document = objectIn(request);
  if (document === null)
    return refuse(
      400,
      "the body is not a JSON object, is nested too deep, or has the key __proto__",
    );
  const { versions, maintainers } = document;
  if (isObject(versions)) {
    const gone = [...found.versions.values()].filter(
      (each) => !each.unpublished && !Object.hasOwn(versions, each.version),
    );
    if (gone.length > 1) return refuse(400, "unpublish one version at a time");
    return gone.length === 0
      ? json(200, { ok: true, message: "nothing was changed" })
      : unpublish(found, gone, request, registry);
  }
  if (Array.isArray(maintainers)) return putOwners(found, maintainers, request, registry);
  return refuse(400, "neither versions nor maintainers");
}

/** `DELETE /NAME/-rev/REV`: all versions. */
export function deletePackage(
  name: string,
  request: ApiRequest,
  registry: Registry,
): Promise<ApiResponse> | ApiResponse {
  const found = writable(name, request, registry);
  if ("status" in found) return found;
  const all = [...found.versions.values()].filter((each) => !each.unpublished);
  return unpublish(found, all, request, registry);
}

/** Takes versions back, if the policy lets it: their archives are not given out, their numbers never come back. */
async function unpublish(
  found: PackageState,
  versions: readonly VersionState[],
  request: ApiRequest,
  registry: Registry,
): Promise<ApiResponse> {
  const { policy, now } = registry;
  const oldest = now().getTime() - policy.unpublishHours * 3_600_000;
  const settled = versions.find((each) => Date.parse(each.published) < oldest);
  if (settled !== undefined && !request.visitor.administrator) {
    return refuse(
      403,
      `${found.name}@${settled.version} is older than ${policy.unpublishHours} hours: others may rely on it. Withdraw it by \`unipkg yank\`, or ask an administrator`,
    );
  }
  return change(
    found,
    versions.map(({ version }) => ({ type: "unpublished", version })),
    request,
    registry,
  );
}

async function putOwners(
  found: PackageState,
  maintainers: readonly unknown[],
  request: ApiRequest,
  registry: Registry,
): Promise<ApiResponse> {
  const { state } = registry.storage;
  if (
    !mayOn(state, request.visitor, found.name, "admin") &&
    !found.owners.has(request.visitor.account!)
  ) {
    return refuse(403, `you may not change the owners of ${found.name}`);
  }
  const wanted = new Set(
    maintainers.flatMap((each) => (isObject(each) ? [String(each["name"])] : [])),
  );
  const unknown = [...wanted].find((name) => !state.accounts.has(name));
  if (unknown !== undefined) return refuse(404, `there is no account ${unknown}`);
  if (wanted.size === 0) return refuse(400, "a package needs an owner");
  const events: PackageEvent[] = [
    ...[...wanted]
      .filter((name) => !found.owners.has(name))
      .map((account): PackageEvent => ({ type: "owner-added", account })),
    ...[...found.owners]
      .filter((name) => !wanted.has(name))
      .map((account): PackageEvent => ({ type: "owner-removed", account })),
  ];
  return events.length === 0 ? json(200, { ok: true }) : change(found, events, request, registry);
}

/** `GET /-/package/NAME/dist-tags` */
export function getTags(name: string, request: ApiRequest, registry: Registry): ApiResponse {
  const found = readable(name, request, registry);
  return "status" in found ? found : json(200, Object.fromEntries(found.tags));
}

/** `PUT /-/package/NAME/dist-tags/TAG`, the body a version as a JSON text. */
export function putTag(
  name: string,
  tag: string,
  request: ApiRequest,
  registry: Registry,
): Promise<ApiResponse> | ApiResponse {
  const found = writable(name, request, registry);
  if ("status" in found) return found;
  const fault = faultOfTag(tag);
  if (fault !== null) return refuse(400, fault);
  let version: unknown;
  try {
    version = JSON.parse(request.body.toString("utf8"));
  } catch {
    version = null;
  }
  const known = typeof version === "string" ? found.versions.get(version) : undefined;
  if (known === undefined || known.unpublished) return refuse(404, `${name} has no such version`);
  return change(found, [{ type: "tagged", tag, version: known.version }], request, registry);
}

/** `DELETE /-/package/NAME/dist-tags/TAG` */
export function deleteTag(
  name: string,
  tag: string,
  request: ApiRequest,
  registry: Registry,
): Promise<ApiResponse> | ApiResponse {
  const found = writable(name, request, registry);
  if ("status" in found) return found;
  if (tag === "latest") return refuse(400, "`latest` can be moved, not taken away");
  if (!found.tags.has(tag)) return refuse(404, `${name} has no tag ${tag}`);
  return change(found, [{ type: "untagged", tag }], request, registry);
}
