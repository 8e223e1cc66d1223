import type { Requirement } from "../model/manifest.ts";
import type { Release } from "../model/release.ts";
import { missing } from "./judge.ts";
import { around, inRange, newestFirst } from "./range.ts";
import { type Slice, within } from "./slice.ts";
import { list, versions } from "./wording.ts";

/** The number of providers that are named one by one. */
const providersNamed = 4;

/** The number of versions that are named one by one. */
const versionsNamed = 4;

/** Names of packages that provide an interface in the range, whether or not they can be used. */
export function providersFor(
  slice: Slice,
  consumer: string,
  { of, range, slot }: Requirement,
): readonly string[] {
  return slice
    .providers(of)
    .filter(({ name, releases }) => {
      if (slot !== of && name === consumer) return false;
      return releases.some(({ manifest }) =>
        manifest.provides.some((one) => one.interface === of && inRange(one.version, range)),
      );
    })
    .map((one) => one.name);
}

/** What there is to meet a requirement: the rest of the sentence `web requires tcp ^1`. */
export function whatThereIs(slice: Slice, release: Release, requirement: Requirement): string {
  const { of, range } = requirement;
  const required = slice.find(of);
  if (required === null) return ", but there is no package of that name";
  if (required.kind === "target" || required.kind === "app") return `, which is a ${required.kind}`;
  const inside = within(required, range).map((one) => one.manifest.version);
  if (inside.length === 0) {
    const all = required.releases.map((one) => one.manifest.version);
    return `, but ${whatVersions(of, range, all)}`;
  }
  if (slice.suitable(release, requirement).length === 0) {
    const [newest] = within(required, range);
    const lacking = missing(newest!, release.uses[requirement.slot] ?? []);
    return `, and uses ${list(lacking)}, which ${of} ${versions(inside)} does not have`;
  }
  if (!slice.wantsProvider(release, requirement)) return "";
  const providers = providersFor(slice, release.manifest.name, requirement);
  if (providers.length > providersNamed) return `, which ${providers.length} packages provide`;
  if (providers.length > 1) return `, which ${list(providers)} provide`;
  if (providers.length === 1) return `, which only ${providers[0]} provides`;
  const others = slice
    .providers(of)
    .flatMap(({ name, releases }) =>
      releases
        .slice(0, 1)
        .flatMap(({ manifest }) =>
          manifest.provides
            .filter((one) => one.interface === of)
            .map((one) => `${name} provides ${one.version}`),
        ),
    );
  return others.length === 0
    ? ", which no package provides"
    : `, which no package provides in that range (${list(others)})`;
}

/** The versions of a package that has none in a range: all when they are few, or those next to the range. */
export function whatVersions(name: string, range: string, all: readonly string[]): string {
  const sorted = [...all].sort(newestFirst);
  const { below, above } = around(range, all);
  if (all.length <= versionsNamed) return `${name} has only ${versions(sorted)}`;
  if (below !== null && above !== null) return `${name} has nothing between ${below} and ${above}`;
  if (above !== null) return `${name} has no version older than ${above}`;
  return `the newest version of ${name} is ${sorted[0]}`;
}
