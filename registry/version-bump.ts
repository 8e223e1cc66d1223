import parse from "semver/functions/parse.js";
import rcompare from "semver/functions/rcompare.js";
import { accepts } from "../model/accepts.ts";
import type { Problem } from "../model/problem.ts";
import type { Release } from "../model/release.ts";
import type { Signature } from "../model/signature.ts";

/** How much a version changes for those who use the package. */
export type ChangeSize = "none" | "addition" | "breaking";

export interface ReleaseChange {
  readonly size: ChangeSize;
  /** In words, the breaking ones first. */
  readonly breaking: readonly string[];
  readonly added: readonly string[];
  /** What is worth knowing, but breaks nobody's program: effects, requirements. */
  readonly others: readonly string[];
}

/** What differs between two releases of a package, as far as others can see it. */
export function changeBetween(before: Release, after: Release): ReleaseChange {
  const breaking: string[] = [];
  const added: string[] = [];
  const others: string[] = [];
  const compare = (of: string, was: Signature | null, is: Signature | null) => {
    const label = of === "" ? "" : `${of}: `;
    if (was === null || is === null) {
      if (was !== null) breaking.push(`${label}the module is gone`);
      else if (is !== null) added.push(`${label}a module`);
      return;
    }
    for (const { item, message } of accepts(was, is)) breaking.push(`${label}${item}: ${message}`);
    for (const item of namesIn(is)) {
      if (!namesIn(was).has(item)) added.push(`${label}${item} is new`);
    }
  };
  compare("", before.signature, after.signature);
  for (const { interface: name, version } of before.manifest.provides) {
    const now = after.manifest.provides.find((each) => each.interface === name);
    if (now === undefined) breaking.push(`it does not provide ${name} any more`);
    else if (now.version !== version) others.push(`provides ${name} ${version} -> ${now.version}`);
  }
  for (const { interface: name, version } of after.manifest.provides) {
    if (!before.manifest.provides.some((each) => each.interface === name)) {
      added.push(`it provides ${name} ${version}`);
    }
  }
  const isFor = (targets: readonly string[], target: string) =>
    targets.includes("*") || targets.includes(target);
  for (const target of before.manifest.targets) {
    if (!isFor(after.manifest.targets, target)) breaking.push(`it is not for ${target} any more`);
  }
  for (const target of after.manifest.targets) {
    if (!isFor(before.manifest.targets, target)) added.push(`it is for ${target}`);
  }
  others.push(...requirementChanges(before, after), ...effectChanges(before, after));
  const size = breaking.length > 0 ? "breaking" : added.length > 0 ? "addition" : "none";
  return { size, breaking, added, others };
}

/**
 * What is wrong with a new version's number beside the last one before it (UP810), by the rule of Elm's packages: what
 * breaks others takes a new major number (a new minor one below 1.0.0), what adds something a new minor one.
 */
export function bumpProblem(before: Release, after: Release): Problem | null {
  const change = changeBetween(before, after);
  const [was, is] = [parse(before.manifest.version)!, parse(after.manifest.version)!];
  const isMajor = is.major > was.major || (was.major === 0 && is.minor > was.minor);
  const isMinor = isMajor || is.minor > was.minor || was.major === 0;
  const fits = change.size === "breaking" ? isMajor : change.size === "addition" ? isMinor : true;
  if (fits || is.prerelease.length > 0) return null;
  const least =
    change.size === "breaking"
      ? was.major === 0
        ? `0.${was.minor + 1}.0`
        : `${was.major + 1}.0.0`
      : `${was.major}.${was.minor + 1}.0`;
  return {
    code: "UP810",
    message: `${after.manifest.name}@${after.manifest.version} ${change.size === "breaking" ? "breaks what" : "adds to what"} ${before.manifest.version} exported`,
    details: change.size === "breaking" ? change.breaking : change.added,
    hint: `make it ${least}`,
  };
}

/** The release that a new version follows: the newest one below it. */
export function predecessor<T extends { readonly version: string }>(
  all: readonly T[],
  version: string,
): T | undefined {
  return [...all]
    .filter((each) => rcompare(each.version, version) > 0)
    .sort((a, b) => rcompare(a.version, b.version))[0];
}

function namesIn({ exports }: Signature): ReadonlySet<string> {
  const names = Object.entries(exports).flatMap(([name, item]) => [
    name,
    ...("members" in item ? Object.keys(item.members).map((member) => `${name}#${member}`) : []),
  ]);
  return new Set(names);
}

function requirementChanges(before: Release, after: Release): string[] {
  const table = ({ manifest }: Release) =>
    new Map(
      manifest.requires.map(({ slot, of, range }) => [
        slot,
        slot === of ? range : `${of} ${range}`,
      ]),
    );
  const [was, is] = [table(before), table(after)];
  return [...new Set([...was.keys(), ...is.keys()])].sort().flatMap((slot) => {
    const [from, to] = [was.get(slot), is.get(slot)];
    if (from === to) return [];
    if (from === undefined) return [`requires ${slot} ${to}`];
    return to === undefined ? [`requires ${slot} no more`] : [`requires ${slot} ${from} -> ${to}`];
  });
}

function effectChanges(before: Release, after: Release): string[] {
  const had = before.effects.map(({ effect }) => effect);
  const has = after.effects.map(({ effect }) => effect);
  return [
    ...after.effects
      .filter(({ effect }) => !had.includes(effect))
      .map(
        (use) =>
          `new effect ${use.effect}, by ${use.function} (${use.place.file}:${use.place.line})`,
      ),
    ...had.filter((effect) => !has.includes(effect)).map((effect) => `effect ${effect} is gone`),
  ];
}
