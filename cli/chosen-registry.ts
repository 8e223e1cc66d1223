import { failed, ok, type Result } from "../model/problem.ts";
import { emptyConfig, type RegistryConfig, registryUrl } from "../registry/client/config.ts";
import type { Registries } from "../registry/client/registries.ts";
import { RegistryApi } from "../registry/client/registry-api.ts";
import { findAppFolder } from "./app-folder.ts";
import type { Arguments, Context, Option } from "./command.ts";
import { openConfig, registriesOf } from "./registries.ts";

export const registryOption: Option = {
  name: "registry",
  value: "URL",
  doc: "the registry (default: the one that the configuration has for the package, or the only one)",
};

/** A registry that a command is about, and how to speak with it. */
export interface ChosenRegistry {
  readonly url: string;
  readonly config: RegistryConfig;
  readonly registries: Registries;
  readonly api: RegistryApi;
}

/**
 * The registry that `--registry` names, that a package belongs to, or the only one there is.
 *
 * @param name of the package that the command is about; null when it is about none
 */
export async function chooseRegistry(
  words: Arguments,
  name: string | null,
  context: Context,
): Promise<Result<ChosenRegistry>> {
  const app = findAppFolder(context.folder);
  const read = await openConfig(context, app.ok ? app.value : null);
  if (!read.ok) return read;
  const config = read.value ?? emptyConfig;
  const word = words.one("registry");
  const url = word === undefined ? configured(config, name) : registryUrl(word);
  if (url === null) {
    if (word !== undefined) {
      return failed({ code: "UP702", message: `\`--registry ${word}\` is not an http address` });
    }
    return failed({
      code: "UP807",
      message:
        name === null
          ? "no registry is configured, or more than one"
          : `no registry is configured for ${name}`,
      hint: "name it by `--registry URL`, or log in to it: `unipkg login --scope @SCOPE --registry URL`",
    });
  }
  const opened = await registriesOf(
    config,
    { ...context, network: "online" },
    app.ok ? app.value : null,
  );
  if (!opened.ok) return opened;
  const registries = opened.value;
  return ok({ url, config, registries, api: new RegistryApi(url, registries.http) });
}

function configured(config: RegistryConfig, name: string | null): string | null {
  if (name !== null) return config.registryOf(name);
  const all = new Set([
    ...config.scopes.values(),
    ...(config.default === null ? [] : [config.default]),
  ]);
  return all.size === 1 ? [...all][0]! : config.default;
}
