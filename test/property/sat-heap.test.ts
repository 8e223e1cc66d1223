import fc from "fast-check";
import { expect, test } from "vitest";
import { type Clause, Sat } from "../../solver/sat.ts";
import { SatFailure, SatHeap } from "../../solver/sat-heap.ts";

const variables = 7;
const literal = fc
  .tuple(fc.integer({ min: 1, max: variables }), fc.boolean())
  .map(([variable, positive]) => (positive ? variable : -variable));
const clause = fc.array(literal, { minLength: 1, maxLength: 3 });
/** Which of three solvers gets a clause, or is asked. */
const step = fc.record({ solver: fc.nat(2), clause, asks: fc.boolean() });

test("solvers that share a heap answer as if each had its own", () => {
  const seen = { yes: 0, no: 0 };
  fc.assert(
    fc.property(fc.array(step, { minLength: 10, maxLength: 120 }), (steps) => {
      const heap = new SatHeap(64);
      const given: Clause[][] = [[], [], []];
      const sats = given.map(() => new Sat(heap));
      for (const sat of sats) sat.reserve(variables);
      for (const { solver, clause: next, asks } of steps) {
        const sat = sats[solver]!;
        if (!asks) {
          given[solver]!.push(next);
          sat.add(next);
          continue;
        }
        const wanted = next.slice(0, 2);
        const all = [...given[solver]!, ...wanted.map((one) => [one])];
        const possible = sat.solve(wanted);
        expect(possible).toBe(hasModel(all));
        if (possible) expect(all.every((one) => one.some(sat.holds))).toBe(true);
        seen[possible ? "yes" : "no"] += 1;
      }
    }),
    { numRuns: 80, seed: 1 },
  );
  expect(seen.yes).toBeGreaterThan(50);
  expect(seen.no).toBeGreaterThan(50);
});

test("a heap that is full ends all of its solvers", () => {
  const heap = new SatHeap(16);
  const small = new Sat(heap);
  small.add([1, 2]);
  expect(small.solve()).toBe(true);
  const large = new Sat(heap);
  const fill = () => {
    for (let first = 1; ; first++) large.add(Array.from({ length: 500 }, (_, at) => first + at));
  };
  expect(fill).toThrow(SatFailure);
  expect(() => small.add([-1])).toThrow(SatFailure);
  expect(() => small.solve()).toThrow(SatFailure);
  expect(() => new Sat(heap)).toThrow(SatFailure);
});

function hasModel(clauses: readonly Clause[]): boolean {
  for (let values = 0; values < 1 << variables; values++) {
    const holds = (one: number) => ((values >> (Math.abs(one) - 1)) & 1) === (one > 0 ? 1 : 0);
    if (clauses.every((each) => each.some(holds))) return true;
  }
  return false;
}
