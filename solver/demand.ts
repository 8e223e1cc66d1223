import type { Requirement } from "../model/manifest.ts";
import type { Release } from "../model/release.ts";
import type { Choice, Choices } from "./choice.ts";
import type { Formula } from "./formula.ts";
import type { Images } from "./images.ts";
import { offered } from "./judge.ts";
import { inRange } from "./range.ts";
import type { Literal } from "./sat.ts";
import type { Slice } from "./slice.ts";
import type { Support } from "./support.ts";

/** What requirements have in common. */
export interface Demand {
  /** "Something in the image demands it": at a version in the range, with a provider in the range. */
  readonly made: Literal;
  /** Who fills the slot; null when a library is demanded by its name. */
  readonly choice: Choice | null;
  /** Provider -> "it is chosen, at a version that does not have what is used of the interface's version in the image". */
  readonly misfits: ReadonlyMap<string, Literal>;
}

/** Many consumers ask for the same, in the same range and with the same uses: then it is one demand. */
export class Demands {
  readonly #slice: Slice;
  readonly #formula: Formula;
  readonly #images: Images;
  readonly #support: Support;
  readonly #choices: Choices;
  readonly #demands = new Map<string, Demand>();

  constructor(slice: Slice, formula: Formula, images: Images, support: Support, choices: Choices) {
    this.#slice = slice;
    this.#formula = formula;
    this.#images = images;
    this.#support = support;
    this.#choices = choices;
  }

  /** What a requirement asks for, of a package that has variables. */
  of(target: string, release: Release, requirement: Requirement): Demand {
    const { slot, of, range } = requirement;
    const wantsProvider = this.#slice.wantsProvider(release, requirement);
    const consumer = wantsProvider && slot !== of ? release.manifest.name : null;
    // No list of uses is another thing than an empty one: then all of the interface counts.
    const uses = release.uses[slot] === undefined ? "all" : `only ${release.uses[slot].join(" ")}`;
    const owner = consumer === null ? "" : `${consumer} ${slot}`;
    const key = `${target}\n${of}\n${range}\n${owner}\n${wantsProvider}\n${uses}`;
    const known = this.#demands.get(key);
    if (known !== undefined) return known;

    const made = this.#formula.variable(target);
    const misfits = new Map<string, Literal>();
    const choice = wantsProvider ? this.#choices.make(target, of, consumer, slot) : null;
    const demand = { made, choice, misfits };
    this.#demands.set(key, demand);
    this.#support.declare(made, { target, names: [of] });
    const versions = this.#slice.suitable(release, requirement);
    this.#formula.define(-made, ...versions.map((one) => this.#images.used(target, one)!));
    this.#support.need(this.#images.find(target, of)!.present, made);
    if (choice === null) return demand;

    this.#formula.define(-made, choice.filled);
    this.#support.need(choice.filled, made);
    const suitable = [...choice.versions].filter(([version]) => inRange(version, range));
    this.#formula.define(-made, ...suitable.map(([, literal]) => literal));
    for (const [name, chosen] of choice.providers) {
      const pairs = this.#misfits(target, release, requirement, name, versions);
      for (const [provider, version] of pairs) {
        const misfit = misfits.get(name) ?? this.#formula.variable(target);
        misfits.set(name, misfit);
        const pair = [provider, version].map((one) => -this.#images.used(target, one)!);
        this.#formula.define(misfit, -chosen, ...pair);
      }
    }
    return demand;
  }

  /** Pairs of a provider's release and an interface version that do not meet what the consumer uses. */
  #misfits(
    target: string,
    release: Release,
    { slot, of, range }: Requirement,
    name: string,
    versions: readonly Release[],
  ): readonly (readonly [Release, Release])[] {
    const pairs: (readonly [Release, Release])[] = [];
    for (const provider of this.#slice.packages.get(name)!.releases) {
      const provision = provider.manifest.provides.find((one) => one.interface === of);
      if (provision === undefined || !inRange(provision.version, range)) continue;
      const signature = offered(provider, of);
      for (const version of versions) {
        // It matches the version it claims as a whole, or it is refused.
        if (version.manifest.version === provision.version) continue;
        if (this.#slice.differences(version, signature).length === 0) continue;
        if (this.#slice.differences(version, signature, release.uses[slot]).length === 0) continue;
        if (this.#slice.refusals(target, provider).length > 0) continue;
        pairs.push([provider, version]);
      }
    }
    return pairs;
  }
}
