import { mayOn, mayOwn } from "../access.ts";
import type { PackageEvent } from "../event.ts";
import {
  type ApiRequest,
  type ApiResponse,
  isAnswer,
  isObject,
  json,
  objectIn,
  refuse,
} from "../exchange.ts";
import { partialRevision } from "../offered.ts";
import type { PackageState, VersionState } from "../package-state.ts";
import type { Registry } from "../registry.ts";
import { change, noMember, writable } from "./packages.ts";
import { publish } from "./publish.ts";

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
  if (isAnswer(found)) return found;
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

/** `PUT /NAME/-rev/REV`: npm's ways to unpublish one version, and to change owners. */
export async function putRevision(
  name: string,
  request: ApiRequest,
  registry: Registry,
): Promise<ApiResponse> {
  const found = wholeFor(name, request, registry);
  if (isAnswer(found)) return found;
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

/** A package that the visitor may change, and whose whole document he had: `/NAME/-rev/REV`. */
function wholeFor(
  name: string,
  request: ApiRequest,
  registry: Registry,
): PackageState | ApiResponse {
  if (request.path[2] === partialRevision) {
    return refuse(
      409,
      `there are versions of ${name} that are not offered yet: take the document with ?write=true`,
    );
  }
  return writable(name, request, registry);
}

/** `DELETE /NAME/-rev/REV`: all versions. */
export function deletePackage(
  name: string,
  request: ApiRequest,
  registry: Registry,
): Promise<ApiResponse> | ApiResponse {
  const found = wholeFor(name, request, registry);
  if (isAnswer(found)) return found;
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
  const outsider = [...wanted].find(
    (account) => !found.owners.has(account) && !mayOwn(state, account, found.name),
  );
  if (outsider !== undefined) return refuse(409, noMember(outsider, found.name));
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
