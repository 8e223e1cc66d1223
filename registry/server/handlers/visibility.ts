import { scopeOf } from "../../protocol/package-name.ts";
import { mayOn } from "../access.ts";
import {
  type ApiRequest,
  type ApiResponse,
  isAnswer,
  json,
  objectIn,
  refuse,
} from "../exchange.ts";
import type { Registry } from "../registry.ts";
import { change, readable, writable } from "./packages.ts";

/** `GET /-/package/NAME/visibility`: whether a package is for all. */
export function getVisibility(name: string, request: ApiRequest, registry: Registry): ApiResponse {
  const found = readable(name, request, registry);
  return isAnswer(found) ? found : json(200, { public: found.access === "public" });
}

/** `POST /-/package/NAME/access` with `{ "access": … }`, as `npm access set status` sends it, for administrators of the scope. */
export function postAccess(
  name: string,
  request: ApiRequest,
  registry: Registry,
): Promise<ApiResponse> | ApiResponse {
  const found = writable(name, request, registry);
  if (isAnswer(found)) return found;
  const access = objectIn(request)?.["access"];
  if (access !== "public" && access !== "restricted") {
    return refuse(400, "access is public or restricted; there is nothing else to set");
  }
  if (!mayOn(registry.storage.state, request.visitor, name, "admin")) {
    return refuse(403, `only administrators of ${name} say who may read it`);
  }
  if (access === "restricted" && scopeOf(name) === null) {
    return refuse(400, `${name} has no scope: there is nobody whom it could be for alone`);
  }
  if (found.access === access) return json(200, { ok: true });
  return change(found, [{ type: "access-set", access }], request, registry);
}
