import { homedir } from "node:os";
import { join, resolve } from "node:path";
import type { Result } from "../model/problem.ts";
import type { Catalog } from "../registry/catalog.ts";
import type { Wanted } from "../registry/client/closure.ts";
import { findAppFolder } from "./app-folder.ts";
import type { Context } from "./command.ts";
import { installationFolder } from "./installation.ts";
import { openRegistries } from "./registries.ts";

/** Where what was extracted from packages in folders is kept: with the application, or with the user. */
export function cacheFolder(context: Context, appFolder: string | null): string {
  if (appFolder !== null) return join(appFolder, workFolderName, "cache");
  const base = context.world.environment["XDG_CACHE_HOME"];
  return join(base === undefined || base === "" ? join(homedir(), ".cache") : base, "unipkg");
}

/** The folder in an application that holds what can be made again. */
export const workFolderName = ".unipkg";

/**
 * The bundled packages and those of the folders, the command line's before the application's; and of the registries
 * that are configured here, what is wanted.
 */
export async function openCatalogs(
  context: Context,
  folders: readonly string[],
  appFolder: string | null,
  wanted: Wanted,
): Promise<Result<Catalog>> {
  const { openCatalog } = await import("../registry/catalog.ts");
  const registries = await openRegistries(context, appFolder);
  if (!registries.ok) return registries;
  if (registries.value !== null) context.report.progress("registries");
  const catalog = await openCatalog({
    bundled: join(installationFolder(), "dist/catalog.json"),
    folders: [...new Set([...context.catalogs, ...folders])],
    cache: cacheFolder(context, appFolder),
    ...(registries.value === null ? {} : { remote: { wanted, registries: registries.value } }),
  });
  context.report.progressEnds();
  if (catalog.ok) {
    const { unmapped, releases } = catalog.value;
    const asked = [...(wanted.manifest?.requires ?? []).map(({ of }) => of), ...wanted.names];
    const homeless = asked.filter((name) => name.startsWith("@") && releases(name).length === 0);
    const names = registries.value === null ? [...new Set(homeless)].sort() : unmapped;
    for (const name of names) context.report.note(noRegistryFor(name));
  }
  return catalog;
}

function noRegistryFor(name: string): string {
  const scope = name.split("/")[0];
  return `no registry is configured for ${name}: \`unipkg login --scope ${scope} --registry URL\`, or a line \`${scope}:registry=URL\` in .unipkgrc`;
}

/**
 * The catalog as seen from here: with the folders of the application, when this is one.
 *
 * @param names packages that registries are asked for
 */
export async function openCatalogHere(
  context: Context,
  names: readonly string[] = [],
): Promise<Result<Catalog>> {
  const app = findAppFolder(context.folder);
  if (!app.ok) return openCatalogs(context, [], null, { manifest: null, names, locked: [] });
  const { readManifestOf } = await import("./application.ts");
  const read = await readManifestOf(app.value);
  if (!read.ok) {
    // What is asked is not about the application; its own commands tell what is wrong with it.
    context.report.warn(`catalogs of ${app.value} are left out: ${read.problems[0]?.message}`);
    return openCatalogs(context, [], null, { manifest: null, names, locked: [] });
  }
  const folders = read.value.manifest.catalogs.map((path) => resolve(app.value, path));
  return openCatalogs(context, folders, app.value, {
    manifest: read.value.manifest,
    names,
    locked: [],
  });
}
