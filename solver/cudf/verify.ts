import { type AtomRange, atomText, type CudfDocument, keep, packageText } from "./document.ts";
import { installedStatus, Status } from "./status.ts";

/**
 * What is wrong with a set of packages as a solution of the document, in words, or null when it is one.
 * Follows the specification (CUDF 2.0, semantics: consistency, then the request) and libcudf's
 * `is_solution`; it has nothing in common with the encoding, so that the two check each other.
 */
export function breach(document: CudfDocument, packages: readonly number[]): string | null {
  const { universe, request } = document;
  const after = new Status(universe, packages);
  const before = installedStatus(universe);
  for (const index of packages) {
    const found = breachOfPackage(document, after, index);
    if (found !== null) return `${packageText(universe, index)} ${found}`;
  }
  for (const index of before.packages) {
    const found = breachOfKeep(document, after, index);
    if (found !== null) return `${packageText(universe, index)} ${found}`;
  }
  if (request === null) return null;
  for (const atom of [...atomsIn(request.install), ...atomsIn(request.upgrade)]) {
    if (!after.meets(atom)) return `${atomText(universe, atom)} is not installed`;
  }
  for (const atom of atomsIn(request.remove)) {
    if (after.meets(atom)) return `${atomText(universe, atom)} is not removed`;
  }
  for (const atom of atomsIn(request.upgrade)) {
    const name = universe.atoms.name[atom]!;
    const [version, ...others] = after.provisionsOf(name);
    if (version === null || version === undefined || others.length > 0) {
      return `${universe.names.text(name)} is not there in exactly one version`;
    }
    for (const old of before.provisionsOf(name)) {
      if (old === null || old > version) return `${universe.names.text(name)} is not upgraded`;
    }
  }
  return null;
}

function breachOfPackage(document: CudfDocument, after: Status, index: number): string | null {
  const { universe } = document;
  const { clauses } = universe;
  for (let clause = universe.dependsStart[index]!; clause < universe.dependsEnd[index]!; clause++) {
    const atoms = atomsIn({ start: clauses.start[clause]!, end: clauses.end[clause]! });
    if (!atoms.some((atom) => after.meets(atom))) {
      const wanted = atoms.map((atom) => atomText(universe, atom)).join(" | ");
      return `depends on ${wanted === "" ? "false!" : wanted}`;
    }
  }
  for (const atom of atomsIn({
    start: universe.conflictsStart[index]!,
    end: universe.conflictsEnd[index]!,
  })) {
    if (after.meets(atom, index)) return `conflicts with ${atomText(universe, atom)}`;
  }
  return null;
}

function breachOfKeep(document: CudfDocument, after: Status, index: number): string | null {
  const { universe } = document;
  switch (universe.keep[index]!) {
    case keep.none:
      return null;
    case keep.version:
      return after.packages.has(index) ? null : "must be kept";
    case keep.package:
      return after.versionsOf(universe.name[index]!).length > 0
        ? null
        : "must be kept in some version";
    case keep.feature: {
      const provided = atomsIn({
        start: universe.providesStart[index]!,
        end: universe.providesEnd[index]!,
      });
      const lost = provided.find((atom) => !after.meets(atom));
      return lost === undefined ? null : `provides ${atomText(universe, lost)}, which must be kept`;
    }
  }
}

function atomsIn({ start, end }: AtomRange): number[] {
  return Array.from({ length: end - start }, (_, offset) => start + offset);
}
