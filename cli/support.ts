import { formatPlace } from "../model/place.ts";
import type { Release } from "../model/release.ts";

/**
 * Why a package cannot be in an image for a target, as far as it alone is concerned; null when it can. The
 * solver decides by more than that: what it requires must be there, too.
 */
export function obstacleOn(
  { manifest, effects }: Pick<Release, "manifest" | "effects">,
  target: Release,
): string | null {
  const { name } = target.manifest;
  if (!manifest.targets.includes("*") && !manifest.targets.includes(name)) {
    return `no: made for ${manifest.targets.join(", ")}`;
  }
  const block = target.manifest.target;
  for (const { effect, place } of effects) {
    const isMissing =
      effect.startsWith("host:") && block?.host.includes(effect.slice("host:".length)) !== true;
    if (isMissing || block?.forbids.includes(effect) === true) {
      return `no: ${effect} at ${formatPlace(place)}, which ${name} ${isMissing ? "does not offer" : "forbids"}`;
    }
  }
  return null;
}
