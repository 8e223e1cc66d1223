// Random small universes: the same satisfiability and the same optimum as by trying all subsets. The long
// run is `CUDF_RUNS=10000 npx vitest run test/cudf/oracle.test.ts`.
import fc from "fast-check";
import { expect, test } from "vitest";
import { parseDocument } from "../../solver/cudf/parse.ts";
import {
  isBetter,
  type Outcome,
  type SearchOptions,
  type Solution,
} from "../../solver/cudf/search.ts";
import { breach } from "../../solver/cudf/verify.ts";
import {
  bestObjective,
  type Constraint,
  documentOf,
  isSolution,
  objectiveOf,
  type Package,
  type Problem,
  values,
} from "./oracle.ts";
import { solve as solveBytes } from "./solving.ts";

const runs = Number(process.env["CUDF_RUNS"] ?? 300);
const seed = Number(process.env["UNIPKG_SEED"] ?? 1);

const name = fc.constantFrom("a", "b", "c", "d", "f");
const version = fc.integer({ min: 1, max: 3 });
const constraint: fc.Arbitrary<Constraint> = fc.oneof(
  fc.tuple(name),
  fc.tuple(name, fc.constantFrom("=", "!=", ">=", ">", "<=", "<"), version),
);
const clause = fc.array(constraint, { minLength: 0, maxLength: 3 }).map((each) =>
  // An empty disjunction is false: rare, or nothing has a solution.
  each.length === 0 ? [["a"] as Constraint] : each,
);
const body = fc.record({
  depends: fc.oneof(
    { weight: 9, arbitrary: fc.array(clause, { maxLength: 2 }) },
    { weight: 1, arbitrary: fc.constant([[]]) },
  ),
  conflicts: fc.array(constraint, { maxLength: 1 }),
  selfConflict: fc.boolean(),
  provides: fc.array(
    fc.oneof(fc.tuple(name), fc.tuple(name, fc.constant("="), version)) as fc.Arbitrary<Constraint>,
    { maxLength: 2 },
  ),
  recommends: fc.array(clause, { maxLength: 2 }),
  installed: fc.boolean(),
  keep: fc.oneof(
    { weight: 8, arbitrary: fc.constant("none" as const) },
    { weight: 2, arbitrary: fc.constantFrom("version", "package", "feature") },
  ) as fc.Arbitrary<Package["keep"]>,
  size: fc.integer({ min: -1, max: 7 }),
});
const packages = fc
  .uniqueArray(fc.record({ name: fc.constantFrom("a", "b", "c", "d"), version }), {
    minLength: 1,
    maxLength: 8,
    selector: (each) => `${each.name} ${each.version}`,
  })
  .chain((identities) =>
    fc.array(body, { minLength: identities.length, maxLength: identities.length }).map((bodies) =>
      identities.map((identity, index): Package => {
        const { selfConflict, ...rest } = bodies[index]!;
        const own: Constraint[] = selfConflict ? [[identity.name]] : [];
        return { ...identity, ...rest, conflicts: [...rest.conflicts, ...own] };
      }),
    ),
  );
const problem: fc.Arbitrary<Problem> = fc.record({
  packages,
  install: fc.array(constraint, { maxLength: 2 }),
  remove: fc.array(constraint, { maxLength: 1 }),
  upgrade: fc.array(constraint, { maxLength: 1 }),
});
const criteria = fc
  .array(fc.tuple(fc.constantFrom("-", "-", "-", "+"), fc.constantFrom(...Object.keys(values))), {
    minLength: 1,
    maxLength: 3,
  })
  .map((each) => each.map((parts) => parts.join("")));

function solve(
  given: Problem,
  wanted: readonly string[],
  options: SearchOptions = {},
): { readonly outcome: Outcome; readonly chosen: readonly Package[] } {
  const bytes = new TextEncoder().encode(documentOf(given));
  const { outcome } = solveBytes(bytes, wanted.join(","), options);
  const indices = outcome.kind === "optimum" ? outcome.solution.packages : [];
  return { outcome, chosen: indices.map((index) => given.packages[index]!) };
}

test("search has the optimum of all subsets", () => {
  fc.assert(
    fc.property(problem, criteria, (given, wanted) => {
      const best = bestObjective(given, wanted);
      const { outcome, chosen } = solve(given, wanted);
      if (best === null) {
        expect(outcome.kind).toBe("unsatisfiable");
        return;
      }
      expect(outcome.kind).toBe("optimum");
      expect(isSolution(given, chosen)).toBe(true);
      expect(objectiveOf(given, wanted, chosen)).toEqual(best);
      expect(outcome.kind === "optimum" && outcome.solution.objective).toEqual(best);
    }),
    { numRuns: runs, seed },
  );
});

test("search has the same optimum for any order of the packages", () => {
  fc.assert(
    fc.property(problem, criteria, fc.infiniteStream(fc.nat()), (given, wanted, keys) => {
      const shuffled = given.packages
        .map((each) => ({ each, key: keys.next().value as number }))
        .sort((a, b) => a.key - b.key)
        .map(({ each }) => each);
      const first = solve(given, wanted).outcome;
      const second = solve({ ...given, packages: shuffled }, wanted).outcome;
      expect(second.kind).toBe(first.kind);
      if (first.kind !== "optimum" || second.kind !== "optimum") return;
      expect(second.solution.objective).toEqual(first.solution.objective);
    }),
    { numRuns: Math.ceil(runs / 4), seed },
  );
});

test("solutions on the way are valid, and each is better than the one before", () => {
  fc.assert(
    fc.property(problem, criteria, (given, wanted) => {
      const found: Solution[] = [];
      const { outcome } = solve(given, wanted, {
        better: (solution) => found.push(solution),
      });
      for (const [index, solution] of found.entries()) {
        const chosen = solution.packages.map((each) => given.packages[each]!);
        expect(isSolution(given, chosen)).toBe(true);
        expect(objectiveOf(given, wanted, chosen)).toEqual(solution.objective);
        if (index > 0) expect(isBetter(solution.objective, found[index - 1]!.objective)).toBe(true);
      }
      if (outcome.kind === "optimum") {
        expect(found.at(-1)?.objective).toEqual(outcome.solution.objective);
      }
    }),
    { numRuns: Math.ceil(runs / 4), seed },
  );
});

test("breach agrees with the specification on every subset", () => {
  fc.assert(
    fc.property(problem, fc.nat(), (given, bits) => {
      const read = parseDocument(new TextEncoder().encode(documentOf(given)));
      if (!read.ok) throw new Error(read.fault.message);
      const indices = given.packages.flatMap((_, index) =>
        ((bits >> index) & 1) === 1 ? [index] : [],
      );
      const chosen = indices.map((index) => given.packages[index]!);
      expect(breach(read.document, indices) === null).toBe(isSolution(given, chosen));
    }),
    { numRuns: runs, seed },
  );
});
