// The CUDF specification once more, over plain objects and all subsets: slow, short, and with nothing
// in common with solver/cudf.

/** `[name]` or `[name, operator, version]`. */
export type Constraint = readonly [name: string, operator?: string, version?: number];

export interface Package {
  readonly name: string;
  readonly version: number;
  readonly depends: readonly (readonly Constraint[])[];
  readonly conflicts: readonly Constraint[];
  readonly provides: readonly Constraint[];
  readonly recommends: readonly (readonly Constraint[])[];
  readonly installed: boolean;
  readonly keep: "none" | "version" | "package" | "feature";
  readonly size: number;
}

export interface Problem {
  readonly packages: readonly Package[];
  readonly install: readonly Constraint[];
  readonly remove: readonly Constraint[];
  readonly upgrade: readonly Constraint[];
}

export function documentOf({ packages, install, remove, upgrade }: Problem): string {
  const constraint = (each: Constraint) => each.filter((part) => part !== undefined).join(" ");
  const list = (each: readonly Constraint[]) => each.map(constraint).join(", ");
  const formula = (each: readonly (readonly Constraint[])[]) =>
    each.some((clause) => clause.length === 0)
      ? "false!"
      : each.length === 0
        ? "true!"
        : each.map((clause) => clause.map(constraint).join(" | ")).join(", ");
  const stanzas = packages.map((each) =>
    [
      `package: ${each.name}`,
      `version: ${each.version}`,
      `depends: ${formula(each.depends)}`,
      `conflicts: ${list(each.conflicts)}`,
      `provides: ${list(each.provides)}`,
      `recommends: ${formula(each.recommends)}`,
      `installed: ${each.installed}`,
      `keep: ${each.keep}`,
      `size: ${each.size}`,
    ].join("\n"),
  );
  return [
    "preamble: \nproperty: size: int = [0], recommends: vpkgformula = [true!]",
    ...stanzas,
    `request: \ninstall: ${list(install)}\nremove: ${list(remove)}\nupgrade: ${list(upgrade)}\n`,
  ].join("\n\n");
}

/** Whether a version is one that a constraint admits; undefined is every version. */
function admits([, operator, bound]: Constraint, version: number | undefined): boolean {
  if (operator === undefined || bound === undefined || version === undefined) return true;
  switch (operator) {
    case "=":
      return version === bound;
    case "!=":
      return version !== bound;
    case ">=":
      return version >= bound;
    case ">":
      return version > bound;
    case "<=":
      return version <= bound;
    case "<":
      return version < bound;
  }
  throw new Error(operator);
}

function has(packages: readonly Package[], wanted: Constraint): boolean {
  return packages.some(
    (each) =>
      (each.name === wanted[0] && admits(wanted, each.version)) ||
      each.provides.some(([name, , version]) => name === wanted[0] && admits(wanted, version)),
  );
}

/** All versions in which a name is there. */
function versions(packages: readonly Package[], name: string): Set<number | undefined> {
  return new Set(
    packages.flatMap((each) => [
      ...(each.name === name ? [each.version] : []),
      ...each.provides.filter(([provided]) => provided === name).map(([, , version]) => version),
    ]),
  );
}

export function isSolution(problem: Problem, chosen: readonly Package[]): boolean {
  const before = problem.packages.filter((each) => each.installed);
  return (
    chosen.every(
      (each) =>
        each.depends.every((clause) => clause.some((wanted) => has(chosen, wanted))) &&
        each.conflicts.every((unwanted) => {
          const others = chosen.filter((other) => other !== each);
          return !has(others, unwanted);
        }),
    ) &&
    before.every((each) => {
      if (each.keep === "version") return chosen.includes(each);
      if (each.keep === "package") return chosen.some((other) => other.name === each.name);
      return each.keep === "none" || each.provides.every((feature) => has(chosen, feature));
    }) &&
    problem.install.every((wanted) => has(chosen, wanted)) &&
    problem.remove.every((unwanted) => !has(chosen, unwanted)) &&
    problem.upgrade.every((wanted) => {
      const now = [...versions(chosen, wanted[0])];
      const then = [...versions(before, wanted[0])];
      const [version] = now;
      return (
        has(chosen, wanted) &&
        now.length === 1 &&
        version !== undefined &&
        then.every((old) => old !== undefined && old <= version)
      );
    })
  );
}

/** The criteria that are tried, each with its definition. */
export const values: Readonly<
  Record<string, (problem: Problem, chosen: readonly Package[]) => number>
