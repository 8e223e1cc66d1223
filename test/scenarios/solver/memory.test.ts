// MiniSat whose memory is full: the search begins again in a larger heap, and when there is none, that is the answer.
import { afterEach, expect, test, vi } from "vitest";
import type { MiniSatInstance } from "../../../solver/minisat.ts";
import { solve } from "../../../solver/solve.ts";
import { MemoryUniverse, releasesOf } from "./compact.ts";
import { readScenario, requestFor } from "./scenario.ts";

/** Heaps of fewer MiB than this are full after a few clauses, as MiniSat's are: it throws a text, and answers wrongly from then on. */
const memory = vi.hoisted(() => ({ needed: 0, tried: new Set<number>() }));

vi.mock("../../../solver/minisat.ts", async (original) => {
  const { createMiniSat } = await original<typeof import("../../../solver/minisat.ts")>();
  return {
    createMiniSat: (): MiniSatInstance => {
      const { TOTAL_MEMORY = 64 * 2 ** 20 } = {} as { TOTAL_MEMORY?: number };
      const heap = TOTAL_MEMORY / 2 ** 20;
      memory.tried.add(heap);
      const instance = createMiniSat();
      if (heap >= memory.needed) return instance;
      let left = 10;
      const full = () => {
        throw "abort() at Error";
      };
      const add = instance._addClause;
      instance._addClause = (pointer) => (left-- > 0 ? add(pointer) : full());
      return instance;
    },
  };
});

afterEach(() => {
  memory.needed = 0;
  memory.tried.clear();
});

function answer(file: string) {
  const scenario = readScenario(file);
  return solve(requestFor(scenario), new MemoryUniverse(releasesOf(scenario.packages)));
}

test.each(["two-targets.json", "version-clash.json"])("%s in a larger heap", (file) => {
  const usual = answer(file);
  expect([...memory.tried]).toEqual([64]);
  memory.tried.clear();
  memory.needed = 512;
  expect(answer(file)).toEqual(usual);
  expect([...memory.tried]).toEqual([64, 512]);
});

test("no heap is large enough", () => {
  memory.needed = Number.POSITIVE_INFINITY;
  expect(answer("two-targets.json")).toMatchObject({
    ok: false,
    problems: [
      {
        code: "UP305",
        message: "the solver ran out of memory: 7 packages are in reach",
        hint: "narrow the ranges of the app's requirements, or solve for one target at a time",
      },
    ],
  });
  expect([...memory.tried]).toEqual([64, 512, 2000]);
});
