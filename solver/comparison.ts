import { type Binding, type Plan, packageOf } from "../model/plan.ts";
import type { Release } from "../model/release.ts";
import { isKept } from "./judge.ts";
import type { LevelName } from "./levels.ts";
import { askedFor, preferences } from "./prefer.ts";
import { isPrerelease } from "./range.ts";
import type { Slice } from "./slice.ts";
import { list } from "./wording.ts";

/** Drawbacks that are told one by one. */
const most = 3;

/**
 * What is worse about other plans than about the best ones, on the first level on which they differ: statements such
 * as "util would be 1.1.0, and unipkg.lock has 1.0.0". Never empty.
 *
 * @param best one plan for each target, as `others`
 */
export function drawbacks(
  slice: Slice,
  level: LevelName,
  best: readonly Plan[],
  others: readonly Plan[],
): readonly string[] {
  const pairs = best.map((plan, index): Pair => ({ slice, plan, other: others[index]! }));
  const told = [...new Set(statements(slice, level, pairs))];
  if (told.length === 0) return [fallback[level]];
  const more = told.length - most;
  return more > 0 ? [...told.slice(0, most), `and ${more} more`] : told;
}

/** The best plan for a target, and another. */
interface Pair {
  readonly slice: Slice;
  readonly plan: Plan;
  readonly other: Plan;
}

/** True where the level is a sum in which several things weigh against each other. */
const fallback: Readonly<Record<LevelName, string>> = {
  asked: "less of what you asked for would be met",
  locked: "more of unipkg.lock would change",
  preferred: "fewer preferences would be met",
  optional: "fewer optional requirements would be met",
  deprecated: "more deprecated packages would be used",
  prereleases: "more prereleases would be used",
  newest: "an older version would be used elsewhere",
  packages: "more packages would be needed",
  names: "providers that come first by name are taken where nothing else decides",
};

function statements(slice: Slice, level: LevelName, pairs: readonly Pair[]): readonly string[] {
  switch (level) {
    case "asked":
      return pairs.flatMap((pair) =>
        changedChoices(pair).flatMap(({ binding, now, then }) => {
          const wanted = askedFor(slice, pair.plan.target);
          if (!isBefore(wanted, now, then)) return [];
          return [`${then} would fill ${binding.slot}, and ${whoAsked(slice, now)}`];
        }),
      );
    case "preferred":
      return pairs.flatMap((pair) => changedChoices(pair).flatMap((one) => preferred(pair, one)));
    case "locked":
      return pairs.flatMap(locked);
    case "optional":
      return pairs.flatMap(unmet);
    case "deprecated":
      return added(slice, pairs, ({ manifest }) =>
        manifest.deprecated === undefined ? null : `is deprecated: ${manifest.deprecated}`,
      );
    case "prereleases":
      return added(slice, pairs, ({ manifest }) =>
        isPrerelease(manifest.version) ? "is a prerelease" : null,
      );
    case "newest":
      return older(slice, pairs);
    case "packages": {
      const names = pairs.flatMap(({ plan, other }) => {
        const present = new Set(plan.packages.map((one) => one.name));
        return other.packages.filter((one) => !present.has(one.name)).map((one) => one.name);
      });
      if (names.length === 0) return [];
      const [now, then] = [
        count(pairs.map((one) => one.plan)),
        count(pairs.map((one) => one.other)),
      ];
      return [`${list([...new Set(names)])} would be needed: ${then} packages instead of ${now}`];
    }
    case "names":
      return pairs.flatMap((pair) =>
        changedChoices(pair)
          .filter(({ now, then }) => now < then)
          .map(
            ({ binding, now, then }) =>
              `${then} fits ${binding.slot} as well as ${now}, which comes first by name`,
          ),
      );
  }
}

interface ChangedChoice {
  readonly binding: Binding;
  readonly now: string;
  readonly then: string;
}

/** Slots that both plans fill, differently. */
function changedChoices({ plan, other }: Pair): readonly ChangedChoice[] {
  const key = ({ consumer, slot }: Binding) => `${packageOf(consumer)} ${slot}`;
  const others = new Map(other.bindings.map((one) => [key(one), packageOf(one.provider)]));
  return plan.bindings.flatMap((binding) => {
    const then = others.get(key(binding));
    const now = packageOf(binding.provider);
    if (binding.interface === null || then === undefined || then === now) return [];
    return [{ binding, now, then }];
  });
}

/** Whether the first name stands before the second in a list; unlisted names are behind all. */
function isBefore(names: readonly string[], first: string, second: string): boolean {
  const rank = (name: string) => (names.includes(name) ? names.indexOf(name) : names.length);
  return rank(first) < rank(second);
}

