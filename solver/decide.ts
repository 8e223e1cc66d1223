import type { Choice } from "./choice.ts";
import type { Levelled } from "./levelled.ts";
import type { Literal } from "./sat.ts";

/**
 * Remembers, for each choice and provider, the latest level at which a model had it: that many levels did not
 * decide against it. What the search meets anyway need not be asked again.
 */
export class Sightings {
  readonly #choices: readonly Choice[];
  readonly #latest = new Map<Literal, number>();

  constructor(choices: readonly Choice[]) {
    this.#choices = choices;
  }

  note(depth: number, holds: (literal: Literal) => boolean): void {
    for (const { providers } of this.#choices) {
      for (const chosen of providers.values()) {
        if (holds(chosen)) this.#latest.set(chosen, depth);
      }
    }
  }

  /** The latest level at which one of these was met; -1 when none was. */
  latest(literals: readonly Literal[]): number {
    return Math.max(-1, ...literals.map((literal) => this.#latest.get(literal) ?? -1));
  }
}

/**
 * For each choice that the last model fills: after how many levels no plan as good so far fills it otherwise;
 * 0 when the rules alone leave one provider. Finds all with few questions: it asks for a model in which any of them
 * differs, and drops those that do.
 */
export function decidedAt(
  levelled: Levelled,
  choices: readonly Choice[],
  sightings: Sightings,
): ReadonlyMap<Choice, number> {
  let open = choices.flatMap((choice) => {
    const all = [...choice.providers.values()];
    const others = all.filter((chosen) => !levelled.holds(chosen));
    if (others.length === all.length) return [];
    return [{ choice, others, latest: sightings.latest(others) }];
  });
  const decided = new Map<Choice, number>();
  for (let depth = 0; depth <= levelled.depth; depth++) {
    let same = open.filter((one) => one.latest < depth);
    while (same.length > 0) {
      const others = same.flatMap((one) => one.others);
      if (others.length === 0) break;
      const earlier = levelled.earlier();
      if (!earlier.possible(depth, [], others)) break;
      same = same.filter((one) => !one.others.some(earlier.holds));
    }
    for (const { choice } of same) decided.set(choice, depth);
    open = open.filter(({ choice }) => !decided.has(choice));
  }
  return decided;
}
