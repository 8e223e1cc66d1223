import { failed, ok, type Problem, type Result } from "../../model/problem.ts";
import { scopeOf } from "../protocol/package-name.ts";

/** A file of settings: npm's form, `key=value` on lines, of which unipkg reads the keys that docs/registry.md lists. */
export interface ConfigFile {
  /** What messages call it. */
  readonly path: string;
  readonly text: string;
}

/**
 * Where packages come from, and who one is there.
 *
 * A name has one registry, by its scope: what that one does not have is not there. Asking the next one is how a
 * stranger's package of the same name gets in (dependency confusion).
 */
export interface RegistryConfig {
  /** Scope without `@` -> address, with `/` at its end. */
  readonly scopes: ReadonlyMap<string, string>;
  /** Scopes that the project's file names: their packages may fill its slots, even if none is named. */
  readonly projectScopes: ReadonlySet<string>;
  /** Registry of names without a scope; null when there is none. */
  readonly default: string | null;
  /** Whether any registry is known. */
  readonly isEmpty: boolean;
  /** Certificates to trust beside the system's, a file; null for none. */
  readonly cafile: string | null;
  /** The registry of a name; null when its scope has none. */
  registryOf(name: string): string | null;
  /** Who one is at an address: a token, or a program that prints one. The longest path that is configured counts. */
  credentialFor(url: string): Credential | null;
  /** Whether archives of a registry may come from an address on another host. */
  mayHaveArchives(registry: string, url: string): boolean;
}

export type Credential =
  | { readonly kind: "token"; readonly token: string }
  | { readonly kind: "helper"; readonly command: string };

/**
 * Reads the settings of the user, who is trusted, and of a project, which somebody else may have written: it may
 * name registries for scopes that the user has none for, and nothing else.
 *
 * @param environment for `${NAME}` in the user's file
 */
export function readConfig(
  user: ConfigFile | null,
  project: ConfigFile | null,
  environment: Readonly<Record<string, string | undefined>>,
): Result<RegistryConfig> {
  const problems: Problem[] = [];
  const scopes = new Map<string, string>();
  const byHost = new Map<string, string>();
  const projectScopes = new Set<string>();
  let main: string | null = null;
  let cafile: string | null = null;
  for (const { key, value: written, place } of entriesOf(user, problems)) {
    const value = expand(written, environment);
    const wrong = (message: string) => void problems.push({ code: "UP807", message, place });
    const scope = scopeKey(key);
    if (value === null) wrong(`\`${key}\` names an environment variable that is not set`);
    else if (scope !== null || key === "registry") {
      const url = registryUrl(value);
      if (url === null) wrong(`\`${key}\` must be an http address`);
      else if (scope !== null) scopes.set(scope, url);
      else main = url;
    } else if (/^\/\/[^/]+\/(.*\/)?:(_authToken|tokenHelper|archives)$/.test(key)) {
      if (key.endsWith(":tokenHelper") && !value.startsWith("/")) {
        wrong(`\`${key}\` must be the absolute path of a program`);
      } else byHost.set(key, value);
    } else if (key === "cafile") cafile = value;
    else wrong(`\`${key}\` is not a key that unipkg knows`);
  }
  for (const { key, value, place } of entriesOf(project, problems)) {
    const wrong = (message: string, hint: string) =>
      void problems.push({ code: "UP807", message, place, hint });
    const scope = scopeKey(key);
    if (scope === null && key !== "registry") {
      wrong(
        `\`${key.replace(/^(\/\/[^:]*).*(:\w+)$/, "$1$2")}\` has no place in a project's file`,
        "a project names registries; all else belongs into the user's file",
      );
      continue;
    }
    const url = value.includes("${") ? null : registryUrl(value);
    if (url === null) {
      wrong(
        `\`${key}\` must be an http address, without variables`,
        "environment variables are replaced in the user's file only",
      );
      continue;
    }
    if (scope !== null) projectScopes.add(scope);
    const known = scope === null ? main : scopes.get(scope);
    if (known == null) {
      if (scope === null) main = url;
      else scopes.set(scope, url);
    } else if (known !== url) {
      wrong(
        `${scope === null ? "names without a scope belong" : `@${scope} belongs`} to ${known} by your own file, and to ${url} by the project's`,
        "ask whoever wrote the project; a scope has one registry",
      );
    }
  }
  if (problems.length > 0) return failed(...problems);
  return ok({
    ...{ scopes, projectScopes, cafile, default: main },
    isEmpty: main === null && scopes.size === 0,
    registryOf: (name) => {
      const scope = scopeOf(name);
      return scope === null ? main : (scopes.get(scope) ?? null);
    },
    credentialFor: (url) => {
      const token = setting(byHost, url, "_authToken");
      if (token !== null) return { kind: "token", token };
      const command = setting(byHost, url, "tokenHelper");
      return command === null ? null : { kind: "helper", command };
    },
    mayHaveArchives: (registry, url) => {
      const allowed = setting(byHost, registry, "archives");
      return (
        allowed !== null && registryUrl(allowed) !== null && url.startsWith(registryUrl(allowed)!)
      );
    },
  });
}

