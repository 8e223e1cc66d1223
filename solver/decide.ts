import type { Choice } from "./choice.ts";
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

/**
 * For each choice that the last model fills: after how many levels no plan as good so far, and alike on the other targets, fills it otherwise;
 * 0 when the rules alone leave one provider. Finds all with few questions: it asks for a model in which any of them
 * differs, and drops those that do.
 */
export function decidedAt(
  levelled: Levelled,
  encoding: Encoding,
  sightings: Sightings,
): ReadonlyMap<Choice, number> {
  const open = encoding.choices().flatMap((choice) => {
    const chosen = [...choice.providers].find(([, literal]) => levelled.holds(literal))?.[0];
    if (chosen === undefined) return [];
    const others = usable(encoding.slice, choice)
      .filter((name) => name !== chosen)
      .map((name) => choice.providers.get(name)!);
    return [{ choice, others, latest: sightings.latest(others) }];
  });
  const last = levelled.opened.length;
  // The last level leaves one.
  const decided = new Map(open.map(({ choice }) => [choice, last]));
  for (const target of encoding.targets) {
    const fillings = new OtherFillings(encoding, target, levelled.holds);
    let same: readonly OpenChoice[] = open.filter(({ choice }) => choice.target === target);
    // What is possible after a level is possible after those before it: it need not be asked there.
    for (let depth = last - 1; depth >= 0; depth--) {
      if (levelled.isIdle(depth)) continue;
      const asked = same.filter(({ latest }) => latest < depth);
      same = allDecided(levelled, target, depth, asked, fillings);
      for (const { choice } of same) decided.set(choice, depth);
    }
  }
  return decided;
}

interface OpenChoice {
  readonly choice: Choice;
  readonly others: readonly Literal[];
  /** How many levels are known to allow one of them; -1 for none. */
  readonly latest: number;
}

/** Those that no plan as good so far fills otherwise. */
function allDecided(
  levelled: Levelled,
  target: string,
  depth: number,
  choices: readonly OpenChoice[],
  fillings: OtherFillings,
): readonly OpenChoice[] {
  let same = choices;
  const drop = (holds: (literal: Literal) => boolean) => {
    same = same.filter((one) => !one.others.some(holds));
  };
  if (depth <= levelled.apart) {
    // What is rightly guessed need not be searched for.
    const isNewest = depth === levelled.apart;
    const only = isNewest ? (name: string) => levelled.candidate(target, name) : null;
    for (const { choice, others } of choices) {
      for (const [name, literal] of choice.providers) {
        if (!others.includes(literal) || !same.some((one) => one.choice === choice)) continue;
        const guess = fillings.guess(choice, name, only);
        const earlier = levelled.earlier(target, depth);
        if (guess !== null && earlier.suits(depth, [guess])) drop(earlier.holds);
      }
    }
  }
  for (;;) {
    const others = same.flatMap((one) => one.others);
    if (others.length === 0) break;
    const earlier = levelled.earlier(target, depth);
    if (!earlier.possible(depth, others)) break;
    drop(earlier.holds);
  }
  return same;
}
