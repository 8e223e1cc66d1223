import { isIP } from "node:net";
import { scopeOf } from "../protocol/package-name.ts";
import { covers, type Right } from "./event.ts";
import type { PackageState } from "./package-state.ts";
import type { State, TokenState } from "./state.ts";
import { isSecretOf, parseToken } from "./token.ts";
import { type Upstream, upstreamOf } from "./upstream/rules.ts";

/** Who asks. */
export interface Visitor {
  /** Null when no token was sent. */
  readonly account: string | null;
  readonly administrator: boolean;
  readonly token: TokenState | null;
}

export const stranger: Visitor = { account: null, administrator: false, token: null };

/** Who a token stands for; null when it is none of the registry's, is revoked, has expired, or comes from elsewhere. */
export function visitorOf(state: State, text: string, address: string, now: Date): Visitor | null {
  const parsed = parseToken(text);
  const token = parsed === null ? undefined : state.tokens.get(parsed.id);
  if (parsed === null || token === undefined || !isSecretOf(token, parsed.secret)) return null;
  const { account: name, expires, networks } = token.terms;
  const account = state.accounts.get(name);
  if (token.revoked || account === undefined || account.disabled) return null;
  if (expires !== null && Date.parse(expires) <= now.getTime()) return null;
  if (networks.length > 0 && !networks.some((network) => isWithin(address, network))) return null;
  return { account: name, administrator: account.administrator, token };
}

/**
 * Whether somebody may do something with the packages of a scope, or with one package: by the account's role, and
 * not beyond what the token is for.
 *
 * @param wanted `read` for packages that are not public
 */
export function mayOn(state: State, visitor: Visitor, name: string, wanted: Right): boolean {
  const { account, token } = visitor;
  if (account === null || token === null) return false;
  const scope = scopeOf(name);
  const { rights, scopes } = token.terms;
  if (!covers(rights, wanted)) return false;
  if (scopes !== null && (scope === null || !scopes.includes(scope))) return false;
  if (visitor.administrator) return true;
  const role = roleIn(state, account, scope);
  if (role !== null && covers(role, wanted)) return true;
  if (teamGrants(state, account, name).some(({ right }) => covers(right, wanted))) return true;
  return covers("publish", wanted) && isOwner(state, account, name);
}

/**
 * Whether an account may publish as an owner. An organisation's package is not its first publisher's: he may what his
 * role and his teams say today; owners that were added may for as long as they are members.
 */
export function isOwner(state: State, account: string, name: string): boolean {
  const found = state.packages.get(name);
  if (found === undefined || !found.owners.has(account)) return false;
  const isOfOrganisation = state.organisations.has(scopeOf(name) ?? "");
  return !isOfOrganisation || (account !== found.creator && mayOwn(state, account, name));
}

/** Whether somebody can be made an owner of a package: of an organisation's, only a member of it. */
export function mayOwn(state: State, account: string, name: string): boolean {
  const organisation = state.organisations.get(scopeOf(name) ?? "");
  return organisation === undefined || organisation.members.has(account);
}

/** What teams of its organisation let an account do with a package. */
export function teamGrants(
  state: State,
  account: string,
  name: string,
): readonly { readonly team: string; readonly right: Right }[] {
  const scope = scopeOf(name);
  if (scope === null || !isMember(state, account, scope)) return [];
  const teams = state.organisations.get(scope)?.teams.values() ?? [];
  return [...teams].flatMap(({ name: team, members, grants }) => {
    if (!members.has(account)) return [];
    const given = [grants.get(name), grants.get(`@${scope}`)];
    return given.flatMap((right) => (right === undefined ? [] : [{ team, right }]));
  });
}

/** Whether somebody may read a package that is there. */
export function mayRead(
  state: State,
  visitor: Visitor,
  { name, access, proxied }: PackageState,
  anonymous: boolean,
): boolean {
  if (proxied !== null) {
    // What came from one upstream is not taken for another's.
    const upstream = upstreamOf(state, name);
    return upstream?.name === proxied.upstream && mayUse(state, upstream, visitor, name, anonymous);
  }
  if (access === "public" && (anonymous || isUnbound(visitor))) return true;
  return mayOn(state, visitor, name, "read");
}

/** Whether somebody may read what comes from an upstream, and have it asked. */
export function mayUse(
  state: State,
  { terms: { access, organisation } }: Upstream,
  { account, administrator, token }: Visitor,
  name: string,
  anonymous: boolean,
): boolean {
  if (access === "public" && anonymous) return true;
  if (account === null || token === null || !covers(token.terms.rights, "read")) return false;
  const { scopes } = token.terms;
  const scope = scopeOf(name);
  if (scopes !== null && (scope === null || !scopes.includes(scope))) return false;
  return organisation === null || administrator || isMember(state, account, organisation);
}

/** Logged in, by a token that is not for some scopes only. */
function isUnbound({ token }: Visitor): boolean {
  return token !== null && token.terms.scopes === null;
}

/** What an account may do in a whole scope: its own one belongs to it, an organisation's to its members. */
export function roleIn(state: State, account: string, scope: string | null): Right | null {
  if (scope === null) return null;
  if (scope === account) return "admin";
  const role = state.organisations.get(scope)?.members.get(account) ?? "member";
  return role === "member" ? null : role;
}

export function isMember(state: State, account: string, organisation: string): boolean {
  return state.organisations.get(organisation)?.members.has(account) === true;
}

/** Whether an address lies in a network in CIDR notation, `10.0.0.0/8`, or is that very address. */
export function isWithin(address: string, network: string): boolean {
  const [base = "", length] = network.split("/");
  const [one, other] = [bitsOf(address), bitsOf(base)];
  if (one === null || other === null || one.length !== other.length) return false;
  const bits = length === undefined ? other.length : Number(length);
  return one.slice(0, bits) === other.slice(0, bits);
}

/** Whether a text is a network that `isWithin` understands. */
export function isNetwork(text: string): boolean {
  const [base = "", length] = text.split("/");
  const bits = bitsOf(base);
  if (bits === null || text.split("/").length > 2) return false;
  return length === undefined || (/^\d{1,3}$/.test(length) && Number(length) <= bits.length);
}

/** An address as a text of its bits; an IPv4 address that came over IPv6 (RFC 4291, 2.5.5.2) as IPv4. */
function bitsOf(address: string): string | null {
  const plain = address.replace(/^::ffff:(?=\d+\.)/i, "");
  if (isIP(plain) === 4) {
    return plain
      .split(".")
      .map((part) => Number(part).toString(2).padStart(8, "0"))
      .join("");
  }
  if (isIP(plain) !== 6) return null;
  const [head = "", tail] = plain.replace(/%.*$/, "").split("::");
  const groups = (text: string) => (text === "" ? [] : text.split(":"));
  const [first, last] = [groups(head), groups(tail ?? "")];
  const zeros = Array.from(
    { length: tail === undefined ? 0 : 8 - first.length - last.length },
    () => "0",
  );
  const all = [...first, ...zeros, ...last];
  if (all.length !== 8) return null;
  return all.map((group) => Number.parseInt(group, 16).toString(2).padStart(16, "0")).join("");
}
