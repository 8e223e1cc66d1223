import type { Release, Universe } from "../model/release.ts";

/** Target packages that the universe has, the newest version of each, sorted by name. */
export function targetsAtHand(universe: Universe): Release[] {
  return universe
    .names()
    .flatMap((name) => universe.releases(name).slice(0, 1))
    .filter((release) => release.manifest.kind === "target");
}
