import type { Requirement } from "../model/manifest.ts";
import type { PackagePlace, Place } from "../model/place.ts";
import type { Problem, ProblemCode } from "../model/problem.ts";
import { circleSentence } from "./circle.ts";
import { Derivation, type End, type Required } from "./derivation.ts";
import type { Core } from "./explain.ts";
import { mismatchProblem } from "./mismatch.ts";
import { forbiddenEffects } from "./platform.ts";
import { inRange } from "./range.ts";
import type { Slice } from "./slice.ts";
import { providersFor } from "./supply.ts";
import { list, versions } from "./wording.ts";

/** A failure that has one kind of end has a code of its own. */
const codes: Readonly<Record<End["kind"], ProblemCode>> = {
  policy: "UP310",
  platform: "UP312",
  effect: "UP313",
  conflict: "UP315",
  yanked: "UP317",
  pin: "UP318",
  licence: "UP319",
  without: "UP301",
};

/**
 * Tells why there is no plan: the core as a derivation, under a headline and a code for what is in the way. Of a
 * supposition, the headline alone is the message: what cannot be is for the asker to say.
 */
export function tell(slice: Slice, core: Core): Problem {
  const derivation = new Derivation(slice, core);
  const mismatch = mismatchProblem(derivation);
  if (mismatch !== null) return mismatch;
  const ends = derivation.ends();
  const missing = missingProblems(derivation);
  const [only] = missing;
  if (ends.length === 0 && missing.length === 1 && only !== undefined && only.code !== "UP301") {
    return { ...only, details: derivation.told(only.message) };
  }
  const said = headline(derivation, ends, missing);
  const place = placeOf(derivation, ends);
  const subject = `no plan for ${slice.root} on ${list(slice.request.targets)}: `;
  return {
    code: codeOf(derivation, ends, missing),
    message: `${slice.request.suppose === undefined ? subject : ""}${said}`,
    ...(place === null ? {} : { place }),
    details: derivation.told(said),
    ...(missing.length === 0 ? hint(derivation, ends) : {}),
  };
}

function codeOf(
  derivation: Derivation,
  ends: readonly End[],
  missing: readonly Problem[],
): ProblemCode {
  if (derivation.circles.length > 0) return "UP316";
  const kinds = new Set(ends.map((end) => end.kind));
  const [kind] = kinds;
  return kind === undefined || kinds.size > 1 || missing.length > 0 ? "UP301" : codes[kind];
}

/** What the user should look at, when it is one thing. */
function placeOf(derivation: Derivation, ends: readonly End[]): Place | PackagePlace | null {
  const { slice } = derivation;
  const [end] = ends;
  if (end === undefined || ends.length > 1 || derivation.circles.length > 0) return null;
  if (end.kind === "policy") return slice.policies[end.policy]!.place;
  if (end.kind !== "effect") return null;
  for (const platform of slice.find(end.target)?.releases ?? []) {
    for (const release of derivation.allowed(end.package)) {
      const [use] = forbiddenEffects(platform, release);
      if (use === undefined) continue;
      const { name, version } = release.manifest;
      return name === slice.root ? use.place : { ...use.place, package: name, version };
    }
  }
  return null;
}

function headline(
  derivation: Derivation,
  ends: readonly End[],
  missing: readonly Problem[],
): string {
  const { slice, circles } = derivation;
  const [circle] = circles;
  if (circle !== undefined) return circleSentence(circle);
  const [end] = ends;
  if (ends.length + missing.length === 1 && end !== undefined) {
    return derivation.sentences(end)[0] ?? "";
  }
  if (ends.length === 0 && missing.length === 1) return missing[0]!.message;
  const scarce = scarceOf(derivation);
  if (scarce !== null && ends.length + missing.length > 0) {
    if (missing.length === 0 && ends.every((one) => one.kind === "platform")) {
      return `no provider of ${scarce.of} supports ${scarce.target}`;
    }
    if (missing.length === 0 && ends.every((one) => one.kind === "policy")) {
      return `the policies leave no provider of ${scarce.of}`;
    }
    return `no provider of ${scarce.of} can be used`;
  }
  const requirements = derivation.causes.filter((cause) => cause.kind === "requirement");
  if (slice.request.suppose !== undefined && requirements.length === 1) {
    return derivation.sentences(requirements[0]!)[0]!;
  }
  for (const cause of derivation.causes) {
    if (cause.kind === "one version") {
      return `no version of ${cause.package} suits all that require it`;
    }
    if (cause.kind === "one provider") {
      return `no provider of ${cause.interface} suits all that require it`;
    }
  }
  if (scarce !== null) return `no provider of ${scarce.of} can be used`;
  return end === undefined
    ? "its requirements contradict each other"
    : derivation.sentences(end)[0]!;
}

