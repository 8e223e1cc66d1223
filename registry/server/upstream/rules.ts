import { isPackageName, scopeOf, similarityKey } from "../../protocol/package-name.ts";
import type { UpstreamTerms } from "../event.ts";
import type { State } from "../state.ts";

/** A registry that this one may ask. */
export interface Upstream {
  readonly name: string;
  readonly terms: UpstreamTerms;
}

/**
 * The one upstream that a name belongs to; null for a name of this registry's own. Whatever is known here is never
 * asked for elsewhere, whoever owns it there (dependency confusion): a package that is here, waits for approval or was
 * taken back, one that looks like it, and every name of a scope that belongs to somebody here.
 */
export function upstreamOf(state: State, name: string): Upstream | null {
  if (state.upstreams.size === 0) return null;
  const known = state.packages.get(name);
  if (known !== undefined && known.proxied === null) return null;
  if (state.similar.has(similarityKey(name))) return null;
  const scope = scopeOf(name);
  if (scope !== null && isOwned(state, scope)) return null;
  const wanted = scope === null ? [name, "*"] : [name, `@${scope}`];
  for (const pattern of wanted) {
    const found = all(state).find(({ terms }) => terms.patterns.includes(pattern));
    if (found !== undefined) return found;
  }
  return null;
}

/** Who an upstream's packages are taken in by, in the log. */
export function actorOf({ name }: Upstream): string {
  return `upstream:${name}`;
}

/** Every upstream, by name. */
export function all(state: State): readonly Upstream[] {
  return [...state.upstreams.values()]
    .flatMap(({ name, terms }) => (terms === null ? [] : [{ name, terms }]))
    .sort((a, b) => (a.name < b.name ? -1 : 1));
}

/** Whether a scope is an account's or an organisation's of this registry. */
export function isOwned(state: State, scope: string): boolean {
  return state.organisations.has(scope) || state.accounts.has(scope);
}

/** The upstream that has a whole scope; null when none does. */
export function upstreamOfScope(state: State, scope: string): Upstream | null {
  return all(state).find(({ terms }) => terms.patterns.includes(`@${scope}`)) ?? null;
}

/** Whether a text is a pattern that an upstream can have: `@scope`, a name, or `*`. */
export function isPattern(text: string): boolean {
  return text === "*" || isPackageName(text) || /^@[a-z0-9][a-z0-9._-]{0,200}$/.test(text);
}
