import { existsSync, readFileSync } from "node:fs";
import { homedir } from "node:os";
import { join } from "node:path";
import { failed, ok, type Result } from "../model/problem.ts";
import type { ConfigFile, RegistryConfig } from "../registry/client/config.ts";
import type { Registries } from "../registry/client/registries.ts";
import type { Context } from "./command.ts";
import { trustPolicy } from "./policies.ts";

/** A project's settings of registries, beside its package.json. */
export const projectConfigName = ".unipkgrc";

/** The user's settings, with tokens: `UNIPKG_CONFIG`, or `unipkg/config` in the folder for such files. */
export function userConfigPath({ world: { environment } }: Pick<Context, "world">): string {
  const named = environment["UNIPKG_CONFIG"];
  if (named !== undefined && named !== "") return named;
  const base = environment["XDG_CONFIG_HOME"];
  return join(
    base === undefined || base === "" ? join(homedir(), ".config") : base,
    "unipkg/config",
  );
}

/** Where downloads are kept, for all applications of the user. */
export function downloadFolder({ world: { environment } }: Pick<Context, "world">): string {
  const base = environment["XDG_CACHE_HOME"];
  return join(
    base === undefined || base === "" ? join(homedir(), ".cache") : base,
    "unipkg/registries",
  );
}

/** What is known of registries and must not be forgotten: not a cache. */
export function trustFolder({ world: { environment } }: Pick<Context, "world">): string {
  const base = environment["XDG_STATE_HOME"];
  return join(
    base === undefined || base === "" ? join(homedir(), ".local/state") : base,
    "unipkg/registries",
  );
}

/** The settings that hold in a folder; null when nobody has written any. */
export async function openConfig(
  context: Context,
  appFolder: string | null,
): Promise<Result<RegistryConfig | null>> {
  const user = userConfigPath(context);
  const project = appFolder === null ? null : join(appFolder, projectConfigName);
  const hasProject = project !== null && existsSync(project);
  if (!existsSync(user) && !hasProject) return ok(null);
  const { readConfig } = await import("../registry/client/config.ts");
  try {
    return readConfig(
      configFile(user),
      hasProject ? configFile(project) : null,
      context.world.environment,
    );
  } catch (error) {
    return failed({
      code: "UP705",
      message: `the settings of registries cannot be read: ${(error as Error).message}`,
    });
  }
}

/** The registries that are configured for a folder; null when there are none. */
export async function openRegistries(
  context: Context,
  appFolder: string | null,
): Promise<Result<Registries | null>> {
  const config = await openConfig(context, appFolder);
  if (!config.ok) return config;
  if (config.value === null || config.value.isEmpty) return ok(null);
  return registriesOf(config.value, context, appFolder);
}

/**
 * Registries by their settings; their connections end with the command.
 *
 * @param appFolder where policies are looked for; null for the current folder
 */
export async function registriesOf(
  config: RegistryConfig,
  context: Context,
  appFolder: string | null,
): Promise<Result<Registries>> {
  const policy = await trustPolicy(context, appFolder ?? context.folder);
  if (!policy.ok) return policy;
  const { TrustStore } = await import("../registry/client/trust-store.ts");
  const { Registries } = await import("../registry/client/registries.ts");
  const { DownloadCache } = await import("../registry/client/download-cache.ts");
  const cache = new DownloadCache(downloadFolder(context));
  const made = new Registries(config, cache, context.network, context.world.environment, {
    policy: policy.value,
    store: new TrustStore(trustFolder(context)),
    now: Date.now(),
    notice: (text) => context.report.note(text),
  });
  context.atEnd(() => made.close());
  return ok(made);
}

function configFile(path: string): ConfigFile | null {
  return existsSync(path) ? { path, text: readFileSync(path, "utf8") } : null;
}
