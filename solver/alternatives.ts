import { type Plan, packageOf, type Reason } from "../model/plan.ts";
import type { Release } from "../model/release.ts";
import type { Choice } from "./choice.ts";
import { whoAsked, whoPrefers } from "./comparison.ts";
import type { Inquiry } from "./inquiry.ts";
import type { LevelName } from "./levels.ts";
import { obstaclesOf } from "./obstacle.ts";
import { askedFor, lockedProvider } from "./prefer.ts";
import { inRange, isPrerelease } from "./range.ts";
import type { Slice } from "./slice.ts";

/** What fills a slot of a plan, for whom, and what decided against everything else. */
export interface Explanation {
  /** `tcp`, `htdocs: kv-ro`; the name of a library that is required by its own. */
  readonly slot: string;
  readonly provider: string;
  readonly version: string;
  /** Packages that require it, sorted. */
  readonly consumers: readonly string[];
  readonly reason: Reason;
  /** Other providers, and newer versions of this one. */
  readonly alternatives: readonly Alternative[];
}

export interface Alternative {
  readonly name: string;
  readonly version: string;
  /** `supports only xen, not unix`; `web prefers tcpip`: what decided against it. */
  readonly against: string;
  /** What kind of thing that is: an obstacle of its own, a range, or a level of docs/solver.md. */
  readonly by: string;
}

/** Each slot of the plan for a target, in the order of the plan; slots that the whole image shares once. */
export function explain(inquiry: Inquiry, target: string): readonly Explanation[] {
  const plan = inquiry.plans.find((one) => one.target === target);
  if (plan === undefined) return [];
  const grouped = new Map<string, Explanation>();
  for (const { consumer, slot, interface: of, provider, reason } of plan.bindings) {
    const isShared = of === null || of === slot;
    const key = isShared ? `${slot} ${provider}` : `${packageOf(consumer)} ${slot}`;
    const known = grouped.get(key);
    const name = packageOf(provider);
    const consumers = [...new Set([...(known?.consumers ?? []), packageOf(consumer)])].sort();
    grouped.set(key, {
      slot: isShared ? slot : `${slot}: ${of}`,
      provider: name,
      version: versionOf(plan, name) ?? "",
      consumers,
      reason: known?.reason ?? reason,
      alternatives: known?.alternatives ?? [
        ...(of === null ? [] : others(inquiry, plan, packageOf(consumer), slot, of, name)),
        ...newer(inquiry, plan, name),
      ],
    });
  }
  return [...grouped.values()];
}

/** The other packages that provide what a slot asks for. */
function others(
  inquiry: Inquiry,
  plan: Plan,
  consumer: string,
  slot: string,
  of: string,
  provider: string,
): readonly Alternative[] {
  const { slice } = inquiry;
  const choice = inquiry.optimum.encoding.choiceOf(plan.target, consumer, slot, of);
  return slice.providers(of).flatMap(({ name, releases }) => {
    if (name === provider || (name === consumer && slot !== of)) return [];
    const providing = releases.filter((one) =>
      one.manifest.provides.some((two) => two.interface === of),
    );
    const newest = speaker(slice, plan.target, providing);
    if (newest === undefined) return [];
    const literal = choice?.providers.get(name);
    const level = literal === undefined ? "rules" : decidedAgainst(inquiry, [literal]);
    const against =
      level === "rules"
        ? ruledOut(inquiry, plan, newest, { of, isShared: slot === of })
        : {
            by: level,
            against: inFull(
              inquiry,
              level,
              literal!,
              statement(slice, choice!, level, provider, newest),
            ),
          };
    return [{ name, version: newest.manifest.version, ...against }];
  });
}

/** The newest version of what was chosen, when an older one was. */
function newer(inquiry: Inquiry, plan: Plan, name: string): readonly Alternative[] {
  const { slice } = inquiry;
  const releases = slice.packages.get(name)?.releases ?? [];
  const chosen = versionOf(plan, name);
  const [newest] = releases;
  if (newest === undefined || newest.manifest.version === chosen) return [];
  const { encoding } = inquiry.optimum;
  encoding.meet(plan.target, name);
  const literal = encoding.inImage(plan.target, newest);
  const level = literal === null ? "rules" : decidedAgainst(inquiry, [literal]);
  const against =
    level === "rules"
      ? ruledOut(inquiry, plan, newest, null)
      : {
          by: level,
          against: inFull(
            inquiry,
            level,
            literal!,
            versionStatement(level, `${name} ${chosen}`, newest),
          ),
        };
  return [{ name, version: newest.manifest.version, ...against }];
}

