import fc from "fast-check";
import { expect, test } from "vitest";
import { recursiveFunctions } from "../../linker/native/recursion.ts";

/** By Warshall's closure: whether a way of calls leads from a function to itself. */
function oracle(count: number, edges: readonly (readonly [number, number])[]): number[] {
  const leads = Array.from({ length: count }, () => new Array<boolean>(count).fill(false));
  for (const [from, to] of edges) leads[from]![to] = true;
  for (let via = 0; via < count; via++) {
    for (const row of leads) {
      if (row[via]) for (let to = 0; to < count; to++) row[to] ||= leads[via]![to]!;
    }
  }
  return leads.flatMap((row, index) => (row[index] ? [index] : []));
}

test("functions on circles of calls are those that come to call themselves", () => {
  const graph = fc
    .integer({ min: 1, max: 12 })
    .chain((count) =>
      fc.tuple(
        fc.constant(count),
        fc.array(fc.tuple(fc.nat(count - 1), fc.nat(count - 1)), { maxLength: 30 }),
      ),
    );
  fc.assert(
    fc.property(graph, ([count, edges]) => {
      const calls = new Map(
        Array.from({ length: count }, (_, index) => [
          index,
          { direct: new Set<number>(), indirect: new Set<number>() },
        ]),
      );
      for (const [from, to] of edges) calls.get(from)!.direct.add(to);
      const found = [...recursiveFunctions(calls, new Map())].sort((a, b) => a - b);
      expect(found).toEqual(oracle(count, edges));
    }),
    { seed: 6, numRuns: 500 },
  );
});

test("calls through the table lead to all functions of their type; those of the host to none", () => {
  const calls = new Map([
    [5, { direct: new Set([0, 6]), indirect: new Set<number>() }],
    [6, { direct: new Set<number>(), indirect: new Set([2]) }],
    [7, { direct: new Set([5]), indirect: new Set<number>() }],
    [8, { direct: new Set([7]), indirect: new Set([3]) }],
  ]);
  const inTable = new Map([[2, [7]]]);
  expect([...recursiveFunctions(calls, inTable)].sort()).toEqual([5, 6, 7]);
});
