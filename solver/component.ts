/**
 * Strongly connected components of a graph: the largest sets of nodes of which each can be reached from each
 * (R. Tarjan, SIAM Journal on Computing 1(2), 1972), without recursion, as chains of packages may be long.
 */
export function components(
  nodes: Iterable<string>,
  next: (node: string) => Iterable<string>,
): readonly (readonly string[])[] {
  const found: string[][] = [];
  const order = new Map<string, number>();
  /** The earliest open node that a node leads to. */
  const low = new Map<string, number>();
  const open: string[] = [];
  const isOpen = new Set<string>();
  const path: { readonly node: string; readonly rest: Iterator<string> }[] = [];
  const enter = (node: string) => {
    order.set(node, order.size);
    low.set(node, order.get(node)!);
    open.push(node);
    isOpen.add(node);
    path.push({ node, rest: next(node)[Symbol.iterator]() });
  };
  const lower = (node: string, to: number) => low.set(node, Math.min(low.get(node)!, to));

  for (const start of nodes) {
    if (order.has(start)) continue;
    enter(start);
    for (let here = path.at(-1); here !== undefined; here = path.at(-1)) {
      const { node, rest } = here;
      const step = rest.next();
      if (step.done !== true) {
        if (!order.has(step.value)) enter(step.value);
        else if (isOpen.has(step.value)) lower(node, order.get(step.value)!);
        continue;
      }
      path.pop();
      const before = path.at(-1);
      if (before !== undefined) lower(before.node, low.get(node)!);
      if (low.get(node) !== order.get(node)) continue;
      const component = open.splice(open.lastIndexOf(node));
      for (const one of component) isOpen.delete(one);
      found.push(component);
    }
  }
  return found;
}
