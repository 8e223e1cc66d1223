import { isPackageName } from "../../protocol/package-name.ts";
import { covers } from "../event.ts";
import {
  type ApiRequest,
  type ApiResponse,
  isObject,
  json,
  objectIn,
  refuse,
} from "../exchange.ts";
import { hashPassword, isPassword } from "../password.ts";
import type { Registry } from "../registry.ts";
import { upstreamOfScope } from "../upstream/rules.ts";
import { createToken } from "./tokens.ts";

/** `GET /-/whoami` */
export function whoami({ visitor }: ApiRequest): ApiResponse {
  return visitor.account === null
    ? refuse(401, "you are not logged in")
    : json(200, { username: visitor.account });
}

/**
 * `PUT /-/user/org.couchdb.user:NAME`, as `npm login` and `npm adduser` send it: a token for who knows the password.
 * An account that is not there yet is made, if the registry lets anybody do so, or if an administrator asks.
 */
export async function putUser(
  name: string,
  request: ApiRequest,
  registry: Registry,
): Promise<ApiResponse> {
  const { storage, attempts, policy, now } = registry;
  const body = objectIn(request);
  const password = body?.["password"];
  if (body === null || typeof password !== "string" || body["name"] !== name) {
    return refuse(400, "name and password are needed");
  }
  const from = [`address ${request.address}`, `account ${name}`];
  const wait = Math.max(...from.map((each) => attempts.wait(each, now().getTime())));
  if (wait > 0) {
    const headers = { "content-type": "application/json", "retry-after": String(wait) };
    return { ...refuse(429, `too many failed attempts; wait ${wait} seconds`), headers };
  }
  const account = storage.state.accounts.get(name);
  if (account === undefined && (policy.openRegistration || request.visitor.administrator)) {
    const made = await createAccount(
      name,
      password,
      String(body["email"] ?? ""),
      request,
      registry,
    );
    if (made !== null) return made;
  } else if (
    !(await isPassword(password, account?.password ?? null)) ||
    account?.disabled !== false
  ) {
    for (const each of from) attempts.failed(each, now().getTime());
    return refuse(
      401,
      "the name or the password is wrong; accounts are made by an administrator of this registry",
    );
  }
  const token = await createToken(
    name,
    { name: "npm login", rights: "admin", scopes: null, networks: [], expires: null },
    name,
    registry,
  );
  return token === null
    ? refuse(409, "try again")
    : json(201, { ok: true, id: `org.couchdb.user:${name}`, token: token.text });
}

/** Makes an account; an answer when it cannot. */
export async function createAccount(
  name: string,
  password: string | null,
  email: string,
  { visitor }: Pick<ApiRequest, "visitor">,
  { storage }: Registry,
): Promise<ApiResponse | null> {
  if (!isPackageName(name) || name.includes("/") || name.length > 64) {
    return refuse(400, "an account's name is lower case: letters, digits, `-`, `.`, `_`");
  }
  if (storage.state.organisations.has(name)) {
    return refuse(409, `${name} is an organisation's name`);
  }
  if (upstreamOfScope(storage.state, name) !== null) {
    return refuse(409, `the scope @${name} is asked for at an upstream`);
  }
  if (password !== null && password.length < 10) {
    return refuse(400, "a password needs ten characters or more");
  }
  const event = {
    type: "account-created",
    password: password === null ? null : await hashPassword(password),
    email: email.slice(0, 200),
    administrator: false,
  } as const;
  const actor = visitor.account ?? name;
  const entries = await storage.append([{ actor, subject: `account:${name}`, event }], 0);
  return entries === null ? refuse(409, `there is an account ${name} already`) : null;
}

/** `GET /-/user/org.couchdb.user:NAME`: npm looks here before it makes somebody an owner. */
export function getUser(name: string, { visitor }: ApiRequest, { storage }: Registry): ApiResponse {
  if (visitor.account === null) return refuse(401, "you are not logged in");
  const account = storage.state.accounts.get(name);
  if (account === undefined) return refuse(404, `there is no account ${name}`);
  return json(200, { _id: `org.couchdb.user:${name}`, name, email: account.email, type: "user" });
}

/** `GET /-/npm/v1/user`: the visitor's own profile. */
export function getProfile({ visitor }: ApiRequest, { storage }: Registry): ApiResponse {
  const account =
    visitor.account === null ? undefined : storage.state.accounts.get(visitor.account);
  if (account === undefined) return refuse(401, "you are not logged in");
  return json(200, { name: account.name, email: account.email, tfa: null });
}

/** `POST /-/npm/v1/user`: a new password. */
export async function postProfile(request: ApiRequest, registry: Registry): Promise<ApiResponse> {
  const { visitor } = request;
  const account =
    visitor.account === null ? undefined : registry.storage.state.accounts.get(visitor.account);
  if (account === undefined || visitor.token === null) return refuse(401, "you are not logged in");
  const change = objectIn(request)?.["password"];
  if (!isObject(change)) return refuse(400, "only the password can be changed");
  const { old, new: next } = change;
  const now = registry.now().getTime();
  if (registry.attempts.wait(`account ${account.name}`, now) > 0) {
    return refuse(429, "too many failed attempts");
  }
  if (typeof old !== "string" || !(await isPassword(old, account.password))) {
    registry.attempts.failed(`account ${account.name}`, now);
    return refuse(401, "the old password is wrong");
  }
  if (typeof next !== "string" || next.length < 10) {
    return refuse(400, "a password needs ten characters or more");
  }
  if (!covers(visitor.token.terms.rights, "admin"))
    return refuse(403, "your token may not do this");
  const event = { type: "password-set", password: await hashPassword(next) } as const;
  const entries = await registry.storage.append(
    [{ actor: account.name, subject: `account:${account.name}`, event }],
    account.last,
  );
  return entries === null ? refuse(409, "try again") : json(200, { name: account.name });
}

/** `PUT /-/unipkg/accounts/NAME`: an administrator makes an account, with a password or for tokens only. */
export async function putAccount(
  name: string,
  request: ApiRequest,
  registry: Registry,
): Promise<ApiResponse> {
  if (!mayAdminister(request)) return refuse(403, "only administrators make accounts");
  const body = objectIn(request) ?? {};
  const { password, email } = body;
  const made = await createAccount(
    name,
    typeof password === "string" ? password : null,
    typeof email === "string" ? email : "",
    request,
    registry,
  );
  return made ?? json(201, { ok: true, name });
}

/** Whether the visitor is an administrator, by a token that is not for less. */
export function mayAdminister({ visitor }: Pick<ApiRequest, "visitor">): boolean {
  const terms = visitor.token?.terms;
  return visitor.administrator && terms?.rights === "admin" && terms.scopes === null;
}
