import type { Requirement } from "../model/manifest.ts";
import type { Release } from "../model/release.ts";
import { type Circle, circleSentence } from "./circle.ts";
import type { Cause } from "./clause.ts";
import type { Core } from "./explain.ts";
import { obstacleSentence, platformObstacles, refusalObstacle, subject } from "./obstacle.ts";
import { inRange } from "./range.ts";
import type { Refusal, Slice } from "./slice.ts";
import { whatThereIs } from "./supply.ts";
import { ranged } from "./wording.ts";

/** Kinds of causes at which a chain of requirements ends: what keeps a package out of an image, and conflicts. */
export type End = Extract<
  Cause,
  {
    kind: "platform" | "effect" | "licence" | "policy" | "pin" | "without" | "yanked" | "conflict";
  }
>;

const ends: ReadonlySet<Cause["kind"]> = new Set<End["kind"]>([
  "platform",
  "effect",
  "licence",
  "policy",
  "pin",
  "without",
  "yanked",
  "conflict",
]);

export type RequirementCause = Extract<Cause, { kind: "requirement" | "uses" }>;

/** A requirement in a release that the derivation allows. */
export interface Required {
  readonly release: Release;
  readonly requirement: Requirement;
}

/**
 * A core as a derivation: a sentence a cause, from what the user wrote to where it ends, computed from the
 * causes and the releases that they speak of. Each cause is told once, however many others rest on it.
 */
export class Derivation {
  readonly slice: Slice;
  /** In the order of the telling. */
  readonly causes: readonly Cause[];
  readonly circles: readonly Circle[];
  readonly #order: readonly string[];

  constructor(slice: Slice, core: Core) {
    this.slice = slice;
    this.circles = core.circles;
    this.#order = [...slice.packages.keys()];
    this.causes = [...core.causes].sort((a, b) => this.#position(a) - this.#position(b));
  }

  /** All sentences, in order. */
  steps(): readonly string[] {
    return this.causes.flatMap((cause) => this.sentences(cause));
  }

  /** Where chains of requirements end. */
  ends(): readonly End[] {
    return this.causes.filter((cause): cause is End => ends.has(cause.kind));
  }

  sentences(cause: Cause): readonly string[] {
    const isOneOfMany = this.slice.request.targets.length > 1;
    const on = "target" in cause && isOneOfMany ? ` on ${cause.target}` : "";
    switch (cause.kind) {
      case "definition":
      case "support":
      // The question has said it.
      case "supposed":
        return [];
      case "requirement":
        return this.#requirementSentences(cause, on);
      case "provision": {
        const who = subject(this.slice, cause.package, this.allowed(cause.package));
        return [`${who.words} ${who.isPlural ? "provide" : "provides"} ${cause.interface}`];
      }
      case "one version": {
        const scope = isOneOfMany ? "all images of one solve have" : "an image has";
        return [`${scope} one version of ${cause.package}`];
      }
      case "one provider":
        return cause.consumer === null
          ? [`one package provides ${cause.interface} for the whole image${on}`]
          : [`one package fills the slot ${cause.slot} of ${cause.consumer}${on}`];
      case "platform":
      case "pin":
      case "without":
      case "yanked":
      case "policy":
      case "signature":
        return this.#refusalSentences(cause);
      case "effect":
      case "licence":
        return this.#platformSentences(cause);
      case "uses":
        return [
          `${cause.provider} does not have all that ${cause.consumer} uses of ${cause.slot}${on}`,
        ];
      case "conflict":
        return this.#conflictSentences(cause);
      case "with": {
        const { range } = this.slice.request.with.find((one) => one.name === cause.package)!;
        return [`--with asks for ${ranged(cause.package, range)}`];
      }
      case "cycle":
        return this.circles.map(circleSentence);
    }
  }

  /** The requirement of a cause in each release that the derivation allows. */
  requirements(cause: RequirementCause): readonly Required[] {
    return this.allowed(cause.consumer).flatMap((release) =>
      this.slice
        .requirements(release, cause.target)
        .filter((one) => one.slot === cause.slot && !one.optional)
        .map((requirement) => ({ release, requirement })),
    );
  }

  /** Versions of a package that meet some requirement of the core; all when it has none for it. */
  allowed(name: string): readonly Release[] {
    const found = this.slice.find(name);
    if (found === null) return [];
    const wanted: ((release: Release) => boolean)[] = [];
    for (const cause of this.causes) {
      if ((cause.kind === "with" || cause.kind === "supposed") && cause.package === name) {
        const { with: asked, suppose } = this.slice.request;
        const one = cause.kind === "with" ? asked.find((each) => each.name === name) : suppose;
        wanted.push(({ manifest }) => inRange(manifest.version, one!.range));
      }
      if (cause.kind !== "requirement" || cause.consumer === name) continue;
      for (const release of this.slice.find(cause.consumer)?.releases ?? []) {
        for (const { slot, of, range } of this.slice.requirements(release, cause.target)) {
          if (slot !== cause.slot) continue;
          wanted.push(({ manifest }) => {
            if (of === name) return inRange(manifest.version, range);
            return manifest.provides.some(
              (one) => one.interface === of && inRange(one.version, range),
            );
          });
        }
      }
    }
    const allowed = found.releases.filter((release) => wanted.some((meets) => meets(release)));
    return allowed.length === 0 ? found.releases : allowed;
  }

  /** The refusals that a cause stands for, of the releases that the derivation allows. */
  refusals(
    cause: Cause & { readonly package: string },
  ): readonly { readonly release: Release; readonly refusal: Refusal; readonly target: string }[] {
    const targets = "target" in cause ? [cause.target] : this.slice.request.targets;
    return this.allowed(cause.package).flatMap((release) =>
      targets
        .flatMap((target) =>
          this.slice.refusals(target, release).map((refusal) => ({ release, refusal, target })),
        )
        .filter(({ refusal }) => isOf(refusal, cause, this.slice))
        .slice(0, 1),
    );
  }

  #requirementSentences(cause: RequirementCause, on: string): readonly string[] {
    const { consumer, slot } = cause;
    const byText = new Map<string, { releases: Release[]; requirement: Requirement }>();
    for (const { release, requirement } of this.requirements(cause)) {
      const key = ranged(requirement.of, requirement.range);
      const same = byText.get(key);
      if (same === undefined) byText.set(key, { releases: [release], requirement });
      else same.releases.push(release);
    }
    return [...byText].map(([wanted, { releases, requirement }]) => {
      const { words, isPlural } = subject(this.slice, consumer, releases);
      const forSlot = slot === requirement.of ? "" : ` for its slot ${slot}`;
      const rest = whatThereIs(this.slice, releases[0]!, requirement);
      return `${words} ${isPlural ? "require" : "requires"} ${wanted}${forSlot}${on}${rest}`;
    });
  }

