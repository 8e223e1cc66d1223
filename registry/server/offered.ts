import prerelease from "semver/functions/prerelease.js";
import rcompare from "semver/functions/rcompare.js";
import { isDemanded } from "../trust/trust-policy.ts";
import type { PackageState, VersionState } from "./package-state.ts";
import { policyOf } from "./scope-policy.ts";
import type { State } from "./state.ts";

/** Versions of a package that its organisation's policy does not offer yet (`require age`). */
export interface Waiting {
  readonly versions: ReadonlySet<VersionState>;
  /** Milliseconds that a version waits for. */
  readonly least: number;
}

/** Of packages that are offered whole. */
export const nothingWaits: Waiting = { versions: new Set(), least: 0 };

/** What is not offered yet. It is still given to those who ask for that very version: lockfiles go on to hold. */
export function waitingVersions(state: State, pack: PackageState, now: Date): Waiting {
  const age = policyOf(state, pack.name)?.age ?? null;
  if (!isDemanded(age, pack.name)) return nothingWaits;
  const { least } = age;
  // Times of the log are all written alike, so that they sort as texts.
  const limit = new Date(now.getTime() - least).toISOString();
  const versions = new Set<VersionState>();
  for (const version of pack.versions.values()) {
    if (version.published > limit && !version.unpublished) versions.add(version);
  }
  return versions.size === 0 ? nothingWaits : { versions, least };
}

/** When a version that waits is offered, ISO 8601. */
export function offeredFrom({ published }: VersionState, { least }: Waiting): string {
  return new Date(Date.parse(published) + least).toISOString();
}

/** Which versions wait, and for how long, in short; empty for none. */
export function markOf({ versions, least }: Waiting): string {
  if (versions.size === 0) return "";
  const words = [least, ...[...versions].map(({ seq }) => seq)];
  return `-${words.map((word) => word.toString(36)).join(".")}`;
}

/** The version that is meant when none is named; undefined when nothing is offered. */
export function newestOffered(pack: PackageState, waiting: Waiting): VersionState | undefined {
  const latest = pack.versions.get(pack.tags.get("latest") ?? "");
  if (latest !== undefined && isOffered(latest, waiting)) return latest;
  const offered = [...pack.versions.values()].filter((each) => isOffered(each, waiting));
  const rank = (each: VersionState) =>
    Number(each.yanked) * 2 + Number(prerelease(each.version) !== null);
  return offered.sort((a, b) => rank(a) - rank(b) || rcompare(a.version, b.version))[0];
}

function isOffered(each: VersionState, { versions }: Waiting): boolean {
  return !each.unpublished && (versions.size === 0 || !versions.has(each));
}

/** The dist-tags that name what is offered; `latest` goes back to what was the newest before. */
export function offeredTags(
  pack: PackageState,
  waiting: Waiting,
): Readonly<Record<string, string>> {
  const tags = [...pack.tags].flatMap(([tag, version]) => {
    const named = pack.versions.get(version);
    if (named === undefined || named.unpublished) return [];
    const offered = waiting.versions.has(named) ? undefined : named;
    const shown = tag === "latest" ? newestOffered(pack, waiting) : offered;
    return shown === undefined ? [] : [[tag, shown.version] as const];
  });
  return Object.fromEntries(tags);
}

/**
 * The revision of a document that leaves versions out: nobody may send it back, since what is missing in it would be
 * taken for what is to be taken away.
 */
export const partialRevision = "0-partial";
