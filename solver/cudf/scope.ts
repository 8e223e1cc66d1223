import type { Scope } from "./criteria.ts";
import type { AtomRange, CudfDocument } from "./document.ts";
import type { Providers } from "./providers.ts";

/** When a package counts: in the solution, not in it, when nothing of its name is in it, or never. */
export type Membership = "present" | "absent" | "gone" | null;

/** Tells for each package when it is a member of the scope. */
export function inScope(
  document: CudfDocument,
  providers: Providers,
  scope: Scope,
): (index: number) => Membership {
  const { universe, request } = document;
  const { name, version, installed } = universe;
  const presentIf = (condition: boolean): Membership => (condition ? "present" : null);
  const meets = (...parts: ("install" | "upgrade")[]) => {
    const members = new Set<number>();
    for (const part of parts) {
      for (const atom of atomsOf(request?.[part])) {
        for (const index of providers.candidates(atom)) members.add(index);
      }
    }
    return (index: number) => presentIf(members.has(index));
  };
  switch (scope) {
    case "solution":
      return () => "present";
    case "changed":
      return (index) => (installed[index] === true ? "absent" : "present");
    case "arriving":
      return (index) => presentIf(installed[index] !== true);
    case "removed":
      return (index) => (installed[index] === true ? "gone" : null);
    case "new": {
      const before = installedVersions(document);
      return (index) => presentIf(!before.has(name[index]!));
    }
    case "up":
    case "down": {
      const before = installedVersions(document);
      return (index) => {
        const versions = before.get(name[index]!);
        if (versions === undefined) return null;
        return presentIf(
          scope === "up"
            ? version[index]! > Math.max(...versions)
            : version[index]! < Math.min(...versions),
        );
      };
    }
    case "installrequest":
      return meets("install");
    case "upgraderequest":
      return meets("upgrade");
    case "request":
      return meets("install", "upgrade");
    case "named": {
      const named = new Set<number>();
      for (const part of [request?.install, request?.remove, request?.upgrade]) {
        for (const atom of atomsOf(part)) named.add(universe.atoms.name[atom]!);
      }
      return (index) => presentIf(named.has(name[index]!));
    }
  }
}

/** The versions that were installed of each name that had any. */
export function installedVersions(document: CudfDocument): ReadonlyMap<number, readonly number[]> {
  const { name, version, installed } = document.universe;
  const versions = new Map<number, number[]>();
  for (let index = 0; index < name.length; index++) {
    if (installed[index] !== true) continue;
    const known = versions.get(name[index]!);
    if (known === undefined) versions.set(name[index]!, [version[index]!]);
    else known.push(version[index]!);
  }
  return versions;
}

/** The numbers of the atoms of a range; none of an absent one. */
export function* atomsOf(range: AtomRange | undefined): Iterable<number> {
  if (range === undefined) return;
  for (let atom = range.start; atom < range.end; atom++) yield atom;
}
