import type { EffectUse } from "../../model/effect.ts";
import type { PackageKind } from "../../model/manifest.ts";
import { type Plan, packageOf } from "../../model/plan.ts";
import type { Release } from "../../model/release.ts";

/** A package that is linked into an image, as people are shown it. */
export interface LinkedModule {
  readonly name: string;
  readonly version: string;
  readonly kind: PackageKind;
  readonly description: string;
  readonly licence: string;
  readonly effects: readonly EffectUse[];
  /** Of a target: modules of the host ABI that it offers. */
  readonly host: readonly string[];
}

/** One package uses another, by the slots that it fills, sorted. */
export interface ModuleUse {
  readonly consumer: string;
  readonly provider: string;
  readonly slots: readonly string[];
}

/** What is linked: the packages that have code, and who uses whom. Interfaces are the names of slots. */
export interface LinkedModules {
  /** The application first, the target last, the others by name. */
  readonly modules: readonly LinkedModule[];
  /** Sorted by consumer, then provider. What calls the host uses the target, which itself uses the event loop. */
  readonly uses: readonly ModuleUse[];
}

export function linkedModules(plan: Plan, release: (name: string) => Release): LinkedModules {
  const rank = (name: string) => (name === plan.root ? 0 : name === plan.target ? 2 : 1);
  const modules = plan.packages
    .map(({ name }) => name)
    .concat(plan.root)
    .filter((name, index, all) => all.indexOf(name) === index)
    .map((name) => moduleOf(release(name)))
    .filter(({ kind }) => kind !== "interface")
    .sort((a, b) => rank(a.name) - rank(b.name) || (a.name < b.name ? -1 : 1));
  const slots = new Map<string, Set<string>>();
  const add = (consumer: string, provider: string, slot: string) => {
    const key = `${consumer}\n${provider}`;
    slots.set(key, (slots.get(key) ?? new Set()).add(slot));
  };
  for (const { consumer, slot, provider } of plan.bindings) {
    add(packageOf(consumer), packageOf(provider), slot);
  }
  for (const { name, effects } of modules) {
    for (const { effect } of effects) {
      if (effect.startsWith("host:")) add(name, plan.target, effect.slice("host:".length));
    }
  }
  const uses = [...slots].map(([key, set]) => {
    const [consumer, provider] = key.split("\n") as [string, string];
    return { consumer, provider, slots: [...set].sort() };
  });
  const key = ({ consumer, provider }: ModuleUse) => `${consumer}\n${provider}`;
  return { modules, uses: uses.sort((a, b) => (key(a) < key(b) ? -1 : 1)) };
}

function moduleOf({ manifest, effects }: Release): LinkedModule {
  const { name, version, kind, description, license, target } = manifest;
  return {
    ...{ name, version, kind, description, effects },
    licence: license,
    host: target?.host ?? [],
  };
}
