import { type ApiResponse, refuse } from "../exchange.ts";
import type { Handler, Route } from "../route.ts";
import { login, loginPage, logout, toLogin } from "./session.ts";
import { icon, style } from "./style.ts";

/** Pages for people. What draws them is loaded with the first. */
export const pageRoutes: readonly Route[] = [
  ["GET", "", shown(async () => (await import("./listing.ts")).frontPage)],
  ["GET", "-/web/search", shown(async () => (await import("./listing.ts")).searchPage)],
  ["GET", "-/web/package/:name", shown(async () => (await import("./package.ts")).packagePage)],
  [
    "GET",
    "-/web/package/:name/:word",
    shown(async () => (await import("./package.ts")).packagePage),
  ],
  [
    "GET",
    "-/web/organisation/:name",
    shown(async () => (await import("./organisation.ts")).organisationPage),
  ],
  [
    "GET",
    "-/web/compare/:name/:word/:word",
    shown(async () => (await import("./comparison.ts")).comparisonPage),
  ],
  ["GET", "-/web/login", (_, request) => loginPage(request)],
  ["POST", "-/web/login", (_, ...rest) => login(...rest)],
  ["POST", "-/web/logout", (_, request) => logout(request)],
  ["GET", "-/web/:word", ([file]) => asset(file!)],
];

/** Whether a request is for a page for people: only there a cookie counts. */
export function isPage(path: readonly string[]): boolean {
  return (path.length === 1 && path[0] === "") || (path[0] === "-" && path[1] === "web");
}

/** A page for those who may see anything here at all; others are asked to log in. */
function shown(load: () => Promise<Handler>): Handler {
  return async (words, request, registry) => {
    if (request.visitor.account === null && !registry.policy.anonymous) return toLogin(request);
    return (await load())(words, request, registry);
  };
}

/** What pages are drawn with; tells nothing of packages, and is given to all. */
function asset(file: string): ApiResponse {
  const found = Object.hasOwn(assets, file) ? assets[file] : undefined;
  if (found === undefined) return refuse(404, "there is nothing of this name here");
  const headers = { "content-type": found.type, "cache-control": "public, max-age=3600" };
  return { status: 200, headers, body: found.body };
}

const assets: Readonly<Record<string, { readonly type: string; readonly body: string }>> = {
  "style.css": { type: "text/css; charset=utf-8", body: style },
  "icon.svg": { type: "image/svg+xml", body: icon },
};
