import type { Release } from "../../../model/release.ts";
import { changeBetween, type ReleaseChange } from "../../version-bump.ts";
import type { Handler } from "../route.ts";
import { packageAddress, rootOf } from "./address.ts";
import { type Html, html } from "./html.ts";
import { missingPage, pageAnswer } from "./layout.ts";
import { Shelf, type ShelfVersion } from "./shelf.ts";

/** `GET /-/web/compare/NAME/BEFORE/AFTER`: what differs between two versions, in words (as `unipkg diff`). */
export const comparisonPage: Handler = async ([name = "", ...versions], request, registry) => {
  const found = new Shelf(request.visitor, registry).find(name);
  const [before, after] = versions.map((version) =>
    found?.versions().find((each) => each.version === version),
  );
  if (found === null || before === undefined || after === undefined) return missingPage(request);
  const root = rootOf(request.base);
  const change = await changeOf(before, after);
  const lines = [...change.breaking, ...change.added, ...change.others];
  const link = ({ version }: ShelfVersion) =>
    html`<a href="${packageAddress(root, name, version)}">${version}</a>`;
  const main = html`<h1><a href="${packageAddress(root, name)}">${name}</a></h1>
<p class="lead">From ${link(before)} to ${link(after)}: ${sizes[change.size]}</p>
${section("Breaks", change.breaking)}${section("New", change.added)}${section("Else", change.others)}
${lines.length === 0 ? html`<p>There is no difference that others can see.</p>` : null}`;
  const title = `${name} ${before.version} and ${after.version}`;
  return pageAnswer(request, { title, main });
};

/** How large a change is, in words. */
export const sizes: Readonly<Record<ReleaseChange["size"], string>> = {
  none: "nothing that others must look at",
  addition: "something is new",
  breaking: "it breaks those who use it",
};

export async function changeOf(before: ShelfVersion, after: ShelfVersion): Promise<ReleaseChange> {
  const [was, is] = await Promise.all([before.release(), after.release()]);
  const key = `${keyOf(was)} ${keyOf(is)}`;
  const known = changes.get(key) ?? changeBetween(was, is);
  changes.set(key, known);
  if (changes.size > mostChanges) changes.delete(changes.keys().next().value!);
  return known;
}

/** Comparing types takes a while, and what was compared never changes. */
const changes = new Map<string, ReleaseChange>();
const mostChanges = 2000;

function keyOf({ manifest, integrity }: Release): string {
  return `${manifest.name}@${manifest.version} ${integrity}`;
}

function section(title: string, lines: readonly string[]): Html | null {
  if (lines.length === 0) return null;
  return html`<section><h2>${title}</h2><ul>${lines.map((line) => html`<li>${line}</li>`)}</ul></section>`;
}
