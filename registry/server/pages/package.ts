import type { Manifest, Requirement } from "../../../model/manifest.ts";
import type { Release } from "../../../model/release.ts";
import { scopeOf } from "../../protocol/package-name.ts";
import type { Handler } from "../route.ts";
import { type Address, comparisonAddress, packageAddress, rootOf } from "./address.ts";
import { changeOf, sizes } from "./comparison.ts";
import { type Content, type Html, html } from "./html.ts";
import { missingPage, pageAnswer } from "./layout.ts";
import { markdown } from "./markdown.ts";
import { organisationLink } from "./organisation.ts";
import { type Node, picture } from "./picture.ts";
import { type Relations, relationsOf } from "./relations.ts";
import { type Found, Shelf, type ShelfPackage, type ShelfVersion } from "./shelf.ts";
import { signatureOf } from "./signature.ts";

/** `GET /-/web/package/NAME[/VERSION]`: all that is known of a version, and who has to do with the package. */
export const packagePage: Handler = async ([name = "", version], request, registry) => {
  const shelf = new Shelf(request.visitor, registry);
  const found = shelf.find(name);
  const shown =
    version === undefined
      ? found?.newest
      : found?.versions().find((each) => each.version === version);
  if (found === null || shown === undefined) return missingPage(request);
  const root = rootOf(request.base);
  const release = await shown.release();
  const relations = await relationsOf(release.manifest, shelf);
  const readme = await shown.readme();
  const main = html`<h1>${name} <span class="version">${shown.version}</span></h1>
<p class="lead">${release.manifest.description}</p>
${warnings(shown, release.manifest)}
${install(release.manifest)}
${facts(found, shown, release, organisationLink(scopeOf(name), request, registry))}
${relationPicture(release.manifest, relations, root)}
${requirements(release.manifest, root)}
${providers(release.manifest, relations, root)}
${users(relations, root)}
${signatures(release, root)}
${effects(release)}
${settings(release.manifest)}
${await versionTable(found, root)}
${readme === "" ? null : html`<section class="readme" aria-label="README"><h2>README</h2>${markdown(readme)}</section>`}`;
  return pageAnswer(request, { title: name, main });
};

function warnings(shown: ShelfVersion, { notice, deprecated }: Manifest): Content {
  const told = [
    shown.yanked ? "This version was withdrawn: only lockfiles that have it take it." : null,
    shown.deprecated ?? deprecated ?? null,
    notice ?? null,
  ];
  return told.map((text) => (text === null ? null : html`<p class="problem">${text}</p>`));
}

function install({ kind, name }: Manifest): Html | null {
  if (kind === "app" || kind === "target") return null;
  return html`<pre class="command"><code>unipkg add ${name}</code></pre>`;
}

function facts(
  { state }: ShelfPackage,
  shown: ShelfVersion,
  { manifest, integrity }: Release,
  organisation: Html | null,
): Html {
  const { kind, license, targets, provides } = manifest;
  const rows: readonly (readonly [string, Content])[] = [
    ["Kind", kind],
    ["Licence", license],
    ["Targets", targets.includes("*") ? "all" : targets.join(", ")],
    [
      "Provides",
      provides.length === 0
        ? null
        : provides.map((each) => `${each.interface} ${each.version}`).join(", "),
    ],
    [
      "Published",
      shown.published === null
        ? "with unipkg"
        : html`<time datetime="${shown.published.time}">${shown.published.time.slice(0, 10)}</time> by ${shown.published.account}`,
    ],
    ["Comes from", state?.proxied == null ? null : `the upstream ${state.proxied.upstream}`],
    ["Organisation", organisation],
    ["Owners", state === null ? null : [...state.owners].sort().join(", ")],
    [
      "Readable by",
      state === null || state.proxied !== null
        ? null
        : state.access === "public"
          ? "all"
          : "members of its scope",
    ],
    ["Integrity", html`<code class="digest">${integrity}</code>`],
  ];
  const shownRows = rows
    .filter(([, value]) => value !== null && value !== "")
    .map(([label, value]) => html`<div><dt>${label}</dt><dd>${value}</dd></div>`);
  return html`<dl class="facts">${shownRows}</dl>`;
}

function relationPicture(
  { name, kind, provides }: Manifest,
  relations: Relations,
  root: Address,
): Html | null {
  const users = relations.users.map(({ user }) => nodeOf(user));
  const filled = provides.map((each) => ({ name: each.interface, isInterface: true }));
  const parts =
    kind === "interface"
      ? relations.providers.map(({ provider }) => nodeOf(provider))
      : relations.parts;
  if (users.length + filled.length + parts.length === 0) return null;
  return picture([...filled, ...users], { name, isInterface: kind === "interface" }, parts, root);
}

function nodeOf({ manifest: { name, kind } }: Found): Node {
  return { name, isInterface: kind === "interface" };
}

function requirements({ requires }: Manifest, root: Address): Html | null {
  if (requires.length === 0) return null;
  const rows = requires.map(
    (requirement) =>
      html`<li><a href="${packageAddress(root, requirement.of)}">${requirement.of}</a> ${requirement.range}${conditions(requirement)}</li>`,
  );
  return html`<section><h2>Requires</h2><ul>${rows}</ul></section>`;
}

