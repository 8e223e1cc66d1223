import { type Binding, type Plan, packageOf } from "../model/plan.ts";

/**
 * How the image comes to a package: for each instance of it the shortest chain of filled slots from the
 * app, the target or a package of `--with`, whose last binding leads to the instance. For an interface,
 * the chains to its providers. Sorted by the instance they lead to. Empty when the package is not in the plan or nobody leads to it:
 * the app, the target and what `--with` alone asks for.
 */
export function why(plan: Plan, packageName: string): readonly (readonly Binding[])[] {
  const chains = shortestChains(plan);
  const ends = new Map<string, readonly Binding[]>();
  for (const binding of plan.bindings) {
    const leads = packageOf(binding.provider) === packageName || binding.interface === packageName;
    if (!leads) continue;
    const chain = chains.get(binding.provider);
    if (chain !== undefined) ends.set(binding.provider, chain);
  }
  return [...ends.keys()].sort().map((instance) => ends.get(instance)!);
}

/** Instance -> the shortest chain to it, the first by consumer and slot among equals. */
function shortestChains(plan: Plan): ReadonlyMap<string, readonly Binding[]> {
  const provided = new Set(plan.bindings.map((binding) => binding.provider));
  const consumers = plan.bindings.map((binding) => binding.consumer);
  const starts = new Set(consumers.filter((consumer) => !provided.has(consumer)));
  const chains = new Map<string, readonly Binding[]>();
  let reached = new Map<string, readonly Binding[]>([...starts].sort().map((one) => [one, []]));
  // The app comes first: its chains are what people ask for.
  if (starts.has(plan.root)) reached = new Map([[plan.root, []], ...reached]);
  while (reached.size > 0) {
    const next = new Map<string, readonly Binding[]>();
    for (const [instance, chain] of reached) chains.set(instance, chain);
    for (const [instance, chain] of reached) {
      for (const binding of plan.bindings) {
        if (binding.consumer !== instance) continue;
        if (chains.has(binding.provider) || next.has(binding.provider)) continue;
        next.set(binding.provider, [...chain, binding]);
      }
    }
    reached = next;
  }
  return chains;
}
