import { expect, test } from "vitest";
import { makeCatalog, universeOf } from "../../bench/typed-catalog.mjs";
import type { Sizes } from "../../solver/problem.ts";
import { solve } from "../../solver/solve.ts";

/** More in a long run, as in solver.test.ts. */
const cases = Math.ceil(Number(process.env["UNIPKG_CASES"] ?? 200) / 50);
const seed = Number(process.env["UNIPKG_SEED"] ?? 1);
/** Of the larger ones, targets share packages at older versions that only some of them looked at. */
const sizesOfCatalogs = [250, 250, 250, 1_000];
const whole: Sizes = { encodedAtOnce: Number.POSITIVE_INFINITY, searchedTogether: 0 };
const together: Sizes = { ...whole, searchedTogether: Number.POSITIVE_INFINITY };
const explored: Sizes = { encodedAtOnce: 0, searchedTogether: 0 };

// Too large for the oracle: the ways to search are compared with each other.
test(`a catalog has the same answer however much of it is encoded (${cases} catalogs)`, {
  timeout: 3_600_000,
}, () => {
  let locked = 0;
  for (let number = 0; number < cases; number++) {
    const { releases, request } = makeCatalog(
      sizesOfCatalogs[number % sizesOfCatalogs.length]!,
      "plain",
      seed * 1000 + number,
    );
    const universe = universeOf(releases);
    const answer = solve(request, universe, { sizes: whole });
    expect(solve(request, universe, { sizes: explored })).toEqual(answer);
    expect(solve(request, universe, { sizes: together })).toEqual(answer);
    // The catalog as it was a while ago, for a lock.
    const known = releases.filter(
      ({ manifest: { kind, version } }, index) =>
        kind !== "library" || version === "1.0.0" || index % 3 !== 1,
    );
    const before = solve(request, universeOf(known));
    if (!before.ok) continue;
    locked += 1;
    const again = { ...request, locked: before.plans };
    expect(solve(again, universe, { sizes: explored })).toEqual(
      solve(again, universe, { sizes: whole }),
    );
  }
  expect(locked).toBeGreaterThan(cases / 4);
});
