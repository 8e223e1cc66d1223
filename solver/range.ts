import SemverRange from "semver/classes/range.js";
import SemverVersion from "semver/classes/semver.js";
import outside from "semver/ranges/outside.js";

const ranges = new Map<
  string,
  { readonly range: SemverRange; readonly has: Map<string, boolean> }
>();
const versions = new Map<string, SemverVersion>();

/**
 * Whether a version is in a range, as npm has it: a prerelease is in a range only when the range names a
 * prerelease of the same version. A range that is not valid has no versions.
 */
export function inRange(version: string, range: string): boolean {
  let known = ranges.get(range);
  if (known === undefined) {
    known = { range: parseRange(range), has: new Map() };
    ranges.set(range, known);
  }
  let has = known.has.get(version);
  if (has === undefined) {
    has = known.range.test(parseVersion(version));
    known.has.set(version, has);
  }
  return has;
}

/** The versions next to a range that has none of them: the newest below all of it, the oldest above; null where there is none. */
export function around(
  range: string,
  versions: readonly string[],
): { readonly below: string | null; readonly above: string | null } {
  const sorted = [...versions].sort(newestFirst);
  const parsed = parseRange(range);
  return {
    below: sorted.find((version) => outside(parseVersion(version), parsed, "<")) ?? null,
    above: sorted.findLast((version) => outside(parseVersion(version), parsed, ">")) ?? null,
  };
}

/** Order for sorting: newest first. */
export function newestFirst(a: string, b: string): number {
  return parseVersion(b).compare(parseVersion(a));
}

/** `2.0.0-beta.1`. */
export function isPrerelease(version: string): boolean {
  return version.includes("-") && parseVersion(version).prerelease.length > 0;
}

function parseRange(range: string): SemverRange {
  try {
    return new SemverRange(range);
  } catch {
    return new SemverRange("<0.0.0-0");
  }
}

function parseVersion(version: string): SemverVersion {
  let known = versions.get(version);
  if (known === undefined) {
    known = new SemverVersion(version);
    versions.set(version, known);
  }
  return known;
}