/** Levels of which a statement in general does not say what would be worse. */
const general: ReadonlySet<LevelName> = new Set(["locked", "optional", "newest", "packages"]);

/** What would be worse with the literal, package by package; the short statement where that is not known. */
function inFull(inquiry: Inquiry, level: LevelName, literal: number, short: string): string {
  if (!general.has(level)) return short;
  return inquiry.drawbacksOf(literal)?.join(", ") ?? short;
}

/** The level on which something became impossible. */
function decidedAgainst(inquiry: Inquiry, wanted: readonly number[]): LevelName | "rules" {
  const earlier = inquiry.optimum.earlier();
  const { depth: depths } = inquiry.optimum;
  for (let depth = 0; depth <= depths; depth++) {
    if (!earlier.possible(depth, wanted)) return inquiry.optimum.levelAt(depth);
  }
  return "names";
}

/** The release that speaks for a package: the newest that can be used, or the newest. */
function speaker(slice: Slice, target: string, releases: readonly Release[]): Release | undefined {
  return releases.find((one) => obstaclesOf(slice, target, one).length === 0) ?? releases[0];
}

function ruledOut(
  inquiry: Inquiry,
  plan: Plan,
  release: Release,
  wanted: { readonly of: string; readonly isShared: boolean } | null,
): { by: string; against: string } {
  const { slice } = inquiry;
  const of = wanted?.of ?? null;
  const [obstacle] = obstaclesOf(slice, plan.target, release);
  if (obstacle !== undefined) {
    return { by: obstacle.kind, against: `${obstacle.verb[0]} ${obstacle.rest}` };
  }
  if (wanted?.isShared === true && needsItself(slice, plan.target, release, wanted.of)) {
    return { by: "rules", against: `would have to provide ${of} to itself` };
  }
  const provided = release.manifest.provides.find((one) => one.interface === of)?.version;
  for (const consumer of plan.packages) {
    const requirements = slice
      .find(consumer.name)
      ?.releases.find((one) => one.manifest.version === consumer.version)
      ?.manifest.requires.filter((one) => one.of === (of ?? release.manifest.name));
    for (const { range } of requirements ?? []) {
      if (provided !== undefined && !inRange(provided, range)) {
        const against = `provides ${of} ${provided}, and ${consumer.name} requires ${range}`;
        return { by: "range", against };
      }
      if (of === null && !inRange(release.manifest.version, range)) {
        return { by: "range", against: `is not in ${range}, which ${consumer.name} requires` };
      }
    }
  }
  const { name, version } = release.manifest;
  const against = `does not go together with the rest: \`unipkg why-not ${name}@${version}\``;
  return { by: "rules", against };
}

/** Whether a release requires an interface by the slot that it would fill for the whole image. */
function needsItself(slice: Slice, target: string, release: Release, of: string): boolean {
  return slice
    .requirements(release, target)
    .some((one) => one.of === of && one.slot === of && !one.optional);
}

/** Why a level decided for the provider and against another, in a few words. */
function statement(
  slice: Slice,
  choice: Choice,
  level: LevelName,
  provider: string,
  other: Release,
): string {
  switch (level) {
    case "asked":
      return askedFor(slice, choice.target).includes(provider)
        ? whoAsked(slice, provider)
        : versionStatement(level, provider, other);
    case "locked":
      return lockedProvider(slice, choice) === provider
        ? `unipkg.lock has ${provider}`
        : versionStatement(level, provider, other);
    case "preferred":
      return whoPrefers(slice, choice.target, choice.interface, provider);
    case "names":
      return `${provider} is as good and comes first by name`;
    case "optional":
    case "deprecated":
    case "prereleases":
    case "newest":
    case "packages":
      return versionStatement(level, provider, other);
  }
}

function versionStatement(level: LevelName, chosen: string, { manifest }: Release): string {
  switch (level) {
    case "asked":
      return "would cost something that you asked for";
    case "locked":
      return `would change unipkg.lock, which has ${chosen}`;
    case "preferred":
      return "would cost a provider that is preferred";
    case "optional":
      return "would leave an optional requirement unmet";
    case "deprecated":
      return manifest.deprecated === undefined
        ? "would need a deprecated package"
        : `is deprecated: ${manifest.deprecated}`;
    case "prereleases":
      return isPrerelease(manifest.version) ? "is a prerelease" : "would need a prerelease";
    case "newest":
      return "would need an older version of something else";
    case "packages":
      return "would need more packages";
    case "names":
      return `${chosen} is as good and comes first by name`;
  }
}

function versionOf(plan: Plan, name: string): string | undefined {
  return plan.packages.find((one) => one.name === name)?.version;
}
