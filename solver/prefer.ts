import { packageOf } from "../model/plan.ts";
import type { Release } from "../model/release.ts";
import type { Choice } from "./choice.ts";
import type { Encoding } from "./encode.ts";
import type { KnownCore } from "./optimise.ts";
import { isPrerelease } from "./range.ts";
import type { Literal } from "./sat.ts";
import { isKept, type Slice } from "./slice.ts";

/**
 * What makes one plan better than another: levels, the weightier first. docs/solver.md defines them.
 * Building the levels adds helper variables to the encoding.
 */
export interface Level {
  readonly name: LevelName;
  /** "fewest": break as few wishes as possible. "order": hold each one that can be held beside those before it. */
  readonly kind: "fewest" | "order";
  readonly wishes: readonly Literal[];
  readonly cores?: readonly KnownCore[];
}

export type LevelName =
  | "asked"
  | "locked"
  | "preferred"
  | "optional"
  | "deprecated"
  | "prereleases"
  | "newest"
  | "packages"
  | "names";

export function levels(encoding: Encoding): readonly Level[] {
  return [
    { name: "asked", kind: "fewest", wishes: asked(encoding) },
    { name: "locked", kind: "fewest", wishes: locked(encoding) },
    { name: "preferred", kind: "fewest", wishes: preferred(encoding) },
    { name: "optional", kind: "fewest", wishes: optional(encoding) },
    { name: "deprecated", kind: "fewest", wishes: deprecated(encoding) },
    { name: "prereleases", kind: "fewest", wishes: prereleases(encoding) },
    { name: "newest", kind: "order", wishes: encoding.newest },
    {
      name: "packages",
      kind: "fewest",
      wishes: fewestPackages(encoding),
      cores: aProviderEach(encoding),
    },
    { name: "names", kind: "order", wishes: firstByName(encoding) },
  ];
}

/** Packages that the user named: with `--prefer`, with `--with`, as a requirement of the app by name. */
export function askedFor(slice: Slice, target: string): readonly string[] {
  const { prefer, root, with: asked } = slice.request;
  const required = slice
    .requirements(root, target)
    .map((one) => one.of)
    .filter((name) => slice.find(name)?.kind === "library");
  return [...new Set([...prefer, ...asked.map((one) => one.name), ...required])];
}

/** The app's preferences for an interface, then those of the target. */
export function preferences(
  slice: Slice,
  interfaceName: string,
  platform: Release,
): readonly string[] {
  const ofApp = slice.request.root.manifest.prefers[interfaceName] ?? [];
  const ofTarget = platform.manifest.target?.prefers[interfaceName] ?? [];
  return [...new Set([...ofApp, ...ofTarget])];
}

/** The providers of a choice that can be used on its target as far as each alone is concerned. */
export function usable(slice: Slice, choice: Choice): readonly string[] {
  return [...choice.providers.keys()].filter((name) =>
    slice.packages
      .get(name)
      ?.releases.some(
        (one) =>
          one.manifest.provides.some((two) => two.interface === choice.interface) &&
          slice.refusals(choice.target, one).length === 0,
      ),
  );
}

function asked(encoding: Encoding): readonly Literal[] {
  return encoding.choices().flatMap((choice) => {
    const steps: Literal[] = [];
    rank(encoding, choice, askedFor(encoding.slice, choice.target), [], steps);
    return steps.map((step) => -step);
  });
}

function preferred(encoding: Encoding): readonly Literal[] {
  const { slice } = encoding;
  return encoding.choices().flatMap((choice) => {
    const steps: Literal[] = [];
    // Another version of the target may prefer otherwise.
    for (const platform of slice.packages.get(choice.target)?.releases ?? []) {
      const list = preferences(slice, choice.interface, platform);
      rank(encoding, choice, list, [-encoding.inImage(choice.target, platform)!], steps);
    }
    return steps.map((step) => -step);
  });
}

/**
 * Makes a choice cost its provider's rank in the list, of which only names count that could be chosen;
 * a provider that is not listed costs as much as there are such names. Step k is true when the cost is above k.
 */
