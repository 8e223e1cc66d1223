import { isPackageName } from "../protocol/package-name.ts";
import { stranger, type Visitor, visitorOf } from "./access.ts";
import { type ApiRequest, type ApiResponse, isAnswer, refuse } from "./exchange.ts";
import { npmRoutes } from "./npm-routes.ts";
import { isPage, pageRoutes } from "./pages/pages.ts";
import { tokenInCookie, toLogin } from "./pages/session.ts";
import type { Registry } from "./registry.ts";
import type { Handler } from "./route.ts";
import { unipkgRoutes } from "./unipkg-routes.ts";

/** A request before it is known who asks. */
export type BareRequest = Omit<ApiRequest, "visitor">;

/** Routes by method and number of parts: only few are left to be looked at. */
const table = new Map<string, { readonly parts: readonly string[]; readonly handler: Handler }[]>();
for (const [method, path, handler] of [...npmRoutes, ...unipkgRoutes, ...pageRoutes]) {
  const parts = path.split("/");
  const key = `${method} ${parts.length}`;
  table.set(key, [...(table.get(key) ?? []), { parts, handler }]);
}

/** Answers one request. Only a damaged storage or a bug throws. */
export function answer(bare: BareRequest, registry: Registry): Promise<ApiResponse> | ApiResponse {
  const visitor = whoAsks(bare, registry);
  if (isAnswer(visitor)) return visitor;
  const request: ApiRequest = { ...bare, visitor };
  const method = request.method === "HEAD" ? "GET" : request.method;
  for (const { parts, handler } of table.get(`${method} ${request.path.length}`) ?? []) {
    const words = match(parts, request.path);
    if (words !== null) return handler(words, request, registry);
  }
  const [name = ""] = request.path;
  if (method === "PUT" && request.path.length === 1 && !isPackageName(name)) {
    return refuse(
      400,
      "a package's name has lower case letters, digits, `-`, `.`, `_`, and a scope perhaps",
    );
  }
  return refuse(404, "there is nothing of this name here");
}

function whoAsks(
  request: BareRequest,
  { storage, attempts, now }: Registry,
): Visitor | ApiResponse {
  const { headers, address, path } = request;
  const { authorization } = headers;
  if (authorization === undefined && isPage(path)) {
    const token = tokenInCookie(headers.cookie);
    if (token === null) return stranger;
    // The cookie of a token that holds no more goes, so that it does not count as an attack at each page.
    return visitorOf(storage.state, token, address, now()) ?? toLogin(request);
  }
  if (authorization === undefined) return stranger;
  const time = now();
  const from = `address ${address}`;
  const text = /^Bearer (\S{1,200})$/i.exec(authorization)?.[1];
  const known = text === undefined ? null : visitorOf(storage.state, text, address, time);
  if (known !== null) return known;
  const wait = attempts.wait(from, time.getTime());
  attempts.failed(from, time.getTime());
  const headersOut = { "content-type": "application/json", "www-authenticate": "Bearer" };
  return wait > 0
    ? {
        ...refuse(429, "too many wrong tokens"),
        headers: { ...headersOut, "retry-after": String(wait) },
      }
    : { ...refuse(401, "the token is wrong, was revoked, or has expired"), headers: headersOut };
}

/** The parts that stand for something; null when the path is another one. */
function match(parts: readonly string[], path: readonly string[]): readonly string[] | null {
  const words: string[] = [];
  for (const [at, part] of parts.entries()) {
    const given = path[at]!;
    if (part === ":name") {
      if (!isPackageName(given)) return null;
      words.push(given);
    } else if (part === ":user") {
      const name = /^org\.couchdb\.user:([a-z0-9][a-z0-9._-]{0,63})$/.exec(given)?.[1];
      if (name === undefined) return null;
      words.push(name);
    } else if (part === ":word") {
      words.push(given);
    } else if (part !== given) return null;
  }
  return words;
}
