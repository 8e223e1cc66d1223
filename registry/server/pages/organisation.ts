import { maySee } from "../handlers/organisations.ts";
import type { OrganisationState } from "../organisation-state.ts";
import type { Handler } from "../route.ts";
import { all, type Upstream } from "../upstream/rules.ts";
import { type Address, organisationAddress, packageAddress, rootOf } from "./address.ts";
import { type Content, type Html, html } from "./html.ts";
import { missingPage, pageAnswer } from "./layout.ts";

/** `GET /-/web/organisation/NAME`: who may do what in an organisation, for its members. */
export const organisationPage: Handler = ([name = ""], request, registry) => {
  const { state } = registry.storage;
  const found = state.organisations.get(name);
  if (found === undefined || !maySee(name, "read", request, registry)) return missingPage(request);
  const root = rootOf(request.base);
  const upstreams = all(state).filter(({ terms }) => terms.organisation === name);
  const main = html`<h1>${name}</h1>
<p class="lead">An organisation: packages of @${name} are its own.</p>
${members(found)}
${teams(found, root)}
${rules(found)}
${asked(upstreams)}`;
  return pageAnswer(request, { title: name, main });
};

/** Where an organisation's page is; null for a scope that is no organisation's, or not the visitor's to look at. */
export function organisationLink(
  scope: string | null,
  ...[request, registry]: [Parameters<Handler>[1], Parameters<Handler>[2]]
): Html | null {
  if (scope === null || !registry.storage.state.organisations.has(scope)) return null;
  if (!maySee(scope, "read", request, registry)) return null;
  return html`<a href="${organisationAddress(rootOf(request.base), scope)}">${scope}</a>`;
}

const mays: Readonly<Record<string, string>> = {
  member: "what their teams may",
  read: "read",
  publish: "read and publish",
  admin: "read, publish and administer",
};

function members({ members: of }: OrganisationState): Html {
  const rows = sorted(of).map(
    ([account, role]) =>
      html`<tr><th scope="row">${account}</th><td>${mays[role] ?? role}</td></tr>`,
  );
  return html`<section><h2>Members</h2><div class="wide"><table>
<thead><tr><th scope="col">Account</th><th scope="col">May, with all of its packages</th></tr></thead>
<tbody>${rows}</tbody></table></div></section>`;
}

function teams({ name, teams: of }: OrganisationState, root: Address): Html | null {
  if (of.size === 0) return null;
  const rows = sorted(of).map(([team, { members: who, grants }]) => {
    const given = sorted(grants).map(
      ([on, right]): Content =>
        on === `@${name}`
          ? html`<li>${mays[right] ?? right}: all packages</li>`
          : html`<li>${mays[right] ?? right}: <a href="${packageAddress(root, on)}">${on}</a></li>`,
    );
    return html`<tr><th scope="row">${team}</th><td>${[...who].sort().join(", ")}</td><td><ul>${given}</ul></td></tr>`;
  });
  return html`<section><h2>Teams</h2><div class="wide"><table>
<thead><tr><th scope="col">Team</th><th scope="col">Members</th><th scope="col">May</th></tr></thead>
<tbody>${rows}</tbody></table></div></section>`;
}

function rules({ approval, policy }: OrganisationState): Html | null {
  if (!approval && policy === null) return null;
  return html`<section><h2>Rules</h2>
${approval ? html`<p>A second member approves each version.</p>` : null}
${policy === null ? null : html`<p>Its policy, by ${policy.account}:</p><pre><code>${policy.text}</code></pre>`}</section>`;
}

function asked(upstreams: readonly Upstream[]): Html | null {
  if (upstreams.length === 0) return null;
  const rows = upstreams.map(
    ({ name, terms }) => html`<li>${terms.patterns.join(", ")} from ${terms.url} (${name})</li>`,
  );
  return html`<section><h2>From elsewhere, for its members</h2><ul>${rows}</ul></section>`;
}

function sorted<T>(map: ReadonlyMap<string, T>): readonly (readonly [string, T])[] {
  return [...map].sort(([a], [b]) => (a < b ? -1 : 1));
}