function conditions({ slot, of, optional, when }: Requirement): string {
  const parts = [
    slot === of ? null : `as ${slot}`,
    optional ? "if it can be had" : null,
    when === undefined ? null : `on ${when.join(", ")}`,
  ];
  const told = parts.filter((part) => part !== null);
  return told.length === 0 ? "" : `, ${told.join(", ")}`;
}

function providers({ kind }: Manifest, relations: Relations, root: Address): Html | null {
  if (kind !== "interface") return null;
  if (relations.providers.length === 0) {
    return html`<section><h2>Provided by</h2><p>Nobody that you may see.</p></section>`;
  }
  const rows = relations.providers.map(({ provider, implemented, effects }) => {
    const { found, manifest } = provider;
    const targets = manifest.targets.includes("*") ? "all" : manifest.targets.join(", ");
    return html`<tr><th scope="row"><a href="${packageAddress(root, found.name)}">${found.name}</a></th>
<td>${found.newest.version}</td><td>${implemented}</td><td>${targets}</td><td>${effects.join(", ")}</td></tr>`;
  });
  return html`<section><h2>Provided by</h2><div class="wide"><table>
<thead><tr><th scope="col">Package</th><th scope="col">Version</th><th scope="col">Of the interface</th><th scope="col">Targets</th><th scope="col">Effects</th></tr></thead>
<tbody>${rows}</tbody></table></div></section>`;
}

function users({ users: all }: Relations, root: Address): Html | null {
  if (all.length === 0) return null;
  const rows = all.map(
    ({ user, requirement }) =>
      html`<li><a href="${packageAddress(root, user.found.name)}">${user.found.name}</a> ${requirement.range}</li>`,
  );
  return html`<section><h2>Used by</h2><ul class="columns">${rows}</ul></section>`;
}

function signatures({ manifest, signature, provided }: Release, root: Address): Content {
  const title = manifest.kind === "interface" ? "Types" : "Own types";
  return [
    signature === null || Object.keys(signature.exports).length === 0
      ? null
      : html`<section><h2>${title}</h2>${signatureOf(signature, "", root)}</section>`,
    ...Object.entries(provided).map(
      ([name, each]) => html`<section><h2>Types as a provider of
<a href="${packageAddress(root, name)}">${name}</a></h2>${signatureOf(each, `${name}.`, root)}</section>`,
    ),
  ];
}

function effects({ effects: all }: Release): Html | null {
  if (all.length === 0) return null;
  const rows = all.map(
    ({ effect, function: name, place }) =>
      html`<li><code>${effect}</code>, first in <code>${name}</code> (${place.file}:${place.line})</li>`,
  );
  return html`<section><h2>Effects</h2><ul>${rows}</ul></section>`;
}

function settings({ config }: Manifest): Html | null {
  const entries = Object.entries(config);
  if (entries.length === 0) return null;
  const rows = entries.map(
    ([
      name,
      { type, doc, default: value },
    ]) => html`<tr><th scope="row"><code>${name}</code></th><td><code>${type}</code></td>
<td>${value === undefined ? "must be set" : html`<code>${JSON.stringify(value)}</code>`}</td><td>${doc}</td></tr>`,
  );
  return html`<section><h2>Settings</h2><div class="wide"><table>
<thead><tr><th scope="col">Name</th><th scope="col">Type</th><th scope="col">Otherwise</th><th scope="col">Meaning</th></tr></thead>
<tbody>${rows}</tbody></table></div></section>`;
}

/** What whoever chooses a version should know of it, in a word or two. */
function stateOf({ yanked, deprecated, offered }: ShelfVersion): string {
  if (yanked) return "withdrawn";
  if (deprecated !== null) return "deprecated";
  return offered === null ? "" : `offered from ${offered.slice(0, 10)} on`;
}

async function versionTable(found: ShelfPackage, root: Address): Promise<Html> {
  const { name } = found;
  const versions = found.versions();
  const rows = await Promise.all(
    versions.slice(0, mostVersions).map(async (each, at) => {
      const before = versions[at + 1];
      const state = stateOf(each);
      const change = before === undefined ? null : await changeOf(before, each);
      const told =
        before === undefined || change === null
          ? null
          : html`<a href="${comparisonAddress(root, name, before.version, each.version)}">${sizes[change.size]}</a>`;
      return html`<tr><th scope="row"><a href="${packageAddress(root, name, each.version)}">${each.version}</a></th>
<td>${each.published?.time.slice(0, 10) ?? "with unipkg"}</td><td>${state}</td><td>${told}</td></tr>`;
    }),
  );
  const left = versions.length - rows.length;
  return html`<section><h2>Versions</h2><div class="wide"><table>
<thead><tr><th scope="col">Version</th><th scope="col">Published</th><th scope="col">State</th><th scope="col">Since the one before</th></tr></thead>
<tbody>${rows}</tbody></table></div>${left > 0 ? html`<p>and ${left} older ones</p>` : null}</section>`;
}

const mostVersions = 50;
