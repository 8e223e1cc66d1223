/**
 * Strongly connected components of a graph: the largest sets of nodes of which each can be reached from each
 * (R. Tarjan, SIAM Journal on Computing 1(2), 1972), without recursion, as chains of packages may be long.
 *
 * @param next node, from 0 on -> nodes that it leads to
 */
export function components(next: readonly (readonly number[])[]): readonly (readonly number[])[] {
  const found: number[][] = [];
  /** How many nodes were come to before, from 1 on; 0 for those that were not. */
  const order = new Uint32Array(next.length);
  /** The earliest open node that a node leads to, by its order. */
  const low = new Uint32Array(next.length);
  const isOpen = new Uint8Array(next.length);
  /** How many of the nodes that a node leads to were looked at. */
  const done = new Uint32Array(next.length);
  const open: number[] = [];
  const path: number[] = [];
  let count = 0;
  const enter = (node: number) => {
    count += 1;
    order[node] = count;
    low[node] = count;
    isOpen[node] = 1;
    open.push(node);
    path.push(node);
  };

  for (let start = 0; start < next.length; start++) {
    if (order[start] !== 0) continue;
    enter(start);
    for (let node = path.at(-1); node !== undefined; node = path.at(-1)) {
      const other = next[node]![done[node]!];
      if (other !== undefined) {
        done[node]! += 1;
        if (order[other] === 0) enter(other);
        else if (isOpen[other] === 1) low[node] = Math.min(low[node]!, order[other]!);
        continue;
      }
      path.pop();
      const before = path.at(-1);
      if (before !== undefined) low[before] = Math.min(low[before]!, low[node]!);
      if (low[node] !== order[node]) continue;
      const component = open.splice(open.lastIndexOf(node));
      for (const one of component) isOpen[one] = 0;
      found.push(component);
    }
  }
  return found;
}