  /** Releases that are kept out for the same reason are one sentence. */
  #refusalSentences(cause: Cause & { readonly package: string }): readonly string[] {
    // The user's own words need no versions.
    if (cause.kind === "without") return [`--without rules out ${cause.package}`];
    const sentences = new Map<string, Release[]>();
    const told = this.refusals(cause).map(({ release, refusal, target }) => {
      const obstacle = refusalObstacle(this.slice, target, release, refusal);
      const alike = sentences.get(obstacle.rest) ?? [];
      sentences.set(obstacle.rest, alike);
      alike.push(release);
      return { obstacle, alike };
    });
    return [
      ...new Set(
        told.map(({ obstacle, alike }) =>
          obstacleSentence(this.slice, cause.package, alike, obstacle),
        ),
      ),
    ];
  }

  /** The newest version speaks for the rest: places differ from version to version. */
  #platformSentences(cause: Extract<Cause, { kind: "effect" | "licence" }>): readonly string[] {
    for (const release of this.allowed(cause.package)) {
      const found = platformObstacles(this.slice, cause.target, release);
      const told = found
        .filter((one) => one.kind === cause.kind)
        .map((one) => obstacleSentence(this.slice, cause.package, [release], one));
      if (told.length > 0) return told;
    }
    return [];
  }

  #conflictSentences(cause: Extract<Cause, { kind: "conflict" }>): readonly string[] {
    const byRange = new Map<string, Release[]>();
    for (const release of this.allowed(cause.package)) {
      const range = release.manifest.conflicts[cause.other];
      if (range === undefined) continue;
      byRange.set(range, [...(byRange.get(range) ?? []), release]);
    }
    return [...byRange].map(([range, releases]) => {
      const { words, isPlural } = subject(this.slice, cause.package, releases);
      return `${words} ${isPlural ? "conflict" : "conflicts"} with ${ranged(cause.other, range)}`;
    });
  }

  /** Where a cause stands in the telling: requests, then requirements from the root on, each with the ends of its providers, then what holds for all. */
  #position(cause: Cause): number {
    const far = this.#order.length + 1;
    const at = (name: string) => {
      const index = this.#order.indexOf(name);
      return index === -1 ? far : index;
    };
    switch (cause.kind) {
      case "definition":
      case "support":
      case "with":
      case "supposed":
        return -1;
      case "requirement":
        return at(cause.consumer);
      case "provision":
      case "platform":
      case "signature":
      case "effect":
      case "licence":
      case "policy":
      case "pin":
      case "without":
      case "yanked":
        return at(cause.package) + 0.5;
      case "uses":
        return at(cause.provider) + 0.6;
      case "conflict":
        return far + 1;
      case "one provider":
      case "one version":
        return far + 2;
      case "cycle":
        return far + 3;
    }
  }
}

/** Whether a refusal is of a cause's kind, policy and interface. */
function isOf(refusal: Refusal, cause: Cause, slice: Slice): boolean {
  if (refusal.kind !== cause.kind) return false;
  if (refusal.kind === "policy" && cause.kind === "policy") {
    return slice.policies.indexOf(refusal.policy) === cause.policy;
  }
  if (refusal.kind === "signature" && cause.kind === "signature") {
    return refusal.provision.interface === cause.interface;
  }
  return true;
}
