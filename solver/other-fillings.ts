import type { Release } from "../model/release.ts";
import type { Choice } from "./choice.ts";
import type { Encoding } from "./encode.ts";
import { type Guess, guess } from "./guess.ts";
import { type Needed, needed } from "./needed.ts";
import type { Literal } from "./sat.ts";
import type { SlicedPackage } from "./slice.ts";

/** Guesses at plans near to the best one, in which somebody else fills a choice. */
export class OtherFillings {
  readonly #encoding: Encoding;
  readonly #best: Needed;
  readonly #target: string;
  /** Package -> its release in the target's image, and in those of the others. */
  readonly #here = new Map<string, Release>();
  readonly #elsewhere = new Map<string, Release>();

  /** @param holds the model of the best plan */
  constructor(encoding: Encoding, target: string, holds: (literal: Literal) => boolean) {
    this.#encoding = encoding;
    this.#target = target;
    this.#best = needed(encoding, holds);
    for (const [met, index] of this.#best.packages) {
      const list = met.target === target ? this.#here : this.#elsewhere;
      list.set(met.found.name, met.found.releases[index]!);
    }
  }

  /**
   * All else is as in the best plan where it can be; null when it would be in vain.
   *
   * @param only the one release that there may be of a package; null when there may be any
   */
  guess(
    choice: Choice,
    provider: string,
    only: ((name: string) => Release | null) | null,
  ): Guess | null {
    const filled = new Map<string, string>();
    for (const [{ target, consumer, slot, providers }, literal] of this.#best.choices) {
      if (target !== this.#target) continue;
      const [name] = [...providers].find(([, one]) => one === literal)!;
      filled.set(keyOf(consumer, slot), name);
    }
    filled.set(keyOf(choice.consumer, choice.slot), provider);
    const releases = (found: SlicedPackage): readonly Release[] => {
      // A package has one version over all targets.
      const other = this.#elsewhere.get(found.name);
      if (other !== undefined) return [other];
      if (only !== null) return [only(found.name)].filter((one) => one !== null);
      const same = this.#here.get(found.name);
      return same === undefined ? found.releases : [same, ...found.releases];
    };
    const closures = this.#encoding.slice.closures(this.#target);
    const [guessed] = guess(this.#encoding.slice, [closures], {
      releases,
      provider: (consumer, slot) => filled.get(keyOf(consumer, slot)) ?? null,
    });
    const isOther = guessed!.fillings.some(
      (one) =>
        one.interface === choice.interface &&
        one.slot === choice.slot &&
        (choice.consumer === null || one.consumer === choice.consumer) &&
        one.provider === provider,
    );
    return isOther ? guessed! : null;
  }
}

function keyOf(consumer: string | null, slot: string): string {
  return `${consumer ?? ""}\n${slot}`;
}
