import type { Difference } from "../model/accepts.ts";
import type { Requirement } from "../model/manifest.ts";
import { formatPlace } from "../model/place.ts";
import type { Problem } from "../model/problem.ts";
import type { Release } from "../model/release.ts";
import type { Circle } from "./circle.ts";
import type { Cause } from "./clause.ts";
import { forbiddenEffects } from "./encode.ts";
import type { Core } from "./explain.ts";
import { inRange } from "./range.ts";
import { missing, type Slice, within } from "./slice.ts";
import { effectVerb, list, ranged, versions } from "./wording.ts";

/** Differences of one provider that are shown; the rest are counted. */
const differencesShown = 5;

/** The number of providers that are named one by one. */
const providersNamed = 4;

/** Kinds of causes at which a chain of requirements ends. */
type End = Extract<
  Cause,
  { kind: "platform" | "signature" | "uses" | "effect" | "without" | "yanked" | "conflict" }
>;

/**
 * Tells a core as a derivation: a sentence a cause, from what the user wrote to where it ends, computed
 * from the causes and the releases that they speak of.
 */
export class Telling {
  readonly #slice: Slice;
  readonly #causes: readonly Cause[];
  readonly #circles: readonly Circle[];
  readonly #order: readonly string[];

  constructor(slice: Slice, core: Core) {
    this.#slice = slice;
    this.#circles = core.circles;
    this.#order = [...slice.packages.keys()];
    this.#causes = [...core.causes].sort((a, b) => this.#position(a) - this.#position(b));
  }

  problem(): Problem {
    const steps = this.#causes.flatMap((cause) => this.#sentences(cause));
    const mismatch = this.#causes.find(
      (cause) => cause.kind === "signature" || cause.kind === "uses",
    );
    if (mismatch?.kind === "signature") return this.#lie(mismatch, steps);
    if (mismatch?.kind === "uses") return this.#misfit(mismatch, steps);
    const ends = this.#ends();
    const missing = this.#missing();
    const [only] = missing;
    if (ends.length === 0 && missing.length === 1 && only !== undefined && only.code !== "UP301") {
      return { ...only, ...withDetails(steps.filter((one) => one !== only.message)) };
    }
    const headline = this.#headline(ends, missing);
    const where = list(this.#slice.request.targets);
    return {
      code: "UP301",
      message: `no plan for ${this.#slice.root} on ${where}: ${headline}`,
      ...withDetails(steps.filter((one) => one !== headline)),
      ...this.#hint(ends),
    };
  }

