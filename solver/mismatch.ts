import type { Difference } from "../model/accepts.ts";
import { formatPlace } from "../model/place.ts";
import type { Problem } from "../model/problem.ts";
import type { Release } from "../model/release.ts";
import type { Cause } from "./clause.ts";
import type { Derivation } from "./derivation.ts";
import { offered } from "./judge.ts";
import { within } from "./slice.ts";

/** Differences of one provider that are shown; the rest are counted. */
const differencesShown = 5;

/**
 * UP403, when a core speaks of types: a provider that is not what it says, or that does not have what a consumer
 * uses. Both signatures and both places are shown, before the derivation. Null when it does not.
 */
export function mismatchProblem(derivation: Derivation): Problem | null {
  for (const cause of derivation.causes) {
    if (cause.kind === "signature") return brokenPromise(derivation, cause);
    if (cause.kind === "uses") return missedUse(derivation, cause);
  }
  return null;
}

/** A provider that does not keep its promise. */
function brokenPromise(
  derivation: Derivation,
  cause: Extract<Cause, { kind: "signature" }>,
): Problem {
  const message = derivation.sentences(cause)[0]!;
  const others = derivation.told(message);
  const [lie] = derivation.refusals(cause);
  if (lie?.refusal.kind !== "signature" || lie.refusal.differences.length === 0) {
    return { code: "UP403", message, details: others };
  }
  const { name, version } = lie.release.manifest;
  const { differences, provision } = lie.refusal;
  const { interface: promised, version: claimed } = provision;
  const place = differences.find((one) => one.provided !== null)?.provided?.place;
  return {
    code: "UP403",
    message,
    ...(place === undefined ? {} : { place: { ...place, package: name, version } }),
    details: [...differenceLines(differences, promised, claimed, lie.release), ...others],
    hint: `report it to the author of ${name}, or use another provider of ${promised}`,
  };
}

/** A provider that keeps its promise, but not to a consumer of another version of the interface. */
function missedUse(derivation: Derivation, cause: Extract<Cause, { kind: "uses" }>): Problem {
  const { slice } = derivation;
  const message = derivation.sentences(cause)[0]!;
  const others = derivation.told(message);
  for (const { release, requirement } of derivation.requirements(cause)) {
    const { of, range } = requirement;
    for (const candidate of slice.find(cause.provider)!.releases) {
      for (const version of within(slice.find(of)!, range)) {
        const provided = offered(candidate, of);
        const differences = slice.differences(version, provided, release.uses[cause.slot]);
        if (differences.length === 0) continue;
        const wanted = version.manifest.version;
        return {
          code: "UP403",
          message,
          details: [...differenceLines(differences, of, wanted, candidate), ...others],
          hint: `add a package that provides ${of} ${wanted}`,
        };
      }
    }
  }
  return { code: "UP403", message, details: others };
}

/** Each difference with both declarations and both places. */
export function differenceLines(
  differences: readonly Difference[],
  interfaceName: string,
  interfaceVersion: string,
  provider: Release,
): readonly string[] {
  const { name, version } = provider.manifest;
  const lines = differences.slice(0, differencesShown).flatMap((one) => {
    const said = [`${one.item}: ${one.message}`];
    if (one.required !== null) {
      const place = { ...one.required.place, package: interfaceName, version: interfaceVersion };
      said.push(`  interface ${one.required.text}  at ${formatPlace(place)}`);
    }
    if (one.provided !== null) {
      const place = { ...one.provided.place, package: name, version };
      said.push(`  provider  ${one.provided.text}  at ${formatPlace(place)}`);
    }
    return said;
  });
  const more = differences.length - differencesShown;
  return more > 0 ? [...lines, `and ${more} more`] : lines;
}
