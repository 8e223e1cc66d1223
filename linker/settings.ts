import type { Manifest, SettingDeclaration, SettingValue } from "../model/manifest.ts";
import type { Plan } from "../model/plan.ts";
import { failed, ok, type Problem, type Result } from "../model/problem.ts";
import { settingsModule } from "../registry/settings-module.ts";
import { addPath, type Blob, type BlobFile } from "./blob.ts";
import { type Instance, instancesOf } from "./instance.ts";
import { numberParameters, type Parameter, type ParameterOf, parameterName } from "./parameters.ts";

/** Owner (package, slot or `consumer.slot`) -> setting -> value. */
export type Settings = Readonly<Record<string, Readonly<Record<string, SettingValue>>>>;

export interface SettingsRequest {
  readonly plan: Plan;
  readonly manifest: (packageName: string) => Manifest;
  /** The application's folder, which paths of settings are relative to. */
  readonly folder: string;
  /** The application's own settings, and those of the command line that go before them. */
  readonly layers: readonly Settings[];
  /** Whether an owner that is not in this plan is a package all the same: its settings wait for another target. */
  readonly exists: (packageName: string) => boolean;
  /** Whether the host is asked for settings that are declared `runTime`; otherwise they are as they are given here. */
  readonly atStart: boolean;
}

export interface ResolvedSettings {
  /** Instance -> source of its settings module. */
  readonly modules: ReadonlyMap<string, string>;
  /** Instance -> setting -> value. */
  readonly values: ReadonlyMap<string, Readonly<Record<string, SettingValue>>>;
  /** What can be given when the image starts, sorted by name. */
  readonly parameters: readonly Parameter[];
}

/**
 * Gives every declared setting of every instance its value, puts the files of settings into `blob`, and
 * answers with each instance's settings module. A setting is looked up by package, then by the slot that the
 * instance was made for, which goes before; later layers go before earlier ones.
 */
export async function resolveSettings(
  request: SettingsRequest,
  blob: Blob,
): Promise<Result<ResolvedSettings>> {
  const problems: Problem[] = unknownOwners(request);
  const given = instancesOf(request.plan).flatMap((instance) => {
    const { config } = request.manifest(instance.package);
    const values = valuesOf(instance, config, request, problems);
    return Object.keys(config).length === 0 ? [] : [{ instance, config, values }];
  });
  // Those for the build alone lie behind all others.
  const files = new Map<Instance, Record<string, readonly BlobFile[]>>();
  for (const buildTime of [false, true]) {
    for (const { instance, config, values } of given) {
      const own = files.get(instance) ?? {};
      files.set(instance, own);
      for (const [name, { type, ...declaration }] of Object.entries(config)) {
        if ((type !== "file" && type !== "folder") || !Object.hasOwn(values, name)) continue;
        if ((declaration.buildTime ?? false) !== buildTime) continue;
        const label = `${ownersOf(instance, request.plan).at(-1)}.${name}`;
        const path = String(values[name]);
        const added = await addPath(blob, type, request.folder, path, label, buildTime);
        if (added.ok) own[name] = added.value;
        else problems.push(...added.problems);
      }
    }
  }
  if (problems.length > 0) return failed(...problems);
  const parameters = numberParameters(
    request.atStart ? given.flatMap((each) => parametersOf(each, request.plan)) : [],
  );
  if (!parameters.ok) return parameters;
  const modules = new Map<string, string>();
  for (const { instance, config, values } of given) {
    const numbers = Object.fromEntries(
      parameters.value.flatMap(({ owner, setting }, number) =>
        owner === instance ? [[setting, number]] : [],
      ),
    );
    const module = settingsModule(config, values, files.get(instance) ?? {}, numbers);
    if (module.ok) modules.set(instance.name, module.value);
    else problems.push(...module.problems);
  }
  return problems.length > 0
    ? failed(...problems)
    : ok({
        modules,
        values: new Map(given.map(({ instance, values }) => [instance.name, values])),
        parameters: parameters.value.map(({ name, type, doc, value }) => ({
          name,
          type,
          doc,
          value,
        })),
      });
}

