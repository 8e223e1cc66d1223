import { knownTargets } from "../model/manifest.ts";
import type { Problem } from "../model/problem.ts";
import type { Universe } from "../model/release.ts";
import type { SolveRequest } from "../model/request.ts";
import { around, inRange, newestFirst } from "./range.ts";
import { nearest } from "./suggest.ts";
import { whatVersions } from "./supply.ts";
import { targetNames } from "./targets.ts";
import { list, ranged } from "./wording.ts";

/**
 * What is wrong with the request on its face, before any search: names and ranges that a user wrote and
 * that the universe does not have. All such problems at once; none when the search can begin.
 */
export function check(request: SolveRequest, universe: Universe): readonly Problem[] {
  const problems: Problem[] = [];
  for (const target of request.targets) {
    const problem = checkTarget(target, universe);
    if (problem !== null) problems.push(problem);
  }
  const root = request.root.manifest;
  for (const { of, range, optional, when } of root.requires) {
    const applies = request.targets.some((target) => when?.includes(target) ?? true);
    if (optional || !applies || of === root.name) continue;
    const problem =
      checkName(of, `${root.name} requires`, universe) ??
      checkRequired(of, root.name, universe) ??
      checkRange(of, range, `${root.name} requires`, universe);
    if (problem !== null) problems.push(problem);
  }
  for (const { name, range } of request.with) {
    const problem =
      checkName(name, "--with asks for", universe) ??
      checkLibrary(name, universe) ??
      checkRange(name, range, "--with asks for", universe);
    if (problem !== null) problems.push(problem);
  }
  const pins = Object.entries(root.pins ?? {}).map(([name, range]) => ({ name, range }));
  for (const [who, list] of [
    ["`pins` of package.json names", pins],
    ["--pin names", request.pins ?? []],
  ] as const) {
    for (const { name, range } of list) {
      const problem = checkName(name, who, universe) ?? checkRange(name, range, who, universe);
      if (problem !== null) problems.push(problem);
    }
  }
  const named: readonly (readonly [string, readonly string[]])[] = [
    ["--without rules out", request.without],
    ["--prefer names", request.prefer],
    ["--upgrade names", request.upgrade === "all" ? [] : request.upgrade],
  ];
  for (const [who, names] of named) {
    for (const name of names) {
      const problem = name === root.name ? null : checkName(name, who, universe);
      if (problem !== null) problems.push(problem);
    }
  }
  return unique(problems);
}

/** What is wrong with a target's name; null when there is a package of it. */
export function checkTarget(target: string, universe: Universe): Problem | null {
  const [release] = universe.releases(target);
  if (release?.manifest.kind === "target") return null;
  const present = targetNames(universe);
  const available =
    present.length === 0
      ? "no target package is at hand"
      : `targets at hand: ${list([...present].sort(), "and", 9)}`;
  if (release === undefined && (knownTargets as readonly string[]).includes(target)) {
    return {
      code: "UP206",
      message: `the target ${target} has no package yet`,
      details: [available],
    };
  }
  const message =
    release === undefined
      ? `there is no target called ${target}`
      : `${target} is not a target but ${kindWord(release.manifest.kind)}`;
  return {
    code: "UP205",
    message,
    details: [available],
    ...didYouMean(target, [...new Set([...present, ...knownTargets])].sort()),
  };
}

function checkName(name: string, who: string, universe: Universe): Problem | null {
  if (universe.releases(name).length > 0) return null;
  return {
    code: "UP201",
    message: `${who} ${name}, but there is no package of that name`,
    ...didYouMean(name, universe.names()),
  };
}

function checkRequired(name: string, consumer: string, universe: Universe): Problem | null {
  const kind = universe.releases(name)[0]?.manifest.kind;
  if (kind === "interface" || kind === "library" || kind === undefined) return null;
  return {
    code: "UP102",
    message: `${consumer} requires ${name}, which is ${kindWord(kind)} and not an interface or a library`,
    hint:
      kind === "target"
        ? `remove the requirement and use --target ${name}`
        : "remove the requirement",
  };
}

function checkLibrary(name: string, universe: Universe): Problem | null {
  const kind = universe.releases(name)[0]?.manifest.kind;
  if (kind === "library" || kind === undefined) return null;
  return {
    code: "UP702",
    message: `--with asks for ${name}, which is ${kindWord(kind)} and not a library`,
    hint:
      kind === "interface"
        ? `require it in package.json, or give a library that provides ${name}`
        : "give the name of a library",
  };
}

function checkRange(name: string, range: string, who: string, universe: Universe): Problem | null {
  const all = universe.releases(name).map((one) => one.manifest.version);
  if (all.some((version) => inRange(version, range))) return null;
  return noVersion(name, range, who, all);
}

/** UP202: `web requires tcp ^2.0.0, but tcp has only 1.1.0 and 1.0.0`. */
function noVersion(name: string, range: string, who: string, all: readonly string[]): Problem {
  const { above, below } = around(range, all);
  return {
    code: "UP202",
    message: `${who} ${ranged(name, range)}, but ${whatVersions(name, range, all)}`,
    hint: `use a range that has one of them, such as ^${above ?? below ?? [...all].sort(newestFirst)[0]}`,
  };
}

/** UP201's hint. */
function didYouMean(typed: string, names: readonly string[]): { hint?: string } {
  const close = nearest(typed, names);
  return close.length === 0 ? {} : { hint: `did you mean ${list(close, "or")}?` };
}

function kindWord(kind: string): string {
  return kind === "interface" || kind === "app" ? `an ${kind}` : `a ${kind}`;
}

function unique(problems: readonly Problem[]): readonly Problem[] {
  const seen = new Set<string>();
  return problems.filter(({ message }) => {
    if (seen.has(message)) return false;
    seen.add(message);
    return true;
  });
}