/** The first requirement of the derivation that has a choice of providers, none of which works. */
function scarceOf(derivation: Derivation): { of: string; target: string } | null {
  const { slice } = derivation;
  for (const cause of derivation.causes) {
    if (cause.kind !== "requirement") continue;
    for (const { release, requirement } of derivation.requirements(cause)) {
      if (!slice.wantsProvider(release, requirement)) continue;
      if (providersFor(slice, cause.consumer, requirement).length > 1) {
        return { of: requirement.of, target: cause.target };
      }
    }
  }
  return null;
}

function hint(derivation: Derivation, ends: readonly End[]): { hint?: string } {
  const { slice } = derivation;
  // What to leave out of the words is a repair.
  if (ends.some((end) => end.kind === "without")) return {};
  if (ends.length > 0 && ends.every((end) => end.kind === "platform")) {
    const wanted = derivation.causes.flatMap((cause) =>
      cause.kind === "requirement" ? derivation.requirements(cause) : [],
    );
    const last = wanted.findLast(({ release, requirement }) =>
      slice.wantsProvider(release, requirement),
    );
    if (last !== undefined) return elsewhere(slice, last.requirement);
  }
  const yanked = ends.find((end) => end.kind === "yanked");
  if (yanked !== undefined) {
    const rest = (slice.find(yanked.package)?.releases ?? []).filter((one) => !one.manifest.yanked);
    if (rest.length === 0) return {};
    const others = versions(rest.map((one) => one.manifest.version));
    return { hint: `use a range with a version that was not withdrawn: ${others}` };
  }
  const [step, ...more] = derivation.circles[0]?.steps ?? [];
  if (step !== undefined && more.length === 0) {
    return {
      hint: `require ${step.slot} under another slot name in ${step.consumer}, and have a second provider`,
    };
  }
  return {};
}

/** The targets on which an interface has providers. */
function elsewhere(slice: Slice, { of, range }: Requirement): { hint?: string } {
  const byTarget = new Map<string, Set<string>>();
  for (const { name, releases } of slice.providers(of)) {
    for (const { manifest } of releases) {
      if (!manifest.provides.some((one) => one.interface === of && inRange(one.version, range))) {
        continue;
      }
      for (const target of manifest.targets) {
        // It is what it needs that supports fewer.
        if (target === "*") continue;
        byTarget.set(target, (byTarget.get(target) ?? new Set()).add(name));
      }
    }
  }
  if (byTarget.size === 0) return {};
  const places = [...byTarget].sort(([a], [b]) => (a < b ? -1 : 1));
  const told = places.map(([target, names]) => `${target} (${list([...names].sort())})`);
  return { hint: `choose a target that has a provider of ${of}: ${list(told, "or")}` };
}

/** Requirements that nothing meets, whatever the version of their consumer. */
function missingProblems(derivation: Derivation): readonly Problem[] {
  const { slice, causes } = derivation;
  return causes.flatMap((cause) => {
    if (cause.kind !== "requirement") return [];
    const found = derivation.requirements(cause).map((one) => missingCode(slice, one));
    const code = found[0] ?? null;
    if (code === null || found.includes(null)) return [];
    const message = derivation.sentences(cause)[0]!;
    const deep = cause.consumer !== slice.root;
    const advice = `use another package than ${cause.consumer}, or ask its author for a repair`;
    return [{ code, message, ...(deep ? { hint: advice } : {}) }];
  });
}

function missingCode(slice: Slice, { release, requirement }: Required): ProblemCode | null {
  if (slice.find(requirement.of) === null) return "UP201";
  if (slice.suitable(release, requirement).length === 0) return "UP202";
  if (!slice.wantsProvider(release, requirement)) return null;
  const providers = providersFor(slice, release.manifest.name, requirement);
  return providers.length === 0 ? "UP301" : null;
}
