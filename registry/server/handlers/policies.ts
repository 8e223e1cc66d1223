import { readOrganisationPolicy } from "../../organisation-policy.ts";
import { type ApiRequest, type ApiResponse, json, objectIn, refuse } from "../exchange.ts";
import type { Registry } from "../registry.ts";
import { change, maySee } from "./organisations.ts";
import { told } from "./publish.ts";

/** Characters that a policy may have. */
const mostText = 64 << 10;

/** `GET /-/unipkg/organisations/NAME/policy`: what an organisation asks of its packages, for its members. */
export function getPolicy(name: string, request: ApiRequest, registry: Registry): ApiResponse {
  const organisation = registry.storage.state.organisations.get(name);
  const policy = organisation?.policy ?? null;
  if (policy === null || !maySee(name, "read", request, registry)) {
    return refuse(404, `there is no policy of ${name}, or you are not a member`);
  }
  const { text, account, since } = policy;
  return json(200, { organisation: name, text, account, since });
}

/** `PUT /-/unipkg/organisations/NAME/policy` with `{ "text": … }`: from now on. */
export function putPolicy(
  name: string,
  request: ApiRequest,
  registry: Registry,
): Promise<ApiResponse> | ApiResponse {
  const text = objectIn(request)?.["text"];
  if (typeof text !== "string" || text.trim() === "" || text.length > mostText) {
    return refuse(400, `text is a policy of at most ${mostText} characters`);
  }
  const read = readOrganisationPolicy(text, name, "policy");
  if (!read.ok) return json(400, { error: told(read.problems), problems: read.problems });
  return change(name, { type: "policy-set", text }, request, registry);
}

/** `DELETE /-/unipkg/organisations/NAME/policy` */
export function deletePolicy(
  name: string,
  request: ApiRequest,
  registry: Registry,
): Promise<ApiResponse> | ApiResponse {
  return change(name, { type: "policy-set", text: "" }, request, registry);
}
