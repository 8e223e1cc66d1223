import type { Criterion } from "./criteria.ts";
import type { CudfDocument } from "./document.ts";
import { keep } from "./document.ts";
import type { Providers } from "./providers.ts";
import { inScope } from "./scope.ts";

/**
 * The packages that can be in a solution worth having: what the request, the installed packages and the
 * criteria ask for, and whatever those can need. The others are left out: that breaks no dependency and
 * no wish. Numbers of packages, ascending.
 */
export function reachable(
  document: CudfDocument,
  providers: Providers,
  criteria: readonly Criterion[],
): readonly number[] {
  const { universe, request } = document;
  const { name, clauses } = universe;
  const inSlice = new Uint8Array(name.length);
  const found: number[] = [];
  const reach = (index: number) => {
    if (inSlice[index] === 1) return;
    inSlice[index] = 1;
    found.push(index);
  };
  const reachAtoms = (start: number, end: number) => {
    for (let atom = start; atom < end; atom++) providers.candidates(atom).forEach(reach);
  };

  if (request !== null) {
    reachAtoms(request.install.start, request.install.end);
    reachAtoms(request.upgrade.start, request.upgrade.end);
  }
  for (let index = 0; index < name.length; index++) {
    if (universe.installed[index] !== true) continue;
    // Another version of an installed name keeps the name from being removed.
    providers.packagesOf(name[index]!).forEach(reach);
    if (universe.keep[index] !== keep.feature) continue;
    reachAtoms(universe.providesStart[index]!, universe.providesEnd[index]!);
  }
  rewarded(document, providers, criteria).forEach(reach);

  const wantsLatest = criteria.some(({ parts }) =>
    parts.some(({ measure }) => measure.kind === "notuptodate"),
  );
  const recommendations = criteria.flatMap(({ parts }) =>
    parts.flatMap(({ measure }) => {
      const property =
        measure.kind === "unsatisfied" ? universe.properties.get(measure.property) : undefined;
      return property?.kind === "formula" ? [property] : [];
    }),
  );
  const reachClauses = (start: number, end: number) => {
    for (let clause = start; clause < end; clause++) {
      reachAtoms(clauses.start[clause]!, clauses.end[clause]!);
    }
  };
  // `found` grows while it is gone through.
  for (let next = 0; next < found.length; next++) {
    const index = found[next]!;
    reachClauses(universe.dependsStart[index]!, universe.dependsEnd[index]!);
    for (const property of recommendations) {
      const { start, end } = property.values.get(index) ?? property.fallback;
      reachClauses(start, end);
    }
    if (wantsLatest) reach(latestOf(document, providers, name[index]!));
  }
  return found.sort((a, b) => a - b);
}

/** The package of a name that has the highest version. */
export function latestOf(document: CudfDocument, providers: Providers, name: number): number {
  const { version } = document.universe;
  return providers
    .packagesOf(name)
    .reduce((latest, index) => (version[index]! > version[latest]! ? index : latest));
}

/** Packages that are worth having for their own sake, because a level asks for much of something. */
function rewarded(
  document: CudfDocument,
  providers: Providers,
  criteria: readonly Criterion[],
): readonly number[] {
  const { universe } = document;
  const found: number[] = [];
  for (const { measure, weight } of criteria.flatMap(({ parts }) => parts)) {
    const property = measure.kind === "sum" ? universe.properties.get(measure.property) : undefined;
    if (measure.kind !== "sum" && weight > 0) continue;
    if (measure.kind === "sum" && property?.kind !== "number") continue;
    const worth = (index: number): boolean =>
      property?.kind !== "number" || (property.values.get(index) ?? property.fallback) * weight < 0;
    const scope = "scope" in measure ? measure.scope : "solution";
    const member = inScope(document, providers, scope);
    for (let index = 0; index < universe.name.length; index++) {
      if (worth(index) && member(index) === "present") found.push(index);
    }
  }
  return found;
}
