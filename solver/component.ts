/**
 * Strongly connected components of a graph: the largest sets of nodes of which each can be reached from each
 * (R. Tarjan, SIAM Journal on Computing 1(2), 1972), without recursion, as chains of packages may be long.
 */
export function components(
  nodes: Iterable<string>,
  next: (node: string) => Iterable<string>,
): readonly (readonly string[])[] {
  const found: string[][] = [];
  const visits = new Map<string, Visit>();
  const open: Visit[] = [];
  const path: Visit[] = [];
  const enter = (node: string) => {
    const order = visits.size;
    const rest = next(node)[Symbol.iterator]();
    const visit = { node, order, low: order, isOpen: true, rest };
    visits.set(node, visit);
    open.push(visit);
    path.push(visit);
  };
  const lower = (visit: Visit, to: number) => {
    if (to < visit.low) visit.low = to;
  };

  for (const start of nodes) {
    if (visits.has(start)) continue;
    enter(start);
    for (let here = path.at(-1); here !== undefined; here = path.at(-1)) {
      const step = here.rest.next();
      if (step.done !== true) {
        const known = visits.get(step.value);
        if (known === undefined) enter(step.value);
        else if (known.isOpen) lower(here, known.order);
        continue;
      }
      path.pop();
      const before = path.at(-1);
      if (before !== undefined) lower(before, here.low);
      if (here.low !== here.order) continue;
      const component = open.splice(open.lastIndexOf(here));
      for (const one of component) one.isOpen = false;
      found.push(component.map((one) => one.node));
    }
  }
  return found;
}

/** A node that was come to. */
interface Visit {
  readonly node: string;
  /** How many were come to before. */
  readonly order: number;
  /** The earliest open node that it leads to. */
  low: number;
  isOpen: boolean;
  readonly rest: Iterator<string>;
}
