import inc from "semver/functions/inc.js";
import { failed, ok, type Result } from "../../model/problem.ts";
import { pack } from "../archive/pack.ts";
import { scopeOf } from "../protocol/package-name.ts";
import {
  type ListVersion,
  type ProviderList,
  providerListName,
  readProviderList,
} from "./provider-list.ts";
import { archiveDocument } from "./publish-document.ts";
import { escapedName, type RegistryApi } from "./registry-api.ts";

/**
 * Has a package in the list of its scope. Somebody who does the same at the same time is waited for.
 *
 * @returns whether the list had to be changed
 */
export async function addToProviderList(
  name: string,
  provides: readonly string[],
  api: RegistryApi,
): Promise<Result<boolean>> {
  const scope = scopeOf(name);
  if (scope === null || provides.length === 0) return ok(false);
  for (let attempt = 0; ; attempt++) {
    const known = await fetchList(scope, api);
    if (!known.ok) return known;
    const list = new Map(known.value?.list ?? []);
    for (const of of provides) list.set(of, [...new Set([...(list.get(of) ?? []), name])].sort());
    const isSame = provides.every((of) => known.value?.list.get(of)?.includes(name) === true);
    if (isSame) return ok(false);
    const version = known.value === null ? "1.0.0" : inc(known.value.version, "patch")!;
    const done = await api.call(
      "PUT",
      escapedName(providerListName(scope)),
      `${providerListName(scope)}@${version}`,
      listDocument(scope, version, list, api.url),
    );
    if (done.ok) return ok(true);
    // The version is there already: somebody else was faster.
    if (done.problems[0]?.code !== "UP809" || attempt === 3) return done;
  }
}

async function fetchList(scope: string, api: RegistryApi): Promise<Result<ListVersion | null>> {
  const name = providerListName(scope);
  const document = await api.find(escapedName(name), name);
  if (!document.ok) return document;
  if (document.value === null) return ok(null);
  try {
    return ok(readProviderList(document.value, scope));
  } catch (error) {
    return failed({
      code: "UP806",
      message: `${name} of ${api.url} is no list of providers: ${(error as Error).message}`,
    });
  }
}

function listDocument(
  scope: string,
  version: string,
  list: ProviderList,
  registry: string,
): Readonly<Record<string, unknown>> {
  const entries = [...list].sort(([a], [b]) => (a < b ? -1 : 1));
  const packageJson = {
    name: providerListName(scope),
    version,
    description: `Which packages of @${scope} provide which interfaces, for unipkg`,
    unipkgProviders: { format: 1, providers: Object.fromEntries(entries) },
  };
  const bytes = Buffer.from(`${JSON.stringify(packageJson, null, 2)}\n`);
  const archive = pack([{ path: "package.json", bytes }]);
  return archiveDocument({ packageJson, archive, readme: "" }, registry, "latest");
}
