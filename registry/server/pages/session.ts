import { visitorOf } from "../access.ts";
import type { ApiRequest, ApiResponse } from "../exchange.ts";
import type { Registry } from "../registry.ts";
import { returnAddress, rootOf } from "./address.ts";
import { html } from "./html.ts";
import { pageAnswer, pageHeaders } from "./layout.ts";

/**
 * A browser's session is a token of the registry in a cookie: what the token may read, the pages show. Nothing is
 * changed by pages, so that a request forged by another site could change nothing either.
 */
const cookieName = "unipkg_token";

/** The token in a browser's cookie; null when it has none. */
export function tokenInCookie(header: string | undefined): string | null {
  for (const pair of (header ?? "").slice(0, 8192).split(";")) {
    const [name, value] = pair.trim().split("=");
    if (name === cookieName && value !== undefined && /^\S{1,200}$/.test(value)) return value;
  }
  return null;
}

/** `GET /-/web/login` */
export function loginPage(request: ApiRequest, problem: string | null = null): ApiResponse {
  const { base, query, visitor } = request;
  const root = rootOf(base);
  const wanted = returnAddress(root, query.get("return"));
  const action = `${root}-/web/login?${new URLSearchParams({ return: wanted })}`;
  const told = problem === null ? null : html`<p class="problem" role="alert">${problem}</p>`;
  const known = visitor.account === null ? null : html`<p>You are ${visitor.account}.</p>`;
  const main = html`<h1>Log in</h1>
${told}${known}
<form class="login" method="post" action="${action}">
<input type="text" autocomplete="username" value="unipkg registry" hidden>
<label for="token">Token</label>
<input id="token" name="token" type="password" autocomplete="current-password" required autofocus>
<button>Log in</button>
</form>
<p>The token is the one that <code>unipkg login</code> takes. One that may only read is enough:
<code>unipkg token create --rights read</code> makes it.</p>`;
  return pageAnswer(request, { title: "Log in", main }, problem === null ? 200 : 401);
}

/** `POST /-/web/login`: takes the token into the cookie, if it is one. */
export function login(request: ApiRequest, registry: Registry): ApiResponse {
  const { address, base, body, query } = request;
  const { storage, attempts, now } = registry;
  if (isFromElsewhere(request)) return loginPage(request, "Log in on this page.");
  const from = `address ${address}`;
  const time = now();
  const wait = attempts.wait(from, time.getTime());
  if (wait > 0) return loginPage(request, `Too many wrong tokens; wait ${wait} seconds.`);
  const token =
    new URLSearchParams(body.toString("utf8").slice(0, 1000)).get("token")?.trim() ?? "";
  if (visitorOf(storage.state, token, address, time) === null) {
    attempts.failed(from, time.getTime());
    return loginPage(
      request,
      "This is no token of the registry, or it was revoked or has expired.",
    );
  }
  const root = rootOf(base);
  return redirect(returnAddress(root, query.get("return")), cookie(token, base));
}

/** `POST /-/web/logout` */
export function logout(request: ApiRequest): ApiResponse {
  return redirect(rootOf(request.base), cookie("", request.base));
}

/** For whoever must log in first, and for a cookie whose token holds no more. */
export function toLogin({ base, path }: Pick<ApiRequest, "base" | "path">): ApiResponse {
  const root = rootOf(base);
  const wanted = `${root}${path.map(encodeURI).join("/")}`;
  const query = wanted === root ? "" : `?${new URLSearchParams({ return: wanted })}`;
  return redirect(`${root}-/web/login${query}`, cookie("", base));
}

/** Forms of other sites must not log anybody in as somebody else (Fetch Metadata, `Sec-Fetch-Site`). */
function isFromElsewhere({ headers }: ApiRequest): boolean {
  const site = headers["sec-fetch-site"];
  return site !== undefined && site !== "same-origin" && site !== "none";
}

function redirect(location: string, setCookie: string): ApiResponse {
  return { status: 303, headers: { ...pageHeaders, location, "set-cookie": setCookie } };
}

/** Until the browser is closed; never given to scripts, nor with requests that other sites make (RFC 6265bis, 4.1.2). */
function cookie(token: string, base: string): string {
  const ends = token === "" ? "; Max-Age=0" : "";
  const secure = base.startsWith("https:") ? "; Secure" : "";
  return `${cookieName}=${token}; Path=${rootOf(base)}; HttpOnly; SameSite=Lax${secure}${ends}`;
}