/** No registries, and nobody's credentials. */
export const emptyConfig: RegistryConfig = {
  scopes: new Map(),
  projectScopes: new Set(),
  default: null,
  isEmpty: true,
  cafile: null,
  registryOf: () => null,
  credentialFor: () => null,
  mayHaveArchives: () => false,
};

/** An address as unipkg keeps it: without user, query and fragment, with `/` at its end; null when it is none. */
export function registryUrl(text: string): string | null {
  if (!/^https?:\/\//i.test(text) || !URL.canParse(text)) return null;
  const url = new URL(text);
  if (url.username !== "" || url.password !== "") return null;
  return `${url.origin}${url.pathname.replace(/\/*$/, "/")}`;
}

/** `//host:port/path/`: what npm's keys begin with. */
export function hostKey(url: string): string {
  const { host, pathname } = new URL(url);
  return `//${host}${pathname.replace(/[^/]*$/, "")}`;
}

/** A setting of an address, or of the nearest path above it on its host. */
function setting(byHost: ReadonlyMap<string, string>, url: string, name: string): string | null {
  for (let key = hostKey(url); key.length > 3; key = key.replace(/[^/]*\/$/, "")) {
    const value = byHost.get(`${key}:${name}`);
    if (value !== undefined) return value;
    if (/^\/\/[^/]*\/$/.test(key)) break;
  }
  return null;
}

function scopeKey(key: string): string | null {
  return /^@([a-z0-9][a-z0-9._-]*):registry$/.exec(key)?.[1] ?? null;
}

interface ConfigEntry {
  readonly key: string;
  readonly value: string;
  readonly place: { readonly file: string; readonly line: number; readonly column: number };
}

function entriesOf(file: ConfigFile | null, problems: Problem[]): readonly ConfigEntry[] {
  if (file === null) return [];
  return file.text.split(/\r?\n/).flatMap((line, index) => {
    const text = line.trim();
    if (text === "" || text.startsWith("#") || text.startsWith(";")) return [];
    const place = { file: file.path, line: index + 1, column: 1 };
    const equals = text.indexOf("=");
    if (equals < 1) {
      problems.push({ code: "UP807", message: "a line must be key=value", place });
      return [];
    }
    const value = text
      .slice(equals + 1)
      .trim()
      .replace(/^"(.*)"$/, "$1");
    return [{ key: text.slice(0, equals).trim(), value, place }];
  });
}

function expand(
  value: string,
  environment: Readonly<Record<string, string | undefined>>,
): string | null {
  let missing = false;
  const expanded = value.replace(/\$\{(\w+)\}/g, (_, name: string) => {
    const found = environment[name];
    if (found === undefined) missing = true;
    return found ?? "";
  });
  return missing ? null : expanded;
}