function rank(
  encoding: Encoding,
  choice: Choice,
  list: readonly string[],
  unless: readonly Literal[],
  steps: Literal[],
): void {
  const possible = usable(encoding.slice, choice);
  const counted = list.filter((name) => possible.includes(name));
  for (const [name, chosen] of choice.providers) {
    const index = counted.indexOf(name);
    const cost = index === -1 ? counted.length : index;
    for (let step = 0; step < cost; step++) {
      steps[step] ??= encoding.variable();
      encoding.define(...unless, -chosen, steps[step]!);
    }
  }
}

/** Each locked package at its version, each locked choice with its provider. What is out of reach now is lost anyway. */
function locked(encoding: Encoding): readonly Literal[] {
  const { request, packages } = encoding.slice;
  const wishes = new Set<Literal>();
  for (const plan of request.locked) {
    if (!encoding.targets.includes(plan.target)) continue;
    for (const { name, version } of plan.packages) {
      if (!isKept(request, name) || name === encoding.slice.root) continue;
      const release = packages.get(name)?.releases.find((one) => one.manifest.version === version);
      const used = release === undefined ? null : encoding.inImage(plan.target, release);
      if (used !== null) wishes.add(used);
    }
    for (const choice of encoding.choices()) {
      if (choice.target !== plan.target) continue;
      const provider = lockedProvider(encoding.slice, choice);
      const chosen = provider === null ? undefined : choice.providers.get(provider);
      if (chosen !== undefined) wishes.add(chosen);
    }
  }
  return [...wishes];
}

/** Package that the lock has for this choice, if it binds. */
export function lockedProvider(slice: Slice, choice: Choice): string | null {
  const plan = slice.request.locked.find((one) => one.target === choice.target);
  const binding = plan?.bindings.find(
    (one) =>
      one.interface === choice.interface &&
      one.slot === choice.slot &&
      (choice.consumer === null || packageOf(one.consumer) === choice.consumer),
  );
  // An upgrade of one package is one of its version, not of who fills the slots.
  if (binding === undefined || slice.request.upgrade === "all") return null;
  return packageOf(binding.provider);
}

/** Each optional requirement of a package in the image is met. */
function optional(encoding: Encoding): readonly Literal[] {
  const { slice } = encoding;
  const wishes: Literal[] = [];
  for (const target of encoding.targets) {
    for (const { name, releases } of slice.packages.values()) {
      const missed = new Map<string, Literal>();
      for (const release of releases) {
        if (slice.refusals(target, release).length > 0) continue;
        for (const requirement of slice.requirements(release, target)) {
          if (!requirement.optional) continue;
          const miss = missed.get(requirement.slot) ?? encoding.variable();
          missed.set(requirement.slot, miss);
          const taken = encoding.taken(target, name, requirement.slot);
          encoding.define(-encoding.inImage(target, release)!, taken, miss);
        }
      }
      wishes.push(...[...missed.values()].map((miss) => -miss));
    }
  }
  return wishes;
}

function deprecated(encoding: Encoding): readonly Literal[] {
  return avoided(encoding, ({ manifest }) => manifest.deprecated !== undefined);
}

/** A provider has no range that a prerelease could be in: without this, the newest one would be a prerelease. */
function prereleases(encoding: Encoding): readonly Literal[] {
  return avoided(encoding, ({ manifest }) => isPrerelease(manifest.version));
}

function avoided(encoding: Encoding, isAvoided: (release: Release) => boolean): readonly Literal[] {
  const wishes: Literal[] = [];
  for (const target of encoding.targets) {
    for (const { releases } of encoding.slice.packages.values()) {
      for (const release of releases) {
        if (!isAvoided(release)) continue;
        wishes.push(-encoding.inImage(target, release)!);
      }
    }
  }
  return wishes;
}

function fewestPackages(encoding: Encoding): readonly Literal[] {
  return encoding.targets.flatMap((target) =>
    [...encoding.slice.packages.keys()].map((name) => -encoding.present(target, name)!),
  );
}

/** Who needs a slot filled has one of its providers in the image. */
function aProviderEach(encoding: Encoding): readonly KnownCore[] {
  return encoding.choices().map((choice) => ({
    given: choice.filled,
    wishes: usable(encoding.slice, choice).map((name) => -encoding.present(choice.target, name)!),
  }));
}

/** Decides what nothing else decides, so that the answer is one. */
function firstByName(encoding: Encoding): readonly Literal[] {
  const providers = encoding.choices().flatMap((choice) => [...choice.providers.values()]);
  return [...encoding.allTaken(), ...providers];
}
