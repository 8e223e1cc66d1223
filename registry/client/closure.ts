import type { Manifest } from "../../model/manifest.ts";
import { ok, type Problem, type Result } from "../../model/problem.ts";
import type { Universe } from "../../model/release.ts";
import { scopeOf } from "../protocol/package-name.ts";
import type { RegistryConfig } from "./config.ts";
import type { Registries } from "./registries.ts";
import type { RemoteVersion } from "./remote-version.ts";

/** What has to be known of registries to solve for something. */
export interface Wanted {
  /** Requirements of the application. */
  readonly manifest: Manifest | null;
  /** Further names: those on the command line. */
  readonly names: readonly string[];
  /** Packages of the lockfile. */
  readonly locked: readonly { readonly name: string; readonly version: string }[];
}

/** What was found. */
export interface Reached {
  readonly versions: readonly RemoteVersion[];
  /** Names whose scope has no registry. */
  readonly unmapped: readonly string[];
}

/**
 * Every package that a solve can come to, from what is wanted along all requirements and all providers of required
 * interfaces, as far as it is in registries. A name that is at hand locally is never asked for elsewhere.
 *
 * A provider is taken from a registry only if its own name belongs there by the configuration: a registry cannot put
 * packages of other people's scopes into a solve.
 */
export async function reach(
  wanted: Wanted,
  local: Universe,
  config: RegistryConfig,
  registries: Registries,
): Promise<Result<Reached>> {
  const reached = new Map<string, readonly RemoteVersion[]>();
  const unmapped = new Set<string>();
  const seen = new Set<string>();
  const interfaces = new Set<string>();
  const used = new Set<string>();
  const asked = new Set<string>();
  for (const scope of config.projectScopes) used.add(config.scopes.get(scope)!);
  const isTarget = (name: string) => local.releases(name)[0]?.manifest.kind === "target";
  let wave = [
    ...local.names().filter(isTarget),
    ...wanted.names,
    ...wanted.locked.map(({ name }) => name),
    ...(wanted.manifest?.requires.map(({ of }) => of) ?? []),
    ...Object.values(wanted.manifest?.prefers ?? {}).flat(),
  ];
  for (;;) {
    const names = [...new Set(wave)].filter((name) => !seen.has(name));
    if (names.length === 0) break;
    for (const name of names) seen.add(name);
    const found = await Promise.all(
      names.map((name) => {
        const locked = wanted.locked.filter((each) => each.name === name);
        const needed = locked.map(({ version }) => version);
        const required = wanted.manifest?.requires.filter(({ of }) => of === name) ?? [];
        const asked = required.map(({ range }) => range.replace(/^=/, ""));
        return releasesOf(name, { needed, asked }, local, config, registries);
      }),
    );
    wave = [];
    const problems: Problem[] = [];
    for (const [at, result] of found.entries()) {
      const name = names[at]!;
      if (result === null) {
        if (scopeOf(name) !== null) unmapped.add(name);
        continue;
      }
      if (!result.ok) {
        problems.push(...result.problems);
        continue;
      }
      const { manifests, versions } = result.value;
      if (versions.length > 0) reached.set(name, versions);
      if (config.registryOf(name) !== null && local.releases(name).length === 0) {
        used.add(config.registryOf(name)!);
      }
      for (const manifest of manifests) {
        wave.push(...manifest.requires.map(({ of }) => of));
        // The interfaces of its providers are in a plan, too.
        wave.push(...manifest.provides.map((each) => each.interface));
        if (manifest.kind === "interface") interfaces.add(manifest.name);
      }
    }
    if (problems.length > 0) return { ok: false, problems };
    for (const of of interfaces) {
      wave.push(...local.providers(of).map((release) => release.manifest.name));
    }
    const questions = [...used].flatMap((url) =>
      [...interfaces].map((of) => ({ url, of })).filter(({ of }) => !asked.has(`${url} ${of}`)),
    );
    for (const { url, of } of questions) asked.add(`${url} ${of}`);
    const answers = await Promise.all(
      questions.map(async ({ url, of }) => {
        const names = await registries.at(url).providers(of);
        return names.ok
          ? ok(
              names.value.filter(
                (name) => scopeOf(name) !== null && config.registryOf(name) === url,
              ),
            )
          : names;
      }),
    );
    for (const answer of answers) {
      if (!answer.ok) return answer;
      wave.push(...answer.value);
    }
  }
  return ok({ versions: [...reached.values()].flat(), unmapped: [...unmapped].sort() });
}

/** Manifests of all versions of a name, and the versions that are in a registry; null when it has none to be in. */
async function releasesOf(
  name: string,
  { needed, asked }: { readonly needed: readonly string[]; readonly asked: readonly string[] },
  local: Universe,
  config: RegistryConfig,
  registries: Registries,
): Promise<Result<{
  readonly manifests: readonly Manifest[];
  readonly versions: readonly RemoteVersion[];
}> | null> {
  const here = local.releases(name);
  if (here.length > 0) return ok({ manifests: here.map((each) => each.manifest), versions: [] });
  const url = config.registryOf(name);
  if (url === null) return null;
  const versions = await registries.at(url).versions(name, needed);
  if (!versions.ok) return versions;
  const usable = registries.oldEnough(versions.value, needed, asked);
  return ok({ manifests: usable.map((each) => each.manifest), versions: usable });
}
