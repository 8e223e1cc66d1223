import SemverRange from "semver/classes/range.js";
import compareVersions from "semver/functions/compare.js";

const parsed = new Map<string, SemverRange>();

/**
 * Whether a version is in a range, as npm has it: a prerelease is in a range only when the range names a
 * prerelease of the same version. A range that is not valid has no versions.
 */
export function inRange(version: string, range: string): boolean {
  let known = parsed.get(range);
  if (known === undefined) {
    try {
      known = new SemverRange(range);
    } catch {
      known = new SemverRange("<0.0.0-0");
    }
    parsed.set(range, known);
  }
  return known.test(version);
}

/** Order for sorting: newest first. */
export function newestFirst(a: string, b: string): number {
  return compareVersions(b, a);
}
