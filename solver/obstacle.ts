import { formatPlace } from "../model/place.ts";
import type { Policy } from "../model/policy.ts";
import type { Release } from "../model/release.ts";
import type { Refusal } from "./judge.ts";
import { forbiddenEffects, isForbiddenLicence } from "./platform.ts";
import type { Objection } from "./policy.ts";
import type { Slice } from "./slice.ts";
import { effectVerb, list, ranged } from "./wording.ts";

/** What keeps releases out of an image, as the end of a sentence that begins with them: "supports" or "support", "only unix, not xen". */
export interface Obstacle {
  readonly kind: Refusal["kind"] | "effect" | "licence";
  readonly verb: Verb;
  readonly rest: string;
}

/** Of one release, and of several. */
type Verb = readonly [string, string];

const be: Verb = ["is", "are"];
const was: Verb = ["was", "were"];

/** What keeps a release out of every image for a target by itself; empty when nothing does. */
export function obstaclesOf(slice: Slice, target: string, release: Release): readonly Obstacle[] {
  const refusals = slice.refusals(target, release);
  const found = refusals.map((refusal) => refusalObstacle(slice, target, release, refusal));
  return found.length > 0 ? found : platformObstacles(slice, target, release);
}

export function refusalObstacle(
  slice: Slice,
  target: string,
  release: Release,
  refusal: Refusal,
): Obstacle {
  const { name, targets } = release.manifest;
  const { kind } = refusal;
  switch (kind) {
    case "without":
      return { kind, verb: be, rest: "ruled out by --without" };
    case "yanked":
      return { kind, verb: was, rest: "withdrawn by the author" };
    case "pin": {
      const { range, by } = slice.pins.get(name)!;
      const where = by === "command" ? "--pin" : slice.root;
      return { kind, verb: be, rest: `not in ${range}, which ${where} pins ${name} to` };
    }
    case "policy":
      return { kind, ...policyPhrase(refusal.policy, release, refusal.objection) };
    case "platform":
      return { kind, verb: ["supports", "support"], rest: `only ${list(targets)}, not ${target}` };
    case "signature": {
      const { interface: promised, version: claimed } = refusal.provision;
      return refusal.differences.length === 0
        ? {
            kind,
            verb: ["says", "say"],
            rest: `that it provides ${promised} ${claimed}, a version that does not exist`,
          }
        : {
            kind,
            verb: ["does", "do"],
            rest: `not match the interface ${promised} ${claimed} that it says it provides`,
          };
    }
  }
}

/** What the newest usable release of a target has against a release. */
export function platformObstacles(
  slice: Slice,
  target: string,
  release: Release,
): readonly Obstacle[] {
  const platforms = slice.find(target)?.releases ?? [];
  const platform = platforms.find((one) => slice.refusals(target, one).length === 0);
  if (platform === undefined || platform === release) return [];
  const effects = forbiddenEffects(platform, release).map(({ effect, function: by, place }) => {
    const [verb, what] = effectVerb(effect);
    const answer = effect.startsWith("host:") ? "does not offer" : "forbids";
    return {
      kind: "effect" as const,
      verb,
      rest: `${what} in ${by} (${formatPlace(place)}), which ${target} ${answer}`,
    };
  });
  if (!isForbiddenLicence(platform, release)) return effects;
  const allowed = platform.manifest.target?.licences ?? [];
  const rest = `${underLicence(release)}, and ${target} links only ${list(allowed)}`;
  return [...effects, { kind: "licence", verb: be, rest }];
}

function policyPhrase(
  policy: Policy,
  release: Release,
  { use }: Objection,
): { verb: Verb; rest: string } {
  const { rule } = policy;
  const said = `the policy \`${policy.text}\` (${formatPlace(policy.place)})`;
  if (use !== null) {
    const [verb, what] = effectVerb(use.effect);
    return {
      verb,
      rest: `${what} in ${use.function} (${formatPlace(use.place)}), which ${said} forbids`,
    };
  }
  switch (rule.kind) {
    case "scope":
      return { verb: be, rest: `not of ${list(rule.scopes, "or")}, and ${said} allows no other` };
    case "licences":
      return { verb: be, rest: `${underLicence(release)}, which ${said} does not allow` };
    case "deprecated":
      return { verb: be, rest: `deprecated, which ${said} forbids` };
    case "prereleases":
      return { verb: be, rest: `a prerelease, which ${said} forbids` };
    case "package":
    case "effect":
      return { verb: be, rest: `forbidden by ${said}` };
  }
}

function underLicence({ manifest }: Release): string {
  return manifest.license === "" ? "without a licence" : `under the licence ${manifest.license}`;
}

/** Releases as the subject of a sentence: `every version of tcpip`, `tcpip 1.1.0 and 1.0.0`; the app without its version. */
export function subject(
  slice: Slice,
  name: string,
  releases: readonly Release[],
): { readonly words: string; readonly isPlural: boolean } {
  if (name === slice.root) return { words: name, isPlural: false };
  const all = slice.find(name)?.releases.length ?? 0;
  if (releases.length > 1 && releases.length === all) {
    return { words: `every version of ${name}`, isPlural: false };
  }
  const found = list(
    releases.map((one) => one.manifest.version),
    "and",
    4,
  );
  return { words: ranged(name, found), isPlural: releases.length > 1 };
}

/** `sockets 1.0.0 supports only unix, not xen`. */
export function obstacleSentence(
  slice: Slice,
  name: string,
  releases: readonly Release[],
  { verb, rest }: Obstacle,
): string {
  const { words, isPlural } = subject(slice, name, releases);
  return `${words} ${verb[isPlural ? 1 : 0]} ${rest}`;
}