/** How the user asked for a provider. */
export function whoAsked({ request, root }: Slice, name: string): string {
  if (request.prefer.includes(name)) return `--prefer names ${name}`;
  if (request.with.some((one) => one.name === name)) return `--with asks for ${name}`;
  return `${root} requires ${name} by name`;
}

function preferred(
  { slice, plan }: Pair,
  { binding, now, then }: ChangedChoice,
): readonly string[] {
  const of = binding.interface!;
  const version = plan.packages.find((one) => one.name === plan.target)?.version;
  const platform = slice
    .find(plan.target)
    ?.releases.find((one) => one.manifest.version === version);
  if (platform === undefined || !isBefore(preferences(slice, of, platform), now, then)) return [];
  return [`${then} would fill ${binding.slot}, and ${whoPrefers(slice, plan.target, of, now)}`];
}

/** Whose preference a provider is. */
export function whoPrefers(slice: Slice, target: string, of: string, name: string): string {
  const isApps = slice.request.root.manifest.prefers[of]?.includes(name) === true;
  return `${isApps ? slice.root : target} prefers ${name}`;
}

function locked({ slice, plan, other }: Pair): readonly string[] {
  const lock = slice.request.locked.find((one) => one.target === plan.target);
  const versionIn = (one: Plan, name: string) =>
    one.packages.find((each) => each.name === name)?.version ?? null;
  const choices = changedChoices({ slice, plan, other }).flatMap(({ binding, now, then }) =>
    lock?.bindings.some((one) => one.slot === binding.slot && packageOf(one.provider) === now)
      ? [`${then} would fill ${binding.slot}, and unipkg.lock has ${now}`]
      : [],
  );
  const packages = (lock?.packages ?? []).flatMap(({ name, version }) => {
    if (!isKept(slice.request, name) || versionIn(plan, name) !== version) return [];
    const then = versionIn(other, name);
    // What another provider makes needless goes without saying.
    if (then === version || (then === null && choices.length > 0)) return [];
    const change = then === null ? "would not be needed" : `would be ${then}`;
    return [`${name} ${change}, and unipkg.lock has ${version}`];
  });
  return [...choices, ...packages];
}

/** Optional requirements that the other plan does not meet. */
function unmet({ slice, plan, other }: Pair): readonly string[] {
  return plan.bindings.flatMap(({ consumer, slot }) => {
    const requirement = slice
      .find(packageOf(consumer))
      ?.releases.flatMap((one) => one.manifest.requires)
      .find((one) => one.slot === slot);
    if (requirement?.optional !== true) return [];
    if (!other.packages.some((one) => one.name === packageOf(consumer))) return [];
    const isMet = other.bindings.some((one) => one.consumer === consumer && one.slot === slot);
    return isMet
      ? []
      : [`the optional requirement ${slot} of ${packageOf(consumer)} would not be met`];
  });
}

/** Releases that only the other plan has, and of which something can be said. */
function added(
  slice: Slice,
  pairs: readonly Pair[],
  say: (release: Release) => string | null,
): readonly string[] {
  return pairs.flatMap(({ plan, other }) => {
    const present = new Set(plan.packages.map((one) => `${one.name} ${one.version}`));
    return other.packages.flatMap(({ name, version }) => {
      if (present.has(`${name} ${version}`)) return [];
      const release = slice.find(name)?.releases.find((one) => one.manifest.version === version);
      const said = release === undefined ? null : say(release);
      return said === null ? [] : [`${name} ${version}, which would be used, ${said}`];
    });
  });
}

/** The first package in the order of the walk that the other plans have older: it decides, whatever comes after it. */
function older(slice: Slice, pairs: readonly Pair[]): readonly string[] {
  for (const { name, releases } of slice.packages.values()) {
    const lag = (plans: readonly Plan[]) => {
      const version = plans
        .flatMap((one) => one.packages)
        .find((one) => one.name === name)?.version;
      return {
        version,
        behind: Math.max(
          0,
          releases.findIndex((one) => one.manifest.version === version),
        ),
      };
    };
    const now = lag(pairs.map((one) => one.plan));
    const then = lag(pairs.map((one) => one.other));
    if (now.behind === then.behind) continue;
    const instead =
      now.version === undefined
        ? `, which is not its newest version`
        : ` instead of ${now.version}`;
    return [`${name} would be ${then.version}${instead}`];
  }
  return [];
}

function count(plans: readonly Plan[]): number {
  return plans.reduce((sum, plan) => sum + plan.packages.length, 0);
}
