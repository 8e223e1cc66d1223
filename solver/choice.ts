import type { Formula } from "./formula.ts";
import type { Images } from "./images.ts";
import type { Literal } from "./sat.ts";
import type { Slice, SlicedPackage } from "./slice.ts";
import type { Support } from "./support.ts";

/**
 * The open question who fills a slot on a target. A slot that is named as its interface is one question
 * for the whole image; any other is a question of its consumer alone, the same for all its instances.
 */
export interface Choice {
  readonly target: string;
  readonly interface: string;
  /** Package whose own slot it is; null when the image shares the provider. */
  readonly consumer: string | null;
  readonly slot: string;
  /** "A package in the image needs it filled." */
  readonly filled: Literal;
  /** Package -> "it is the provider", by name. */
  readonly providers: ReadonlyMap<string, Literal>;
  /** Version of the interface -> "the provider implements it". */
  readonly versions: ReadonlyMap<string, Literal>;
}

/** Identity of a choice, and the order in which choices are listed: shared ones first. */
export function choiceKey(
  target: string,
  interfaceName: string,
  consumer: string | null,
  slot: string,
): string {
  return `${target}\n${consumer ?? ""}\n${slot}\n${interfaceName}`;
}

/** The choices of an encoding, each made when it is first asked for. */
export class Choices {
  /** Key -> choice, in the order in which they were made. */
  readonly made = new Map<string, Choice>();
  /** Target -> its choices. */
  readonly on = new Map<string, Choice[]>();
  readonly #slice: Slice;
  readonly #formula: Formula;
  readonly #images: Images;
  readonly #support: Support;
  readonly #meet: (target: string, name: string) => void;

  readonly #size: (target: string, name: string) => number;

  /**
   * @param meet sees to it that a package in reach has variables
   * @param size how many packages one comes with, or so
   */
  constructor(
    slice: Slice,
    formula: Formula,
    images: Images,
    support: Support,
    meet: (target: string, name: string) => void,
    size: (target: string, name: string) => number,
  ) {
    this.#size = size;
    this.#slice = slice;
    this.#formula = formula;
    this.#images = images;
    this.#support = support;
    this.#meet = meet;
  }

  find(target: string, interfaceName: string, consumer: string | null, slot: string) {
    return this.made.get(choiceKey(target, interfaceName, consumer, slot)) ?? null;
  }

  make(target: string, interfaceName: string, consumer: string | null, slot: string): Choice {
    const known = this.find(target, interfaceName, consumer, slot);
    if (known !== null) return known;
    const filled = this.#formula.variable(target);
    this.#support.declare(filled, { target, names: [interfaceName] });
    const { providers, implementations } = this.#providers(target, interfaceName, consumer, filled);
    this.#formula.define(-filled, ...providers.values());
    const versions = new Map<string, Literal>();
    for (const [version, ofVersion] of implementations) {
      const implemented = this.#formula.variable(target);
      versions.set(version, implemented);
      const names = [...ofVersion.keys()];
      this.#formula.define(-implemented, ...names.map((name) => providers.get(name)!));
      for (const [name, releases] of ofVersion) {
        this.#formula.define(-implemented, -providers.get(name)!, ...releases);
      }
    }
    const cause = this.#formula.cause({
      kind: "one provider",
      target,
      interface: interfaceName,
      consumer,
      slot,
    });
    this.#formula.atMostOne(cause, target, [...providers.values()]);
    const choice = {
      target,
      interface: interfaceName,
      consumer,
      slot,
      filled,
      providers,
      versions,
    };
    this.made.set(choiceKey(target, interfaceName, consumer, slot), choice);
    const onTarget = this.on.get(target);
    if (onTarget === undefined) this.on.set(target, [choice]);
    else onTarget.push(choice);
    return choice;
  }

  #providers(
    target: string,
    interfaceName: string,
    consumer: string | null,
    filled: Literal,
  ): {
    readonly providers: ReadonlyMap<string, Literal>;
    /** Version of the interface -> package -> its releases that implement it. */
    readonly implementations: ReadonlyMap<string, ReadonlyMap<string, readonly Literal[]>>;
  } {
    const providers = new Map<string, Literal>();
    const implementations = new Map<string, Map<string, Literal[]>>();
    const possible = this.#slice
      .providers(interfaceName)
      .filter(({ name }) => name !== consumer && this.#slice.packages.has(name));
    const literals = this.#literals(target, possible);
    for (const { name, releases } of possible) {
      const chosen = literals.get(name)!;
      providers.set(name, chosen);
      const all: Literal[] = [];
      for (const release of releases) {
        const provision = release.manifest.provides.find((one) => one.interface === interfaceName);
        if (provision === undefined) continue;
        const literal = this.#images.used(target, release)!;
        all.push(literal);
        const ofVersion = implementations.get(provision.version) ?? new Map<string, Literal[]>();
        implementations.set(provision.version, ofVersion);
        const ofProvider = ofVersion.get(name);
        if (ofProvider === undefined) ofVersion.set(name, [literal]);
        else ofProvider.push(literal);
      }
      this.#formula.define(-chosen, ...all);
      this.#support.declare(chosen, null);
      this.#support.need(chosen, filled);
      this.#support.need(this.#images.find(target, name)!.present, chosen);
    }
    return { providers, implementations };
  }

  /**
   * MiniSat decides variables in their order, and first for false: what is left is the provider that is last, and that is to be
   * the one that comes with the fewest packages.
   */
  #literals(target: string, packages: readonly SlicedPackage[]): ReadonlyMap<string, Literal> {
    for (const { name } of packages) this.#meet(target, name);
    const sizes = packages.map(({ name }) => ({ name, size: this.#size(target, name) }));
    sizes.sort((a, b) => b.size - a.size);
    return new Map(sizes.map(({ name }) => [name, this.#formula.variable(target)]));
  }
}
