import {
  type Binding,
  type Plan,
  type PlannedPackage,
  packageOf,
  type Reason,
  slotInstance,
} from "../model/plan.ts";
import type { Release } from "../model/release.ts";
import type { Choice } from "./choice.ts";
import type { Encoding } from "./encode.ts";
import type { LevelName } from "./levels.ts";
import { askedFor, lockedProvider } from "./prefer.ts";
import type { Literal } from "./sat.ts";
import type { Slice } from "./slice.ts";

/** At which level a choice had one answer left; "rules" when the rules alone left one. */
export type Decisions = ReadonlyMap<Choice, LevelName | "rules"> | "unknown";

/** Reads the plan for a target from the model that `holds` speaks of. */
export function planOf(
  encoding: Encoding,
  target: string,
  holds: (literal: Literal) => boolean,
  decisions: Decisions,
): Plan {
  const { slice } = encoding;
  const chosen = new Map<string, Release>();
  for (const { target: of, found, used } of encoding.met) {
    const index = of === target ? used.findIndex(holds) : -1;
    if (index >= 0) chosen.set(found.name, found.releases[index]!);
  }
  const packages: PlannedPackage[] = [...chosen.values()].map(({ manifest, integrity }) => ({
    name: manifest.name,
    version: manifest.version,
    integrity,
  }));
  packages.sort((a, b) => (a.name < b.name ? -1 : 1));

  const bindings: Binding[] = [];
  const asked = slice.request.with.map((one) => one.name);
  const instances = [slice.root, target, ...asked.filter((name) => chosen.has(name))];
  const seen = new Set(instances);
  for (let instance = instances.pop(); instance !== undefined; instance = instances.pop()) {
    const consumer = packageOf(instance);
    const release = chosen.get(consumer)!;
    for (const requirement of slice.requirements(release, target)) {
      const { slot, of, optional } = requirement;
      const taken = optional ? encoding.taken(target, consumer, slot) : null;
      if (optional && (taken === null || !holds(taken))) continue;
      const binding = slice.wantsProvider(release, requirement)
        ? providerBinding(encoding, target, instance, slot, of, holds, decisions)
        : ({
            consumer: instance,
            slot,
            interface: null,
            provider: of,
            reason: "required by name",
          } as const);
      // An interface that another requires for its types has no one to bind.
      if (binding === null || release.manifest.kind === "interface") continue;
      bindings.push(binding);
      if (!seen.has(binding.provider)) instances.push(binding.provider);
      seen.add(binding.provider);
    }
  }
  bindings.sort((a, b) => order(a.consumer, b.consumer) || order(a.slot, b.slot));
  return { target, root: slice.root, packages, bindings };
}

function providerBinding(
  encoding: Encoding,
  target: string,
  instance: string,
  slot: string,
  interfaceName: string,
  holds: (literal: Literal) => boolean,
  decisions: Decisions,
): Binding | null {
  const choice = encoding.choiceOf(target, packageOf(instance), slot, interfaceName);
  if (choice === null) return null;
  const provider = [...choice.providers].find(([, literal]) => holds(literal))?.[0];
  if (provider === undefined) return null;
  return {
    consumer: instance,
    slot,
    interface: interfaceName,
    provider: choice.consumer === null ? provider : slotInstance(provider, instance, slot),
    reason: reasonOf(
      encoding.slice,
      choice,
      provider,
      decisions === "unknown" ? "unknown" : (decisions.get(choice) ?? "names"),
    ),
  };
}

/** The level at which the provider was decided, put as a statement that is true of this provider. */
function reasonOf(
  slice: Slice,
  choice: Choice,
  provider: string,
  decision: LevelName | "rules" | "unknown",
): Reason {
  const { request } = slice;
  switch (decision) {
    case "unknown":
      return "best so far";
    case "rules":
      return "only provider";
    case "asked":
      if (request.prefer.includes(provider)) return "asked for";
      if (request.with.some((one) => one.name === provider)) return "asked for";
      if (askedFor(slice, choice.target).includes(provider)) return "required by name";
      return "fits the other choices";
    case "locked":
      return lockedProvider(slice, choice) === provider ? "locked" : "fits the other choices";
    case "preferred": {
      const ofApp = request.root.manifest.prefers[choice.interface] ?? [];
      if (ofApp.includes(provider)) return "preferred by app";
      const platforms = slice.packages.get(choice.target)?.releases ?? [];
      const ofTarget = platforms.some((one) =>
        one.manifest.target?.prefers[choice.interface]?.includes(provider),
      );
      return ofTarget ? "preferred by target" : "fits the other choices";
    }
    case "optional":
      return "fits the other choices";
    case "deprecated":
      return "not deprecated";
    case "prereleases":
      return "not a prerelease";
    case "newest":
      return "newest";
    case "packages":
      return "fewest packages";
    case "names":
      return "first by name";
  }
}

function order(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
