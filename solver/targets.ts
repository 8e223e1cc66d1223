import type { Universe } from "../model/release.ts";

/** Names of the target packages that a universe has, sorted. */
export function targetNames(universe: Universe): readonly string[] {
  if (universe.targets !== undefined) return universe.targets();
  return universe
    .names()
    .filter((name) => universe.releases(name)[0]?.manifest.kind === "target")
    .sort();
}
