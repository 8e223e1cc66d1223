import type { Requirement } from "../model/manifest.ts";
import type { Release } from "../model/release.ts";
import { circleSentence } from "./circle.ts";
import type { Cause } from "./clause.ts";
import type { Derivation, RequirementCause } from "./derivation.ts";
import { obstacleSentence, platformObstacles, refusalObstacle, subject } from "./obstacle.ts";
import type { Step } from "./outline.ts";
import { providersFor, whatThereIs } from "./supply.ts";
import { ranged } from "./wording.ts";

/** Kinds of causes that speak of what others brought together. */
const concluding: ReadonlySet<Cause["kind"]> = new Set<Cause["kind"]>([
  "conflict",
  "one provider",
  "one version",
  "cycle",
]);

type Sentence = Pick<Step, "sentence" | "brings">;

/** A cause of a derivation as sentences; none for what goes without saying. */
export function stepsOf(derivation: Derivation, cause: Cause): readonly Step[] {
  const { root, suppose } = derivation.slice.request;
  const name = subjectOf(cause);
  const isGiven = name === root.manifest.name || name === suppose?.name;
  return sentencesOf(derivation, cause).map((one) => ({
    ...one,
    subject: isGiven ? null : name,
    target: "target" in cause ? cause.target : null,
    concludes: concluding.has(cause.kind),
  }));
}

function sentencesOf(derivation: Derivation, cause: Cause): readonly Sentence[] {
  const { slice } = derivation;
  const on = onTarget(derivation, cause);
  switch (cause.kind) {
    case "definition":
    case "support":
    // The question has said it.
    case "supposed":
      return [];
    case "requirement":
      return requirements(derivation, cause);
    case "provision": {
      const who = subject(slice, cause.package, derivation.allowed(cause.package));
      return bare(
        [`${who.words} ${who.isPlural ? "provide" : "provides"} ${cause.interface}`],
        cause.interface,
      );
    }
    case "one version": {
      const scope =
        slice.request.targets.length > 1 ? "all images of one solve have" : "an image has";
      return bare([`${scope} one version of ${cause.package}`]);
    }
    case "one provider":
      return bare([
        cause.consumer === null
          ? `one package provides ${cause.interface} for the whole image${on}`
          : `one package fills the slot ${cause.slot} of ${cause.consumer}${on}`,
      ]);
    case "without":
      // The user's own words need no versions.
      return bare([`--without rules out ${cause.package}`]);
    case "platform":
    case "pin":
    case "yanked":
    case "policy":
    case "signature":
      return bare(refusals(derivation, cause));
    case "effect":
    case "licence":
      return bare(platform(derivation, cause));
    case "uses":
      return bare([
        `${cause.provider} does not have all that ${cause.consumer} uses of ${cause.slot}${on}`,
      ]);
    case "conflict":
      return bare(conflicts(derivation, cause));
    case "with": {
      const { range } = slice.request.with.find((one) => one.name === cause.package)!;
      return bare([`--with asks for ${ranged(cause.package, range)}`], cause.package);
    }
    case "cycle":
      return bare(derivation.circles.map(circleSentence));
  }
}

/** Sentences that bring in one package or none. */
function bare(sentences: readonly string[], brought?: string): readonly Sentence[] {
  const brings = new Set(brought === undefined ? [] : [brought]);
  return sentences.map((sentence) => ({ sentence, brings }));
}

/** Which image a sentence is about, where there are several. */
function onTarget({ slice }: Derivation, cause: Cause): string {
  return "target" in cause && slice.request.targets.length > 1 ? ` on ${cause.target}` : "";
}

/** Releases that require the same are one sentence. */
function requirements(derivation: Derivation, cause: RequirementCause): readonly Sentence[] {
  const { slice } = derivation;
  const { consumer, slot } = cause;
  const byText = new Map<string, { releases: Release[]; requirement: Requirement }>();
  for (const { release, requirement } of derivation.requirements(cause)) {
    const key = ranged(requirement.of, requirement.range);
    const same = byText.get(key);
    if (same === undefined) byText.set(key, { releases: [release], requirement });
    else same.releases.push(release);
  }
  return [...byText].map(([wanted, { releases, requirement }]) => {
    const { words, isPlural } = subject(slice, consumer, releases);
    const forSlot = slot === requirement.of ? "" : ` for its slot ${slot}`;
    const rest = whatThereIs(slice, releases[0]!, requirement);
    const providers = slice.wantsProvider(releases[0]!, requirement)
      ? providersFor(slice, consumer, requirement)
      : [];
    return {
      sentence: `${words} ${isPlural ? "require" : "requires"} ${wanted}${forSlot}${onTarget(derivation, cause)}${rest}`,
      brings: new Set([requirement.of, ...providers]),
    };
  });
}

/** Releases that are kept out for the same reason are one sentence. */
function refusals(
  derivation: Derivation,
  cause: Cause & { readonly package: string },
): readonly string[] {
  const { slice } = derivation;
  const sentences = new Map<string, Release[]>();
  const told = derivation.refusals(cause).map(({ release, refusal, target }) => {
    const obstacle = refusalObstacle(slice, target, release, refusal);
    const alike = sentences.get(obstacle.rest) ?? [];
    sentences.set(obstacle.rest, alike);
    alike.push(release);
    return { obstacle, alike };
  });
  return [
    ...new Set(
      told.map(({ obstacle, alike }) => obstacleSentence(slice, cause.package, alike, obstacle)),
    ),
  ];
}

/** The newest version speaks for the rest: places differ from version to version. */
function platform(
  derivation: Derivation,
  cause: Extract<Cause, { kind: "effect" | "licence" }>,
): readonly string[] {
  for (const release of derivation.allowed(cause.package)) {
    const told = platformObstacles(derivation.slice, cause.target, release)
      .filter((one) => one.kind === cause.kind)
      .map((one) => obstacleSentence(derivation.slice, cause.package, [release], one));
    if (told.length > 0) return told;
  }
  return [];
}

function conflicts(
  derivation: Derivation,
  cause: Extract<Cause, { kind: "conflict" }>,
): readonly string[] {
  const byRange = new Map<string, Release[]>();
  for (const release of derivation.allowed(cause.package)) {
    const range = release.manifest.conflicts[cause.other];
    if (range === undefined) continue;
    byRange.set(range, [...(byRange.get(range) ?? []), release]);
  }
  return [...byRange].map(([range, releases]) => {
    const { words, isPlural } = subject(derivation.slice, cause.package, releases);
    return `${words} ${isPlural ? "conflict" : "conflicts"} with ${ranged(cause.other, range)}`;
  });
}

/** The package whose presence a cause supposes; null when it supposes none, or more than one. */
function subjectOf(cause: Cause): string | null {
  switch (cause.kind) {
    case "requirement":
      return cause.consumer;
    case "uses":
      return cause.provider;
    case "provision":
    case "platform":
    case "signature":
    case "effect":
    case "licence":
    case "policy":
    case "pin":
    case "yanked":
    case "without":
      return cause.package;
    case "definition":
    case "support":
    case "with":
    case "supposed":
    case "one version":
    case "one provider":
    case "conflict":
    case "cycle":
      return null;
  }
}
