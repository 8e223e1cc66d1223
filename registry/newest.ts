import rcompare from "semver/functions/rcompare.js";
import satisfies from "semver/functions/satisfies.js";

/** The newest version in the range; the newest of all when none is, so that the solver tells of it, and not extraction. */
export function newestIn<T extends { readonly manifest: { readonly version: string } }>(
  candidates: readonly T[],
  range: string,
): T | undefined {
  const sorted = [...candidates].sort((a, b) => rcompare(a.manifest.version, b.manifest.version));
  return sorted.find(({ manifest }) => satisfies(manifest.version, range)) ?? sorted[0];
}
