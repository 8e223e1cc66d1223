import { components } from "./component.ts";
import type { Slice } from "./slice.ts";

/**
 * The groups of more than one package, or of one that can need itself: strongly connected components of the
 * graph of who may need whom, on whatever target and whatever is chosen. A shared or own slot is a node between consumer and providers.
 */
export function circularGroups(slice: Slice): ReadonlyMap<string, number> {
  const slotOf = (interfaceName: string) => `slot ${interfaceName}`;
  const next = (node: string): Iterable<string> => {
    if (node.startsWith("slot ")) {
      return slice.providers(node.slice("slot ".length)).map((one) => one.name);
    }
    const nodes = new Set<string>();
    for (const release of slice.packages.get(node)?.releases ?? []) {
      for (const requirement of release.manifest.requires) {
        const { of } = requirement;
        nodes.add(slice.wantsProvider(release, requirement) ? slotOf(of) : of);
      }
    }
    return nodes;
  };
  const groups = new Map<string, number>();
  for (const [index, component] of components(slice.packages.keys(), next).entries()) {
    const packages = component.filter((node) => slice.packages.has(node));
    const [only] = component;
    const alone = component.length === 1 && ![...next(only!)].includes(only!);
    if (!alone) for (const name of packages) groups.set(name, index);
  }
  // In the slice's order, so that of several circles the one nearest to the root is found first.
  return new Map(
    [...slice.packages.keys()].flatMap((name) => {
      const group = groups.get(name);
      return group === undefined ? [] : [[name, group] as const];
    }),
  );
}