/** The settings of an instance that the host is asked for. */
function parametersOf(
  { instance, config, values }: GivenSettings,
  plan: Plan,
): ParameterOf<Instance>[] {
  return Object.entries(config).flatMap(([setting, { type, doc, runTime }]) => {
    const value = values[setting];
    if (runTime !== true || type === "file" || type === "folder" || value === undefined) return [];
    const owner = instance.name === plan.root ? null : ownersOf(instance, plan).at(-1)!;
    return [{ name: parameterName(owner, setting), type, doc, value, owner: instance, setting }];
  });
}

/** An instance, what it declares, and the values for that. */
interface GivenSettings {
  readonly instance: Instance;
  readonly config: Readonly<Record<string, SettingDeclaration>>;
  readonly values: Readonly<Record<string, SettingValue>>;
}

/** Every setting's value: as given, or else its default. What is missing or unknown is added to `problems`. */
function valuesOf(
  instance: Instance,
  config: Readonly<Record<string, SettingDeclaration>>,
  request: SettingsRequest,
  problems: Problem[],
): Record<string, SettingValue> {
  const given = settingsFor(instance, request);
  for (const name of Object.keys(given)) {
    if (!(name in config)) problems.push(unknownSetting(instance, name, config));
  }
  const values: Record<string, SettingValue> = {};
  for (const [name, declaration] of Object.entries(config)) {
    const value = given[name] ?? declaration.default;
    if (value === undefined) problems.push(missingSetting(instance, name, declaration));
    else values[name] = typeof value === "string" ? fromText(value, declaration) : value;
  }
  return values;
}

/** Names under which an instance's settings are given, the strongest last. */
function ownersOf(instance: Instance, plan: Plan): string[] {
  if (instance.madeFor === null) return [instance.package];
  const { consumer, slot } = instance.madeFor;
  return [instance.package, `${consumer}.${slot}`, ...(consumer === plan.root ? [slot] : [])];
}

function settingsFor(instance: Instance, request: SettingsRequest): Record<string, SettingValue> {
  const values: Record<string, SettingValue> = {};
  for (const layer of request.layers) {
    for (const owner of ownersOf(instance, request.plan)) Object.assign(values, layer[owner]);
  }
  return values;
}

/** The command line gives text for every type. */
function fromText(text: string, { type }: SettingDeclaration): SettingValue {
  if (type === "bool" && (text === "true" || text === "false")) return text === "true";
  if (/^[iu](8|16|32|64)$/.test(type) && /^-?\d+$/.test(text)) {
    const number = Number(text);
    return Number.isSafeInteger(number) ? number : text;
  }
  return text;
}

function unknownOwners({ plan, layers, exists }: SettingsRequest): Problem[] {
  const known = new Set(instancesOf(plan).flatMap((instance) => ownersOf(instance, plan)));
  const owners = new Set(layers.flatMap((layer) => Object.keys(layer)));
  return [...owners]
    .filter((owner) => !known.has(owner) && !exists(owner))
    .sort()
    .map((owner) => ({
      code: "UP104",
      message: `settings for \`${owner}\`, which is neither a package nor a slot of this app`,
      hint: `settings can be given for: ${[...known].sort().join(", ")}`,
    }));
}

function unknownSetting(
  instance: Instance,
  name: string,
  config: Readonly<Record<string, SettingDeclaration>>,
): Problem {
  const names = Object.keys(config).sort();
  return {
    code: "UP104",
    message: `\`${instance.package}\` has no setting \`${name}\``,
    hint: names.length === 0 ? "it has no settings" : `its settings are: ${names.join(", ")}`,
  };
}

function missingSetting(instance: Instance, name: string, declared: SettingDeclaration): Problem {
  const owner = instance.madeFor?.slot ?? instance.package;
  return {
    code: "UP104",
    message: `\`${instance.package}\` needs the setting \`${owner}.${name}\` (${declared.type}): ${declared.doc}`,
    hint: `add "settings": { "${owner}": { "${name}": … } } to the \`unipkg\` block, or pass --set ${owner}.${name}=…`,
  };
}
