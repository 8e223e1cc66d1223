import type { Manifest } from "../model/manifest.ts";
import type { Release, Universe } from "../model/release.ts";

/** Stands for all targets where targets are named. */
export const allTargets = "all";

/** Targets that `--target` names for an application: `all` is each that there is a package for, and that the application is for. */
export function namedTargets(
  words: readonly string[],
  { targets }: Manifest,
  universe: Universe,
): readonly string[] {
  if (!words.includes(allTargets)) return words;
  const isFor = (name: string) => targets.includes("*") || targets.includes(name);
  const known = targetsAtHand(universe).map(({ manifest }) => manifest.name);
  return [...new Set([...words.filter((word) => word !== allTargets), ...known.filter(isFor)])];
}

/** Target packages that the universe has, the newest version of each, sorted by name. */
export function targetsAtHand(universe: Universe): Release[] {
  return universe
    .names()
    .flatMap((name) => universe.releases(name).slice(0, 1))
    .filter((release) => release.manifest.kind === "target");
}
