import { type ApiRequest, type ApiResponse, isAnswer, json, refuse } from "../exchange.ts";
import { offeredTags, waitingVersions } from "../offered.ts";
import type { Registry } from "../registry.ts";
import { change, readable, writable } from "./packages.ts";
import { bringPackage } from "./proxied.ts";
import { faultOfTag } from "./publish.ts";

/** `GET /-/package/NAME/dist-tags` */
export async function getTags(
  name: string,
  request: ApiRequest,
  registry: Registry,
): Promise<ApiResponse> {
  const fresh = await bringPackage(name, false, request, registry);
  if (isAnswer(fresh)) return fresh;
  const found = readable(name, request, registry);
  if (isAnswer(found)) return found;
  if (found.proxied !== null) {
    return json(200, (await registry.views.proxied(found.proxied)).tags);
  }
  const { storage, now } = registry;
  return json(200, offeredTags(found, waitingVersions(storage.state, found, now())));
}

/** `PUT /-/package/NAME/dist-tags/TAG`, the body a version as a JSON text. */
export function putTag(
  name: string,
  tag: string,
  request: ApiRequest,
  registry: Registry,
): Promise<ApiResponse> | ApiResponse {
  const found = writable(name, request, registry);
  if (isAnswer(found)) return found;
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
  if (isAnswer(found)) return found;
  if (tag === "latest") return refuse(400, "`latest` can be moved, not taken away");
  if (!found.tags.has(tag)) return refuse(404, `${name} has no tag ${tag}`);
  return change(found, [{ type: "untagged", tag }], request, registry);
}
