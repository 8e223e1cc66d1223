import type { Universe } from "./document.ts";

/** What solvers write when there is no solution: opam, apt-cudf and the Mancoosi tools look for it. */
export const failure = "FAIL\n";

/**
 * A solution as a CUDF document: the packages that are installed in it, in the order of the universe.
 * Other properties are left out, as aspcud does; readers know them from the universe.
 */
export function solutionText(universe: Universe, packages: readonly number[]): string {
  const stanzas = packages.map(
    (index) =>
      `package: ${universe.names.text(universe.name[index]!)}\nversion: ${universe.version[index]}\ninstalled: true\n`,
  );
  return ["preamble: \n", ...stanzas].join("\n");
}
