import type { Choice } from "./choice.ts";
import type { Sat } from "./sat.ts";

/** Package that fills a choice in the last model; null when nobody needs it filled. */
export function providerIn(sat: Sat, choice: Choice): string | null {
  for (const [name, chosen] of choice.providers) if (sat.holds(chosen)) return name;
  return null;
}

/**
 * Those of the open choices that no model fills otherwise than the present one does. Finds all with few
 * questions: it asks for a model in which any of them differs, and drops those that do.
 */
export function decided(sat: Sat, open: readonly Choice[]): readonly Choice[] {
  sat.solve();
  let same = open.flatMap((choice) => {
    const provider = providerIn(sat, choice);
    if (provider === null) return [];
    const others = [...choice.providers].filter(([name]) => name !== provider);
    return [{ choice, others: others.map(([, chosen]) => chosen) }];
  });
  while (same.length > 0) {
    const differs = sat.variable();
    sat.add([-differs, ...same.flatMap((one) => one.others)]);
    const satisfiable = sat.solve([differs]);
    sat.add([-differs]);
    if (!satisfiable) break;
    same = same.filter((one) => !one.others.some(sat.holds));
  }
  return same.map((one) => one.choice);
}