> = {
  removed: (problem, chosen) =>
    names(problem.packages.filter((each) => each.installed)).filter(
      (name) => !names(chosen).includes(name),
    ).length,
  new: (problem, chosen) =>
    names(chosen).filter(
      (name) => !problem.packages.some((each) => each.installed && each.name === name),
    ).length,
  changed: (problem, chosen) =>
    names(problem.packages.filter((each) => each.installed !== chosen.includes(each))).length,
  notuptodate: (problem, chosen) =>
    names(chosen).filter((name) => !chosen.includes(latest(problem, name))).length,
  unsat_recommends: (_, chosen) =>
    chosen.flatMap((each) =>
      each.recommends.filter((clause) => !clause.some((wanted) => has(chosen, wanted))),
    ).length,
  "count(changed)": (problem, chosen) =>
    problem.packages.filter((each) => each.installed !== chosen.includes(each)).length,
  "count(down)": (problem, chosen) =>
    chosen.filter((each) => {
      const old = problem.packages.filter((other) => other.installed && other.name === each.name);
      return old.length > 0 && old.every((other) => other.version > each.version);
    }).length,
  "count(removed)": (problem, chosen) =>
    problem.packages.filter((each) => each.installed && !names(chosen).includes(each.name)).length,
  "notuptodate(new)": (problem, chosen) =>
    chosen.filter(
      (each) =>
        !problem.packages.some((other) => other.installed && other.name === each.name) &&
        latest(problem, each.name) !== each,
    ).length,
  "unsat_recommends(changed)": (problem, chosen) =>
    problem.packages
      .filter((each) => each.installed !== chosen.includes(each))
      .flatMap((each) =>
        each.recommends.filter((clause) => !clause.some((wanted) => has(chosen, wanted))),
      ).length,
  "sum(size)": (_, chosen) => chosen.reduce((sum, each) => sum + each.size, 0),
  "sum(changed,size)": (problem, chosen) =>
    problem.packages
      .filter((each) => each.installed !== chosen.includes(each))
      .reduce((sum, each) => sum + each.size, 0),
  "sum(request,size)": (problem, chosen) =>
    chosen
      .filter((each) =>
        [...problem.install, ...problem.upgrade].some((wanted) => has([each], wanted)),
      )
      .reduce((sum, each) => sum + each.size, 0),
  "count[size,changed]": (_, chosen) =>
    chosen.filter((each) => !each.installed).reduce((sum, each) => sum + each.size, 0),
  "count[size,request]": (problem, chosen) =>
    chosen
      .filter((each) =>
        [...problem.install, ...problem.remove, ...problem.upgrade].some(
          ([name]) => name === each.name,
        ),
      )
      .reduce((sum, each) => sum + each.size, 0),
  "nunsat[recommends:,false]": (_, chosen) =>
    chosen.flatMap((each) =>
      each.recommends.filter(
        (clause) =>
          !clause.some((wanted) =>
            chosen.some((other) => other.name === wanted[0] && admits(wanted, other.version)),
          ),
      ),
    ).length,
};

/** The best objective by trying everything; null when there is no solution. */
export function bestObjective(problem: Problem, criteria: readonly string[]): number[] | null {
  let best: number[] | null = null;
  for (let subset = 0; subset < 1 << problem.packages.length; subset++) {
    const chosen = problem.packages.filter((_, index) => ((subset >> index) & 1) === 1);
    if (!isSolution(problem, chosen)) continue;
    const objective = objectiveOf(problem, criteria, chosen);
    if (best === null || isLess(objective, best)) best = objective;
  }
  return best;
}

/** The values of criteria such as `-removed`, `+sum(size)`. */
export function objectiveOf(
  problem: Problem,
  criteria: readonly string[],
  chosen: readonly Package[],
): number[] {
  return criteria.map((text) => {
    const value = values[text.slice(1)]!(problem, chosen);
    return text.startsWith("+") ? 0 - value : value;
  });
}

function isLess(first: readonly number[], second: readonly number[]): boolean {
  const level = first.findIndex((value, index) => value !== second[index]);
  return level >= 0 && first[level]! < second[level]!;
}

function names(packages: readonly Package[]): string[] {
  return [...new Set(packages.map((each) => each.name))];
}

function latest(problem: Problem, name: string): Package {
  return problem.packages
    .filter((each) => each.name === name)
    .reduce((best, each) => (each.version > best.version ? each : best));
}
