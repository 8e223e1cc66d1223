import { isPackageName } from "../../protocol/package-name.ts";
import { isMember, roleIn } from "../access.ts";
import { covers, type OrganisationEvent, type Right, type Role, roles } from "../event.ts";
import { type ApiRequest, type ApiResponse, json, objectIn, refuse } from "../exchange.ts";
import type { Registry } from "../registry.ts";
import { upstreamOfScope } from "../upstream/rules.ts";
import { mayAdminister } from "./accounts.ts";

/** `PUT /-/unipkg/organisations/NAME` */
export async function putOrganisation(
  name: string,
  request: ApiRequest,
  { storage }: Registry,
): Promise<ApiResponse> {
  if (!mayAdminister(request)) return refuse(403, "only administrators make organisations");
  if (!isPackageName(name) || name.includes("/")) {
    return refuse(400, "an organisation's name is lower case: letters, digits, `-`, `.`, `_`");
  }
  if (storage.state.accounts.has(name)) return refuse(409, `${name} is an account's name`);
  const upstream = upstreamOfScope(storage.state, name);
  if (upstream !== null) {
    return refuse(409, `the scope @${name} is asked for at the upstream ${upstream.name}`);
  }
  const draft = {
    actor: request.visitor.account!,
    subject: `organisation:${name}`,
    event: { type: "organisation-created" } as const,
  };
  const entries = await storage.append([draft], 0);
  return entries === null
    ? refuse(409, `there is an organisation ${name} already`)
    : json(201, { ok: true, name });
}

/** `GET /-/unipkg/organisations/NAME`, `GET /-/org/NAME/user`: its members. */
export function getMembers(name: string, request: ApiRequest, registry: Registry): ApiResponse {
  const organisation = registry.storage.state.organisations.get(name);
  if (organisation === undefined || !maySee(name, "read", request, registry)) {
    return refuse(404, "no such organisation, or you are not a member");
  }
  return json(200, Object.fromEntries(organisation.members));
}

/** `PUT /-/unipkg/organisations/NAME/members/ACCOUNT` with `{ "role": … }` */
export function putMember(
  name: string,
  account: string,
  request: ApiRequest,
  registry: Registry,
): Promise<ApiResponse> | ApiResponse {
  const role = objectIn(request)?.["role"];
  if (!roles.includes(role as Role)) return refuse(400, `role is one of ${roles.join(", ")}`);
  if (!registry.storage.state.accounts.has(account)) {
    return refuse(404, `there is no account ${account}`);
  }
  return change(name, { type: "member-set", account, role: role as Role }, request, registry);
}

/** `DELETE /-/unipkg/organisations/NAME/members/ACCOUNT` */
export function deleteMember(
  name: string,
  account: string,
  request: ApiRequest,
  registry: Registry,
): Promise<ApiResponse> | ApiResponse {
  return change(name, { type: "member-removed", account }, request, registry);
}

/** `PUT /-/unipkg/organisations/NAME/approval` with `{ "required": … }`: whether versions wait for a second member. */
export function putApproval(
  name: string,
  request: ApiRequest,
  registry: Registry,
): Promise<ApiResponse> | ApiResponse {
  const required = objectIn(request)?.["required"];
  if (typeof required !== "boolean") return refuse(400, "required is true or false");
  return change(name, { type: "approval-set", required }, request, registry);
}

/** Appends what happened to an organisation, when the visitor may administer it. */
export async function change(
  name: string,
  event: OrganisationEvent,
  request: ApiRequest,
  registry: Registry,
): Promise<ApiResponse> {
  const organisation = registry.storage.state.organisations.get(name);
  if (organisation === undefined || !maySee(name, "admin", request, registry)) {
    return refuse(404, "no such organisation, or you may not change it");
  }
  const draft = { actor: request.visitor.account!, subject: `organisation:${name}`, event };
  const entries = await registry.storage.append([draft], organisation.last);
  return entries === null ? refuse(409, "try again") : json(200, { ok: true });
}

/** Whether somebody has a right in the whole of an organisation. */
export function maySee(
  name: string,
  wanted: Right,
  request: ApiRequest,
  { storage }: Registry,
): boolean {
  const { account, token } = request.visitor;
  if (account === null || token === null || !covers(token.terms.rights, wanted)) return false;
  if (token.terms.scopes !== null && !token.terms.scopes.includes(name)) return false;
  if (request.visitor.administrator) return true;
  if (wanted === "read") return isMember(storage.state, account, name);
  const role = roleIn(storage.state, account, name);
  return role !== null && covers(role, wanted);
}
