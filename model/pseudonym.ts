import type { SolveCase } from "./case.ts";
import type { SolveRequest } from "./request.ts";

/**
 * A case in which every scoped name (`@acme/firewall`) is replaced, wherever it stands, by one that says nothing
 * (`@s1/p1`). The same name gets the same pseudonym throughout. Names keep their order among each other and beside
 * names without a scope, because the answer depends on it: so it is the same, up to the names.
 */
export function withPseudonyms(saved: SolveCase): SolveCase {
  const names = scopedNames(saved);
  // The longest first: a scope is also the beginning of its names.
  const known = [...names.keys()].sort((a, b) => b.length - a.length || (a < b ? -1 : 1));
  const pattern = new RegExp(
    `(?<![A-Za-z0-9._/@-])(?:${known.map(escaped).join("|")})(?![A-Za-z0-9_/-])`,
    "g",
  );
  const hidden = (text: string) => text.replace(pattern, (name) => names.get(name) ?? name);
  const renamed = names.size === 0 ? saved : (replaceTexts(saved, hidden) as SolveCase);
  return { ...renamed, request: withoutPaths(renamed.request) };
}

/** Where an organisation keeps its policies is its own affair. */
function withoutPaths(request: SolveRequest): SolveRequest {
  if (request.policies === undefined) return request;
  const policies = request.policies.map((policy) => ({
    ...policy,
    place: { ...policy.place, file: ".unipkg-policy" },
  }));
  return { ...request, policies };
}

/** Scoped names and scopes -> pseudonym. */
function scopedNames(saved: SolveCase): ReadonlyMap<string, string> {
  const scopes = new Map<string, Set<string>>();
  replaceTexts(saved, (text) => {
    const match = /^(@[a-z0-9][a-z0-9._-]*)(?:\/([a-z0-9][a-z0-9._-]*))?$/.exec(text);
    if (match === null) return text;
    const [, scope = "", name] = match;
    const ofScope = scopes.get(scope) ?? new Set();
    if (name !== undefined) ofScope.add(name);
    scopes.set(scope, ofScope);
    return text;
  });
  const pseudonyms = new Map<string, string>();
  // As whole names are compared: `@a-b/x` comes before `@a/x`.
  const sorted = [...scopes].sort(([a], [b]) => (`${a}/` < `${b}/` ? -1 : 1));
  for (const [scopeIndex, [scope, names]] of sorted.entries()) {
    const hiddenScope = `@s${numbered(scopeIndex, sorted.length)}`;
    pseudonyms.set(scope, hiddenScope);
    for (const [index, name] of [...names].sort().entries()) {
      pseudonyms.set(`${scope}/${name}`, `${hiddenScope}/p${numbered(index, names.size)}`);
    }
  }
  return pseudonyms;
}

/** From 1, with as many digits as the last one needs. */
function numbered(index: number, count: number): string {
  return String(index + 1).padStart(String(count).length, "0");
}

/** A copy in which every text, keys included, is another. */
function replaceTexts(value: unknown, replace: (text: string) => string): unknown {
  if (typeof value === "string") return replace(value);
  if (Array.isArray(value)) return value.map((one) => replaceTexts(one, replace));
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(
    Object.entries(value).map(([key, one]) => [replace(key), replaceTexts(one, replace)]),
  );
}

function escaped(text: string): string {
  return text.replace(/[.*+?^${}()|[\]\\]/g, "\\$&");
}
