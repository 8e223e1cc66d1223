import { licenceAllowed } from "../model/licence.ts";
import type { Release } from "../model/release.ts";

/** Effects of a release that a target's release forbids or has no host module for. */
export function forbiddenEffects(platform: Release, release: Release): Release["effects"] {
  const block = platform.manifest.target;
  if (block === undefined || release.effects.length === 0) return [];
  if (release.manifest.kind === "interface") return [];
  return release.effects.filter(({ effect }) => {
    if (block.forbids.includes(effect)) return true;
    return effect.startsWith("host:") && !block.host.includes(effect.slice("host:".length));
  });
}

/** Whether a target's release links nothing under the licence of this one. */
export function isForbiddenLicence(platform: Release, release: Release): boolean {
  const licences = platform.manifest.target?.licences;
  const { kind, license } = release.manifest;
  if (licences === undefined || (kind !== "library" && kind !== "app")) return false;
  return !licenceAllowed(license, licences);
}