  #ends(): readonly End[] {
    return this.#causes.filter(
      (cause): cause is End =>
        cause.kind === "platform" ||
        cause.kind === "effect" ||
        cause.kind === "without" ||
        cause.kind === "yanked" ||
        cause.kind === "conflict",
    );
  }

  #headline(ends: readonly End[], missing: readonly Problem[]): string {
    const cycle = this.#circles[0];
    if (cycle !== undefined) return this.#circleSentence(cycle);
    const [end] = ends;
    if (ends.length + missing.length === 1 && end !== undefined) {
      return this.#sentences(end)[0] ?? "";
    }
    if (ends.length === 0 && missing.length === 1) return missing[0]!.message;
    const scarce = this.#scarce();
    if (scarce !== null && ends.length + missing.length > 0) {
      if (missing.length === 0 && ends.every((one) => one.kind === "platform")) {
        return `no provider of ${scarce.of} supports ${scarce.target}`;
      }
      return `no provider of ${scarce.of} can be used`;
    }
    for (const cause of this.#causes) {
      if (cause.kind === "one version") {
        return `no version of ${cause.package} suits all that require it`;
      }
      if (cause.kind === "one provider") {
        return `no provider of ${cause.interface} suits all that require it`;
      }
    }
    if (scarce !== null) return `no provider of ${scarce.of} can be used`;
    return end === undefined ? "its requirements contradict each other" : this.#sentences(end)[0]!;
  }

  /** The first requirement of the derivation that has a choice of providers, none of which works. */
  #scarce(): { of: string; target: string } | null {
    for (const cause of this.#causes) {
      if (cause.kind !== "requirement") continue;
      for (const { release, requirement } of this.#requirements(cause)) {
        if (!this.#slice.wantsProvider(release, requirement)) continue;
        if (this.#providers(cause.consumer, requirement).length > 1) {
          return { of: requirement.of, target: cause.target };
        }
      }
    }
    return null;
  }

  #hint(ends: readonly End[]): { hint?: string } {
    // What to leave out of the words is a repair.
    if (ends.some((end) => end.kind === "without")) return {};
    if (ends.length > 0 && ends.every((end) => end.kind === "platform")) {
      const wanted = this.#causes.flatMap((cause) =>
        cause.kind === "requirement" ? this.#requirements(cause) : [],
      );
      const last = wanted.findLast(({ release, requirement }) =>
        this.#slice.wantsProvider(release, requirement),
      );
      if (last !== undefined) return this.#elsewhere(last.requirement);
    }
    const yanked = ends.find((end) => end.kind === "yanked");
    if (yanked !== undefined) {
      const rest = (this.#slice.find(yanked.package)?.releases ?? []).filter(
        (one) => !one.manifest.yanked,
      );
      if (rest.length === 0) return {};
      const others = versions(rest.map((one) => one.manifest.version));
      return { hint: `use a range with a version that was not withdrawn: ${others}` };
    }
    const [step, ...more] = this.#circles[0]?.steps ?? [];
    if (step !== undefined && more.length === 0) {
      return {
        hint: `require ${step.slot} under another slot name in ${step.consumer}, and have a second provider`,
      };
    }
    return {};
  }

  /** The targets on which an interface has providers. */
  #elsewhere({ of, range }: Requirement): { hint?: string } {
    const byTarget = new Map<string, Set<string>>();
    for (const { name, releases } of this.#slice.providers(of)) {
      for (const { manifest } of releases) {
        if (!manifest.provides.some((one) => one.interface === of && inRange(one.version, range))) {
          continue;
        }
        for (const named of manifest.targets) {
          const target = named === "*" ? "any" : named;
          byTarget.set(target, (byTarget.get(target) ?? new Set()).add(name));
        }
      }
    }
    if (byTarget.size === 0) return {};
    const places = [...byTarget].sort(([a], [b]) => (a < b ? -1 : 1));
    const told = places.map(([target, names]) => `${target} (${list([...names].sort())})`);
    return { hint: `choose a target that has a provider of ${of}: ${list(told, "or")}` };
  }

  /** Requirements that nothing meets, whatever the version of their consumer. */
  #missing(): readonly Problem[] {
    return this.#causes.flatMap((cause) => {
      if (cause.kind !== "requirement") return [];
      const all = this.#requirements(cause);
      const codes = all.map((one) => this.#missingCode(one.release, one.requirement));
      const code = codes[0] ?? null;
      if (code === null || codes.includes(null)) return [];
      const message = this.#sentences(cause)[0]!;
      const deep = cause.consumer !== this.#slice.root;
      const hint = `use another package than ${cause.consumer}, or ask its author for a repair`;
      return [{ code, message, ...(deep ? { hint } : {}) }];
    });
  }

  #missingCode(release: Release, requirement: Requirement): Problem["code"] | null {
    const required = this.#slice.find(requirement.of);
    if (required === null) return "UP201";
    if (this.#slice.suitable(release, requirement).length === 0) return "UP202";
    if (!this.#slice.wantsProvider(release, requirement)) return null;
    return this.#providers(release.manifest.name, requirement).length === 0 ? "UP301" : null;
  }

  /** UP403: a provider that does not keep its promise. */
  #lie(cause: Extract<Cause, { kind: "signature" }>, steps: readonly string[]): Problem {
    const { release, refusal } = this.#lies(cause)[0]!;
    const { name, version } = release.manifest;
    const { interface: promised, version: claimed } = refusal.provision;
    const headline = this.#sentences(cause)[0];
    const others = steps.filter((one) => one !== headline);
    if (refusal.differences.length === 0) {
      return { code: "UP403", message: headline!, ...withDetails(others) };
    }
    const shown = this.#differences(refusal.differences, promised, claimed, release);
    const place = refusal.differences.find((one) => one.provided !== null)?.provided?.place;
    return {
      code: "UP403",
      message: headline!,
      ...(place === undefined ? {} : { place: { ...place, package: name, version } }),
      details: [...shown, ...others],
      hint: `report it to the author of ${name}, or use another provider of ${promised}`,
    };
  }

  /** UP403: a provider that keeps its promise, but not to a consumer of another version of the interface. */
  #misfit(cause: Extract<Cause, { kind: "uses" }>, steps: readonly string[]): Problem {
    const { slot, provider } = cause;
    const headline = this.#sentences(cause)[0]!;
    const others = steps.filter((one) => one !== headline);
    for (const { release, requirement } of this.#requirements(cause)) {
      const interfaces = within(this.#slice.find(requirement.of)!, requirement.range);
      for (const candidate of this.#slice.find(provider)!.releases) {
        for (const version of interfaces) {
          const differences = this.#slice.differences(
            version,
            this.#slice.provided(candidate, requirement.of),
            release.uses[slot],
          );
          if (differences.length === 0) continue;
          const wanted = version.manifest.version;
          return {
            code: "UP403",
            message: headline,
            details: [
              ...this.#differences(differences, requirement.of, wanted, candidate),
              ...others,
            ],
            hint: `add a package that provides ${requirement.of} ${wanted}`,
          };
        }
      }
    }
    return { code: "UP403", message: headline, ...withDetails(others) };
  }

  #differences(
    differences: readonly Difference[],
    interfaceName: string,
    interfaceVersion: string,
    provider: Release,
  ): readonly string[] {
    const { name, version } = provider.manifest;
    const lines = differences.slice(0, differencesShown).flatMap((one) => {
      const said = [`${one.item}: ${one.message}`];
      if (one.required !== null) {
        const place = { ...one.required.place, package: interfaceName, version: interfaceVersion };
        said.push(`  interface ${one.required.text}  at ${formatPlace(place)}`);
      }
      if (one.provided !== null) {
        const place = { ...one.provided.place, package: name, version };
        said.push(`  provider  ${one.provided.text}  at ${formatPlace(place)}`);
      }
      return said;
    });
    const more = differences.length - differencesShown;
    return more > 0 ? [...lines, `and ${more} more`] : lines;
  }

  #sentences(cause: Cause): readonly string[] {
    const on =
      "target" in cause && this.#slice.request.targets.length > 1 ? ` on ${cause.target}` : "";
    switch (cause.kind) {
      case "definition":
      case "support":
        return [];
      case "requirement":
        return this.#requirementSentences(cause, on);
      case "provision": {
        const all = this.#allowed(cause.package);
        return [`${this.#who(cause.package, all)} provides ${cause.interface}`];
      }
      case "one version": {
        const several = this.#slice.request.targets.length > 1;
        const scope = several ? "all images of one solve have" : "an image has";
        return [`${scope} one version of ${cause.package}`];
      }
      case "one provider":
        return cause.consumer === null
          ? [`one package provides ${cause.interface} for the whole image${on}`]
          : [`one package fills the slot ${cause.slot} of ${cause.consumer}${on}`];
      case "platform":
        return this.#platformSentences(cause);
      case "signature":
        return this.#lies(cause).map(({ release, refusal }) => {
          const { name, version } = release.manifest;
          const { interface: promised, version: claimed } = refusal.provision;
          return refusal.differences.length === 0
            ? `${name} ${version} says that it provides ${promised} ${claimed}, a version that does not exist`
            : `${name} ${version} does not match the interface ${promised} ${claimed} that it says it provides`;
        });
      case "uses":
        return [
          `${cause.provider} does not have all that ${cause.consumer} uses of ${cause.slot}${on}`,
        ];
      case "effect":
        return this.#effectSentences(cause);
      case "conflict":
        return this.#conflictSentences(cause);
      case "with": {
        const range =
          this.#slice.request.with.find((one) => one.name === cause.package)?.range ?? "*";
        return [`--with asks for ${ranged(cause.package, range)}`];
      }
      case "licence": {
        const { license } = this.#allowed(cause.package)[0]!.manifest;
        return [`${cause.package} is under ${license}, which ${cause.target} does not link`];
      }
      case "policy":
        return [`${this.#slice.policies[cause.policy]!.text} rules out ${cause.package}`];
      case "pin":
        return [`${cause.package} is pinned to ${this.#slice.pins.get(cause.package)!.range}`];
      case "supposed":
        return [`suppose ${cause.package}`];
      case "without":
        return [`--without rules out ${cause.package}`];
      case "yanked": {
        const all = this.#allowed(cause.package).filter((one) => one.manifest.yanked);
        const verb = this.#plural(cause.package, all) ? "were" : "was";
        return [`${this.#who(cause.package, all)} ${verb} withdrawn by the author`];
      }
      case "cycle":
        return this.#circles.map((circle) => this.#circleSentence(circle));
    }
  }

  #requirementSentences(
    cause: Extract<Cause, { kind: "requirement" }>,
    on: string,
  ): readonly string[] {
    const { consumer, slot } = cause;
    const byText = new Map<string, { releases: Release[]; requirement: Requirement }>();
    for (const { release, requirement } of this.#requirements(cause)) {
      const key = ranged(requirement.of, requirement.range);
      const same = byText.get(key);
      if (same === undefined) byText.set(key, { releases: [release], requirement });
      else same.releases.push(release);
    }
    return [...byText].map(([wanted, { releases, requirement }]) => {
      const who = this.#who(consumer, releases);
      const verb = this.#plural(consumer, releases) ? "require" : "requires";
      const forSlot = slot === requirement.of ? "" : ` for its slot ${slot}`;
      const rest = this.#answers(releases[0]!, requirement);
      return `${who} ${verb} ${wanted}${forSlot}${on}${rest}`;
    });
  }

  /** What there is to meet a requirement: the rest of its sentence. */
  #answers(release: Release, requirement: Requirement): string {
    const { of, range } = requirement;
    const required = this.#slice.find(of);
    if (required === null) return ", but there is no package of that name";
    if (required.kind === "target" || required.kind === "app")
      return `, which is a ${required.kind}`;
    const inside = within(required, range);
    if (inside.length === 0) {
      return `, but ${of} has only ${versions(required.releases.map((one) => one.manifest.version))}`;
    }
    if (this.#slice.suitable(release, requirement).length === 0) {
      const lacking = missing(
        inside[0]!.signature ?? { exports: {} },
        release.uses[requirement.slot] ?? [],
      );
      return `, and uses ${list(lacking)}, which ${of} ${versions(inside.map((one) => one.manifest.version))} does not have`;
    }
    if (!this.#slice.wantsProvider(release, requirement)) return "";
    const providers = this.#providers(release.manifest.name, requirement);
    if (providers.length > providersNamed) return `, which ${providers.length} packages provide`;
    if (providers.length > 1) return `, which ${list(providers)} provide`;
    if (providers.length === 1) return `, which only ${providers[0]} provides`;
    const others = this.#slice
      .providers(of)
      .flatMap(({ name, releases }) =>
        releases
          .slice(0, 1)
          .flatMap(({ manifest }) =>
            manifest.provides
              .filter((one) => one.interface === of)
              .map((one) => `${name} provides ${one.version}`),
          ),
      );
    return others.length === 0
      ? ", which no package provides"
      : `, which no package provides in that range (${list(others)})`;
  }

  /** Names of packages that provide an interface in the range, whether or not they can be used. */
  #providers(consumer: string, { of, range, slot }: Requirement): readonly string[] {
    return this.#slice
      .providers(of)
      .filter(({ name, releases }) => {
        if (slot !== of && name === consumer) return false;
        return releases.some(({ manifest }) =>
          manifest.provides.some((one) => one.interface === of && inRange(one.version, range)),
        );
      })
      .map((one) => one.name);
  }

  #platformSentences(cause: Extract<Cause, { kind: "platform" }>): readonly string[] {
    const byTargets = new Map<string, Release[]>();
    for (const release of this.#allowed(cause.package)) {
      const { targets } = release.manifest;
      if (targets.includes("*") || targets.includes(cause.target)) continue;
      const key = list(targets);
      byTargets.set(key, [...(byTargets.get(key) ?? []), release]);
    }
    return [...byTargets].map(([targets, releases]) => {
      const verb = this.#plural(cause.package, releases) ? "support" : "supports";
      return `${this.#who(cause.package, releases)} ${verb} only ${targets}, not ${cause.target}`;
    });
  }

  #effectSentences(cause: Extract<Cause, { kind: "effect" }>): readonly string[] {
    const platforms = this.#slice.packages.get(cause.target)?.releases ?? [];
    const platform = platforms[0];
    if (platform === undefined) return [];
    const sentences: string[] = [];
    for (const release of this.#allowed(cause.package)) {
      for (const { effect, function: by, place } of forbiddenEffects(platform, release)) {
        const where = formatPlace(place);
        const what = effect.startsWith("host:") ? "does not offer" : "forbids";
        const who = this.#who(cause.package, [release]);
        sentences.push(
          `${who} ${effectVerb(effect)} in ${by} (${where}), which ${cause.target} ${what}`,
        );
      }
      // The newest version speaks for the rest.
      if (sentences.length > 0) break;
    }
    return sentences;
  }

  #conflictSentences(cause: Extract<Cause, { kind: "conflict" }>): readonly string[] {
    const byRange = new Map<string, Release[]>();
    for (const release of this.#allowed(cause.package)) {
      const range = release.manifest.conflicts[cause.other];
      if (range === undefined) continue;
      byRange.set(range, [...(byRange.get(range) ?? []), release]);
    }
    return [...byRange].map(([range, releases]) => {
      const verb = this.#plural(cause.package, releases) ? "conflict" : "conflicts";
      return `${this.#who(cause.package, releases)} ${verb} with ${ranged(cause.other, range)}`;
    });
  }

  #circleSentence({ steps }: Circle): string {
    const told = steps.map(
      ({ consumer, slot, provider }) => `${consumer} takes ${slot} from ${provider}`,
    );
    if (steps.length === 1)
      return `${steps[0]!.consumer} would have to provide ${steps[0]!.slot} to itself`;
    return `${list(told)}: a circle in which none can start first`;
  }

  /** The requirement of a cause in each release that the derivation allows. */
  #requirements(
    cause: Extract<Cause, { kind: "requirement" | "uses" }>,
  ): readonly { release: Release; requirement: Requirement }[] {
    return this.#allowed(cause.consumer).flatMap((release) =>
      this.#slice
        .requirements(release, cause.target)
        .filter((one) => one.slot === cause.slot && !one.optional)
        .map((requirement) => ({ release, requirement })),
    );
  }

  #lies(cause: Extract<Cause, { kind: "signature" }>) {
    return this.#allowed(cause.package).flatMap((release) =>
      this.#slice.request.targets
        .flatMap((target) => this.#slice.refusals(target, release))
        .filter((refusal) => refusal.kind === "signature")
        .filter((refusal) => refusal.provision.interface === cause.interface)
        .slice(0, 1)
        .map((refusal) => ({ release, refusal })),
    );
  }

  /** Versions of a package that meet some requirement of the core; all when it has none for it. */
  #allowed(name: string): readonly Release[] {
    const found = this.#slice.find(name);
    if (found === null) return [];
    const wanted: ((release: Release) => boolean)[] = [];
    for (const cause of this.#causes) {
      if (cause.kind === "with" && cause.package === name) {
        const { range } = this.#slice.request.with.find((one) => one.name === name)!;
        wanted.push(({ manifest }) => inRange(manifest.version, range));
      }
      if (cause.kind !== "requirement" || cause.consumer === name) continue;
      for (const release of this.#slice.find(cause.consumer)?.releases ?? []) {
        for (const { slot, of, range } of this.#slice.requirements(release, cause.target)) {
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

  /** `every version of tcpip`, `tcpip 1.0.0`, `tcpip 1.1.0 and 1.0.0`; the app without its version. */
  #who(name: string, releases: readonly Release[]): string {
    if (name === this.#slice.root) return name;
    const all = this.#slice.find(name)?.releases.length ?? 0;
    if (releases.length > 1 && releases.length === all) return `every version of ${name}`;
    return `${name} ${versions(releases.map((one) => one.manifest.version))}`;
  }

  #plural(name: string, releases: readonly Release[]): boolean {
    return releases.length > 1 && releases.length < (this.#slice.find(name)?.releases.length ?? 0);
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

function withDetails(details: readonly string[]): { details?: readonly string[] } {
  return details.length === 0 ? {} : { details };
}
