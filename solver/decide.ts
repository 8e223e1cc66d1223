import { type Choice, choiceKey } from "./choice.ts";
import type { Encoding } from "./encode.ts";
import type { Levelled } from "./levelled.ts";
import { OtherFillings } from "./other-fillings.ts";
import { usable } from "./prefer.ts";
import type { Literal } from "./sat.ts";

/**
 * Remembers, for each choice and provider, the latest level at which a model had it: that many levels did not
 * decide against it. What the search meets anyway need not be asked again.
 */
export class Sightings {
  readonly #encoding: Encoding;
  readonly #latest = new Map<Literal, number>();

  constructor(encoding: Encoding) {
    this.#encoding = encoding;
  }

  note(depth: number, holds: (literal: Literal) => boolean, targets: readonly string[]): void {
    for (const target of targets) {
      for (const { filled, providers } of this.#encoding.choicesOn(target)) {
        if (!holds(filled)) continue;
        for (const chosen of providers.values()) {
          if (holds(chosen)) this.#latest.set(chosen, depth);
        }
      }
    }
  }

  /** The latest level at which one of these was met; -1 when none was. */
  latest(literals: readonly Literal[]): number {
    return Math.max(-1, ...literals.map((literal) => this.#latest.get(literal) ?? -1));
  }
}

interface OpenChoice {
  readonly choice: Choice;
  readonly others: readonly Literal[];
  /** How many levels are known to allow one of them; -1 for none. */
  readonly latest: number;
}

/**
 * For each choice that the last model fills on a target: after how many levels no plan as good so far, and alike on the other targets,
 * fills it otherwise; 0 when the rules alone leave one provider. Finds all with few questions: it asks for a model in which any of them
 * differs, and drops those that do. The last level comes first: what is possible after a level is possible after those before it, and
 * need not be asked there.
 */
export class Decisions {
  readonly #levelled: Levelled;
  readonly #target: string;
  readonly #fillings: OtherFillings;
  readonly #decided: Map<Choice, number>;
  /** Those that nothing as good as this so far fills otherwise. */
  #same: readonly OpenChoice[];
  /** The level to be asked next. */
  #depth: number;

  constructor(levelled: Levelled, encoding: Encoding, sightings: Sightings, target: string) {
    this.#levelled = levelled;
    this.#target = target;
    this.#fillings = new OtherFillings(encoding, target, levelled.holds);
    this.#same = encoding.choices().flatMap((choice) => {
      if (choice.target !== target || !levelled.holds(choice.filled)) return [];
      const chosen = [...choice.providers].find(([, literal]) => levelled.holds(literal))?.[0];
      if (chosen === undefined) return [];
      const others = usable(encoding.slice, choice).flatMap((name) => {
        const literal = name === chosen ? undefined : choice.providers.get(name);
        return literal === undefined ? [] : [literal];
      });
      return [{ choice, others, latest: sightings.latest(others) }];
    });
    // The last level leaves one.
    const last = levelled.opened.length;
    this.#decided = new Map(this.#same.map(({ choice }) => [choice, last]));
    this.#depth = last - 1;
  }

  /** Takes over what is known from a problem that has the same plans after so many levels. */
  take(others: ReadonlyMap<Choice, number>, depth: number): void {
    const known = new Map([...others].map(([choice, decided]) => [keyOf(choice), decided]));
    for (const choice of this.#decided.keys()) this.#decided.set(choice, known.get(keyOf(choice))!);
    this.#same = this.#same.filter(({ choice }) => this.#decided.get(choice) === depth);
    this.#depth = depth - 1;
  }

  /** With the levels down to this one asked. */
  from(depth: number): ReadonlyMap<Choice, number> {
    for (; this.#depth >= depth; this.#depth--) {
      if (this.#levelled.isIdle(this.#depth)) continue;
      this.#ask(this.#depth);
      for (const { choice } of this.#same) this.#decided.set(choice, this.#depth);
    }
    return this.#decided;
  }

  #ask(depth: number): void {
    this.#same = this.#same.filter(({ latest }) => latest < depth);
    if (depth <= this.#levelled.apart) this.#tryGuesses(depth);
    for (;;) {
      const others = this.#same.flatMap((one) => one.others);
      if (others.length === 0) break;
      const earlier = this.#levelled.earlier(this.#target, depth);
      if (!earlier.possible(depth, others)) break;
      this.#drop(earlier.holds);
    }
  }

  /** What is rightly guessed need not be searched for. */
  #tryGuesses(depth: number): void {
    const levelled = this.#levelled;
    const isNewest = depth === levelled.apart;
    const only = isNewest ? (name: string) => levelled.candidate(this.#target, name) : null;
    for (const one of this.#same) {
      for (const [name, literal] of one.choice.providers) {
        if (!one.others.includes(literal) || !this.#same.includes(one)) continue;
        const guess = this.#fillings.guess(one.choice, name, only);
        const earlier = levelled.earlier(this.#target, depth);
        if (guess !== null && earlier.suits(depth, [guess])) this.#drop(earlier.holds);
      }
    }
  }

  #drop(holds: (literal: Literal) => boolean): void {
    this.#same = this.#same.filter((one) => !one.others.some(holds));
  }
}

function keyOf({ target, interface: of, consumer, slot }: Choice): string {
  return choiceKey(target, of, consumer, slot);
}
