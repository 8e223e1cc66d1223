import type { Plan } from "../model/plan.ts";
import type { Universe } from "../model/release.ts";
import type { SolveRequest } from "../model/request.ts";
import { inquire, versionIn, type WhyNot } from "./inquiry.ts";
import { isPrerelease, newestFirst } from "./range.ts";

/** A locked package of which a newer version is known, or whose version was withdrawn. */
export interface Outdated {
  readonly name: string;
  readonly target: string;
  readonly locked: string;
  /** What an upgrade of all locked packages takes, the same providers kept where they fit; null when it is not needed any more then. */
  readonly allowed: string | null;
  /** The newest version that is not withdrawn, and no prerelease unless the locked one is. */
  readonly newest: string;
  /** Why the newest is not allowed; null when it is. */
  readonly whyNot: WhyNot | null;
  /** The locked version was withdrawn by its author. */
  readonly yanked: boolean;
}

/** Locked packages that are behind, sorted by name, then target; null when an upgrade has no plan. */
export function outdated(
  request: SolveRequest,
  universe: Universe,
  locked: readonly Plan[],
): readonly Outdated[] | null {
  const names = locked.flatMap(({ root, packages }) =>
    packages.map((one) => one.name).filter((name) => name !== root),
  );
  const known = [...new Set(names)].filter((name) => universe.releases(name).length > 0);
  const upgraded: SolveRequest = { ...request, upgrade: known.sort() };
  return inquire(upgraded, universe, (inquiry) => {
    const found = locked.flatMap(({ target, root, packages }) =>
      packages.flatMap(({ name, version }): readonly Outdated[] => {
        if (name === root || !request.targets.includes(target)) return [];
        const releases = universe.releases(name).map((one) => one.manifest);
        const yanked = releases.some((one) => one.version === version && one.yanked);
        const newest = newestOf(releases, version);
        const allowed = versionIn(inquiry.plans, target, name);
        const isBehind = newestFirst(newest, version) < 0;
        if (!isBehind && !yanked && (allowed === version || allowed === null)) return [];
        const whyNot =
          newest === allowed ? null : inquiry.whyNot(target, { name, range: newest }, false);
        return [{ name, target, locked: version, allowed, newest, whyNot, yanked }];
      }),
    );
    return found.sort((a, b) =>
      a.name < b.name || (a.name === b.name && a.target < b.target) ? -1 : 1,
    );
  });
}

function newestOf(
  releases: readonly { readonly version: string; readonly yanked: boolean }[],
  locked: string,
): string {
  const usable = releases
    .filter((one) => !one.yanked && (isPrerelease(locked) || !isPrerelease(one.version)))
    .map((one) => one.version);
  return [...usable, ...(usable.length === 0 ? [locked] : [])].sort(newestFirst)[0]!;
}
