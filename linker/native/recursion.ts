/** What the functions of a program call, as far as it is known before it runs. */
export interface Calls {
  /** Functions by index. */
  readonly direct: Set<number>;
  /** Numbers of the types that it calls through the table. */
  readonly indirect: Set<number>;
}

/**
 * Functions that may come to be called by themselves, directly or through others: those on circles of calls (Tarjan,
 * "Depth-first search and linear graph algorithms", 1972), without recursion of its own.
 *
 * @param inTable functions by the number of their type that calls through the table may lead to
 */
export function recursiveFunctions(
  calls: ReadonlyMap<number, Calls>,
  inTable: ReadonlyMap<number, readonly number[]>,
): ReadonlySet<number> {
  const calleesOf = (index: number): number[] => {
    const own = calls.get(index);
    if (own === undefined) return [];
    const indirect = [...own.indirect].flatMap((type) => inTable.get(type) ?? []);
    return [...own.direct, ...indirect].filter((callee) => calls.has(callee));
  };
  const found = new Set<number>();
  const order = new Map<number, number>();
  const lowest = new Map<number, number>();
  const open: number[] = [];
  const isOpen = new Set<number>();

  for (const root of calls.keys()) {
    if (order.has(root)) continue;
    const path: { index: number; callees: number[] }[] = [];
    const enter = (index: number) => {
      order.set(index, order.size);
      lowest.set(index, order.get(index)!);
      open.push(index);
      isOpen.add(index);
      path.push({ index, callees: calleesOf(index) });
    };
    enter(root);
    while (path.length > 0) {
      const { index, callees } = path.at(-1)!;
      const callee = callees.pop();
      if (callee === index) found.add(index);
      if (callee !== undefined) {
        if (!order.has(callee)) enter(callee);
        else if (isOpen.has(callee)) lower(lowest, index, order.get(callee)!);
        continue;
      }
      path.pop();
      const caller = path.at(-1);
      if (caller !== undefined) lower(lowest, caller.index, lowest.get(index)!);
      if (lowest.get(index) !== order.get(index)) continue;
      const circle = open.splice(open.indexOf(index));
      for (const member of circle) {
        isOpen.delete(member);
        if (circle.length > 1) found.add(member);
      }
    }
  }
  return found;
}

function lower(lowest: Map<number, number>, index: number, to: number): void {
  if (to < lowest.get(index)!) lowest.set(index, to);
}
