import { rankOf } from "../match.ts";
import type { Handler } from "../route.ts";
import { type Address, packageAddress, rootOf, searchAddress } from "./address.ts";
import { type Html, html } from "./html.ts";
import { pageAnswer } from "./layout.ts";
import { type Found, Shelf } from "./shelf.ts";

/** `GET /`: what is here, by kind. */
export const frontPage: Handler = async (_, request, registry) => {
  const root = rootOf(request.base);
  const all = await new Shelf(request.visitor, registry).where(() => true);
  const own = all.filter(({ found }) => found.state !== null);
  const newest = [...own].sort((a, b) => compare(changed(b), changed(a))).slice(0, 10);
  const of = (kind: string) => all.filter(({ manifest }) => manifest.kind === kind);
  const main = html`<h1>Packages</h1>
<p class="lead">${counted(own.length, "package")} of this registry, and ${all.length - own.length} that ship with unipkg.</p>
${newest.length === 0 ? null : section("Last published", newest, root)}
${section("Interfaces", of("interface"), root)}
${section("Libraries", of("library"), root)}
${section("Targets", of("target"), root)}`;
  return pageAnswer(request, { title: "Packages", main });
};

/** `GET /-/web/search?q=WORDS`: packages that have all words, the best match first. */
export const searchPage: Handler = async (_, request, registry) => {
  const root = rootOf(request.base);
  const text = (request.query.get("q") ?? "").slice(0, 200).trim();
  const words = text.toLowerCase().split(/\s+/).filter(Boolean);
  const from = Math.max(0, Math.min(100_000, Number(request.query.get("from")) || 0)) | 0;
  const shelf = new Shelf(request.visitor, registry);
  const all = await shelf.where(({ searched }) => rankOf(searched, words) !== null);
  const ranked = all
    .map((each) => ({ each, rank: rankOf(each.searched, words)! }))
    .sort((a, b) => a.rank - b.rank || compare(a.each.found.name, b.each.found.name));
  const shown = ranked.slice(from, from + pageSize).map(({ each }) => each);
  const more = (at: number, label: string) =>
    html`<a href="${searchAddress(root, text)}&amp;from=${at}">${label}</a> `;
  const main = html`<h1>${words.length === 0 ? "All packages" : html`Packages with “${text}”`}</h1>
<p class="lead">${counted(ranked.length, "package")}</p>
${list(shown, root)}
<p>${from === 0 ? null : more(Math.max(0, from - pageSize), "Earlier")}
${from + pageSize >= ranked.length ? null : more(from + pageSize, "More")}</p>`;
  return pageAnswer(request, { title: text === "" ? "All packages" : text, words: text, main });
};

const pageSize = 50;

/** Packages of a kind that the front page lists. */
const mostOfKind = 100;

/** Packages, a line each. */
export function list(found: readonly Found[], root: Address): Html {
  const items = found.map(
    ({ found: { name, newest }, manifest }) => html`<li>
<a class="name" href="${packageAddress(root, name)}">${name}</a> <span class="version">${newest.version}</span>
<span class="kind">${manifest.kind}</span> ${newest.yanked ? html`<span class="warning">withdrawn</span>` : null}
<span class="description">${manifest.description}</span></li>`,
  );
  return html`<ul class="packages">${items}</ul>`;
}

function section(title: string, found: readonly Found[], root: Address): Html | null {
  if (found.length === 0) return null;
  const others = found.length - mostOfKind;
  const rest =
    others > 0
      ? html`<p>And ${counted(others, "other")}: <a href="${searchAddress(root, "")}">all packages</a>.</p>`
      : null;
  return html`<section><h2>${title}</h2>${list(found.slice(0, mostOfKind), root)}${rest}</section>`;
}

export function counted(count: number, noun: string): string {
  return `${count} ${noun}${count === 1 ? "" : "s"}`;
}

function changed({ found }: Found): string {
  return found.newest.published?.time ?? "";
}

function compare(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
