import { components } from "./component.ts";
import type { Slice } from "./slice.ts";

/**
 * The groups of more than one package, or of one that can need itself: strongly connected components of the
 * graph of who may need whom, on whatever target and whatever is chosen. A shared or own slot is a node between consumer and providers.
 */
export function circularGroups(slice: Slice): ReadonlyMap<string, number> {
  const names = [...slice.packages.keys()];
  const next = graphOf(slice, names);
  const groups = new Map<string, number>();
  for (const [index, component] of components(next).entries()) {
    const [only] = component;
    const alone = component.length === 1 && !next[only!]!.includes(only!);
    if (alone) continue;
    for (const node of component) if (node < names.length) groups.set(names[node]!, index);
  }
  // In the slice's order, so that of several circles the one nearest to the root is found first.
  return new Map(
    names.flatMap((name) => {
      const group = groups.get(name);
      return group === undefined ? [] : [[name, group] as const];
    }),
  );
}

/** Node -> nodes that it leads to: packages by their numbers, then a slot for each package that is an interface. */
function graphOf(slice: Slice, names: readonly string[]): readonly (readonly number[])[] {
  const packages = [...slice.packages.values()];
  const numbers = new Map(names.map((name, number) => [name, number]));
  const next: number[][] = Array.from({ length: names.length * 2 }, () => []);
  /** Node -> the last one that was found to lead to it. */
  const from = new Int32Array(names.length * 2).fill(-1);
  const lead = (node: number, to: number) => {
    if (from[to] === node) return;
    from[to] = node;
    next[node]!.push(to);
  };
  for (const [number, { releases, kind, name }] of packages.entries()) {
    for (const release of releases) {
      for (const requirement of release.manifest.requires) {
        const required = numbers.get(requirement.of);
        if (required === undefined) continue;
        const wantsProvider = kind !== "interface" && packages[required]!.kind === "interface";
        lead(number, wantsProvider ? names.length + required : required);
      }
    }
    if (kind !== "interface") continue;
    for (const provider of slice.providers(name)) {
      const filled = numbers.get(provider.name);
      if (filled !== undefined) lead(names.length + number, filled);
    }
  }
  return next;
}
