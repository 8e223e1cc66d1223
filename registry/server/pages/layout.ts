import type { ApiRequest, ApiResponse } from "../exchange.ts";
import { type Address, rootOf } from "./address.ts";
import { type Content, type Html, html } from "./html.ts";

/**
 * Pages have no script at all, load nothing from elsewhere, and stand in no other page (Content Security Policy Level 3).
 */
const policy =
  "default-src 'none'; style-src 'self'; img-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'";

export const pageHeaders = {
  "content-type": "text/html; charset=utf-8",
  "content-security-policy": policy,
  "referrer-policy": "no-referrer",
  // What one visitor may see is not for a cache that others use.
  "cache-control": "private, no-cache",
  vary: "cookie",
} as const;

export interface Page {
  readonly title: string;
  /** Filled into the field for searches. */
  readonly words?: string;
  readonly main: Content;
}

/** A whole page, as an answer. */
export function pageAnswer(request: ApiRequest, page: Page, status = 200): ApiResponse {
  return {
    status,
    headers: pageHeaders,
    body: `<!DOCTYPE html>\n${documentOf(request, page).text}`,
  };
}

/** What is not there and what may not be seen look the same. */
export function missingPage(request: ApiRequest): ApiResponse {
  const main = html`<h1>Not here</h1>
<p>There is no such page, or you may not see it.</p>`;
  return pageAnswer(request, { title: "Not here", main }, 404);
}

function documentOf({ base, visitor }: ApiRequest, { title, words = "", main }: Page): Html {
  const root = rootOf(base);
  return html`<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<title>${title} · unipkg registry</title>
<link rel="stylesheet" href="${root}-/web/style.css">
<link rel="icon" type="image/svg+xml" href="${root}-/web/icon.svg">
</head>
<body>
<a class="skip" href="#main">Skip to the content</a>
<header>
<a class="home" href="${root}">unipkg registry</a>
<form role="search" action="${root}-/web/search">
<input type="search" name="q" value="${words}" aria-label="Search for packages" placeholder="tcp, http, key-value …">
<button>Search</button>
</form>
${account(root, visitor.account)}
</header>
<main id="main">
${main}
</main>
</body>
</html>
`;
}

function account(root: Address, name: string | null): Html {
  return name === null
    ? html`<nav aria-label="Account"><a href="${root}-/web/login">Log in</a></nav>`
    : html`<nav aria-label="Account"><form method="post" action="${root}-/web/logout">
<span>${name}</span> <button class="quiet">Log out</button></form></nav>`;
}
