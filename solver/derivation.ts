import type { Requirement } from "../model/manifest.ts";
import type { Release } from "../model/release.ts";
import type { Circle } from "./circle.ts";
import type { Cause } from "./clause.ts";
import type { Core } from "./explain.ts";
import type { Refusal } from "./judge.ts";
import { outline } from "./outline.ts";
import { inRange } from "./range.ts";
import type { Slice } from "./slice.ts";
import { stepsOf } from "./steps.ts";

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
  /** What the user asked for, then requirements from the root on, each with the ends of its providers, then what holds for all. */
  readonly causes: readonly Cause[];
  readonly circles: readonly Circle[];
  readonly #order: readonly string[];

  constructor(slice: Slice, core: Core) {
    this.slice = slice;
    this.circles = core.circles;
    this.#order = [...slice.packages.keys()];
    this.causes = [...core.causes].sort((a, b) => this.#position(a) - this.#position(b));
  }

  /** All sentences in the order that they are told in, but for one that was said. */
  told(said: string | null = null): readonly string[] {
    return outline(
      this.causes.flatMap((cause) => stepsOf(this, cause)),
      said,
    );
  }

  sentences(cause: Cause): readonly string[] {
    return stepsOf(this, cause).map((one) => one.sentence);
  }

  /** Where chains of requirements end. */
  ends(): readonly End[] {
    return this.causes.filter((cause): cause is End => ends.has(cause.kind));
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
