import { isNetwork } from "../access.ts";
import { covers, type Right, rights, type TokenEvent } from "../event.ts";
import { type ApiRequest, type ApiResponse, json, objectIn, refuse } from "../exchange.ts";
import { isPassword } from "../password.ts";
import type { Registry } from "../registry.ts";
import type { TokenState } from "../state.ts";
import { makeToken, type NewToken } from "../token.ts";
import { mayAdminister } from "./accounts.ts";

/** What a token is for. */
export type TokenTerms = Omit<
  Extract<TokenEvent, { type: "token-created" }>,
  "type" | "account" | "hash"
>;

/** Makes a token for an account; null when its ID was taken that very moment. */
export async function createToken(
  account: string,
  terms: TokenTerms,
  actor: string,
  { storage }: Registry,
): Promise<NewToken | null> {
  const token = makeToken();
  const event = { type: "token-created", account, hash: token.hash, ...terms } as const;
  const entries = await storage.append([{ actor, subject: `token:${token.id}`, event }], 0);
  return entries === null ? null : token;
}

/** `GET /-/npm/v1/tokens` */
export function getTokens({ visitor }: ApiRequest, { storage }: Registry): ApiResponse {
  if (visitor.account === null) return refuse(401, "you are not logged in");
  const own = [...storage.state.tokens.values()].filter(
    (token) => !token.revoked && token.terms.account === visitor.account,
  );
  return json(200, { objects: own.map(shown), total: own.length, urls: {} });
}

function shown({ id, created, terms }: TokenState): Readonly<Record<string, unknown>> {
  return {
    key: id,
    token: `upt_${id}`,
    name: terms.name,
    created,
    readonly: terms.rights === "read",
    cidr_whitelist: terms.networks.length === 0 ? null : terms.networks,
    rights: terms.rights,
    scopes: terms.scopes,
    expires: terms.expires,
  };
}

/**
 * `POST /-/npm/v1/tokens`: npm sends the password; unipkg is content with a token that has the right `admin`. No
 * token can make one that may do more than itself.
 */
export async function postToken(request: ApiRequest, registry: Registry): Promise<ApiResponse> {
  const { visitor } = request;
  const { state } = registry.storage;
  const body = objectIn(request);
  if (visitor.account === null || visitor.token === null)
    return refuse(401, "you are not logged in");
  if (body === null) return refuse(400, "the body is not a JSON object");
  const now = registry.now().getTime();
  const asked = `account ${visitor.account}`;
  const password = body["password"];
  if (typeof password === "string") {
    if (registry.attempts.wait(asked, now) > 0) return refuse(429, "too many failed attempts");
    if (!(await isPassword(password, state.accounts.get(visitor.account)?.password ?? null))) {
      registry.attempts.failed(asked, now);
      return refuse(401, "the password is wrong");
    }
  }
  const own = visitor.token.terms;
  if (own.rights !== "admin") return refuse(403, "your token may not make others");
  const terms = readTerms(body, now);
  if (typeof terms === "string") return refuse(400, terms);
  const forAccount = typeof body["account"] === "string" ? body["account"] : visitor.account;
  if (forAccount !== visitor.account && !mayAdminister(request)) {
    return refuse(403, "only administrators make tokens for others");
  }
  if (!state.accounts.has(forAccount)) return refuse(404, `there is no account ${forAccount}`);
  const isWider =
    !covers(own.rights, terms.rights) ||
    (own.scopes !== null &&
      !(terms.scopes ?? ["*"]).every((scope) => own.scopes!.includes(scope))) ||
    (own.expires !== null && (terms.expires === null || terms.expires > own.expires)) ||
    (own.networks.length > 0 && terms.networks.join() !== own.networks.join());
  if (isWider)
    return refuse(403, "a token cannot make one that may do more, or for longer, than itself");
  const token = await createToken(forAccount, terms, visitor.account, registry);
  if (token === null) return refuse(409, "try again");
  return json(201, { ...shown(state.tokens.get(token.id)!), token: token.text });
}

/** What is asked for, in npm's words or in ours; a sentence when it makes no sense. */
function readTerms(body: Readonly<Record<string, unknown>>, now: number): TokenTerms | string {
  const { name, token_description: description, readonly, rights: wanted } = body;
  const right: Right = readonly === true ? "read" : ((wanted as Right | undefined) ?? "admin");
  if (!rights.includes(right)) return `rights are one of ${rights.join(", ")}`;
  const scopes = body["scopes"];
  if (scopes != null && !isTexts(scopes)) return "scopes must be a list of names";
  const networks = body["cidr_whitelist"] ?? [];
  if (!isTexts(networks) || !networks.every(isNetwork)) {
    return "cidr_whitelist must be a list of networks such as 10.0.0.0/8";
  }
  const expires = readExpiry(body["expires"], now);
  if (expires === undefined) return "expires must be a date, or a number of days";
  return {
    name: String(name ?? description ?? "").slice(0, 100),
    rights: right,
    scopes:
      scopes == null || scopes.length === 0 ? null : scopes.map((each) => each.replace(/^@/, "")),
    networks,
    expires,
  };
}

function isTexts(value: unknown): value is readonly string[] {
  return (
    Array.isArray(value) && value.length <= 100 && value.every((each) => typeof each === "string")
  );
}

/** undefined when it is nothing that can be read. */
function readExpiry(value: unknown, now: number): string | null | undefined {
  if (value == null) return null;
  const time = typeof value === "number" ? now + value * 86_400_000 : Date.parse(String(value));
  return Number.isFinite(time) ? new Date(time).toISOString() : undefined;
}

/** `DELETE /-/npm/v1/tokens/token/KEY`, and `DELETE /-/user/token/TOKEN`, which `npm logout` sends. */
export async function deleteToken(
  word: string,
  request: ApiRequest,
  { storage }: Registry,
): Promise<ApiResponse> {
  const { visitor } = request;
  if (visitor.account === null) return refuse(401, "you are not logged in");
  const id = /^(?:upt_)?([0-9a-z]{12})(?:_|$)/.exec(word)?.[1] ?? "";
  const token = storage.state.tokens.get(id);
  const isOwn = token?.terms.account === visitor.account;
  if (token === undefined || token.revoked || !(isOwn || mayAdminister(request))) {
    return refuse(404, "no such token");
  }
  // A token can always end itself; others only with the right to.
  if (visitor.token?.id !== id && visitor.token?.terms.rights !== "admin") {
    return refuse(403, "your token may not revoke others");
  }
  const draft = {
    actor: visitor.account,
    subject: `token:${id}`,
    event: { type: "token-revoked" } as const,
  };
  const entries = await storage.append([draft], token.last);
  return entries === null ? refuse(409, "try again") : json(200, { ok: true });
}
