import type { Choice } from "./choice.ts";
import type { Literal, Sat } from "./sat.ts";

/** Package that fills a choice in the last model; null when nobody needs it filled. */
function providerIn(sat: Sat, choice: Choice): string | null {
  for (const [name, chosen] of choice.providers) if (sat.holds(chosen)) return name;
  return null;
}

/**
 * Those of the open choices that are filled in the last model, and that no model fills otherwise. Finds
 * all with few questions: it asks for a model in which any of them differs, and drops those that do.
 */
export function decided(sat: Sat, open: readonly Choice[]): readonly Choice[] {
  let same = open.flatMap((choice) => {
    const provider = providerIn(sat, choice);
    if (provider === null) return [];
    const others = [...choice.providers].filter(([name]) => name !== provider);
    return [{ choice, others: others.map(([, chosen]) => chosen) }];
  });
  while (
    same.length > 0 &&
    holdsSome(
      sat,
      same.flatMap((one) => one.others),
    )
  ) {
    same = same.filter((one) => !one.others.some(sat.holds));
  }
  return same.map((one) => one.choice);
}

/** Choices that can be filled in one way only, whether or not the last model fills them. */
export function forced(sat: Sat, choices: readonly Choice[]): readonly Choice[] {
  const found: Choice[] = [];
  let open = choices;
  while (
    holdsSome(
      sat,
      open.flatMap((choice) => [...choice.providers.values()]),
    )
  ) {
    const filled = open.filter((choice) => providerIn(sat, choice) !== null);
    open = open.filter((choice) => !filled.includes(choice));
    found.push(...decided(sat, filled));
  }
  return found;
}

/** Looks for a model in which one of the literals holds. */
function holdsSome(sat: Sat, literals: readonly Literal[]): boolean {
  const selector = sat.variable();
  sat.add([-selector, ...literals]);
  const satisfiable = sat.solve([selector]);
  sat.add([-selector]);
  return satisfiable;
}
