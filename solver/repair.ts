import type { Requirement } from "../model/manifest.ts";
import type { Universe } from "../model/release.ts";
import type { SolveAnswer, SolveRequest } from "../model/request.ts";
import type { Cause } from "./clause.ts";
import { inRange } from "./range.ts";
import { ranged } from "./wording.ts";

/** Something that the user can change, so that there is a plan. */
interface Change {
  /** Identity: two ways to the same set of changes are one repair. */
  readonly key: string;
  /** Less is a smaller intrusion, and told first. */
  readonly weight: number;
  readonly request: SolveRequest;
}

/** Changes that together make a plan possible. */
interface Attempt {
  readonly keys: readonly string[];
  readonly weight: number;
  readonly request: SolveRequest;
}

/** What a repair is tried with. */
export interface Trial {
  /** Solves, as the user's next command will. */
  answer(request: SolveRequest): SolveAnswer;
  /** Causes that cannot hold together; null when there is a plan. */
  core(request: SolveRequest): readonly Cause[] | null;
}

const repairsShown = 3;
/** Changes at a time. */
const mostChanges = 2;
/** Requests that are tried before the search for repairs is given up. */
const mostTrials = 24;

/**
 * The smallest repairs of a request without a plan, three at most, as commands that can be pasted, each with what
 * it does: ``` `unipkg solve --target unix`: leaves out xen ```. Each was solved, and has a plan.
 *
 * Every set of changes that helps has one in each core (R. Reiter, Artificial Intelligence 32, 1987): so changes are
 * taken from the core, and where one is not enough, a second from the core that is left.
 */
export function repairs(
  request: SolveRequest,
  universe: Universe,
  core: readonly Cause[],
  trial: Trial,
): readonly string[] {
  const found: string[] = [];
  const seen = new Set<string>();
  let trials = 0;
  let open: { attempt: Attempt; core: readonly Cause[] }[] = [
    { attempt: { keys: [], weight: 0, request }, core },
  ];
  for (let size = 1; size <= mostChanges && found.length === 0; size++) {
    const attempts = open.flatMap(({ attempt, core: causes }) =>
      changes(attempt.request, universe, causes).map((change) => ({
        keys: [...attempt.keys, change.key].sort(),
        weight: attempt.weight + change.weight,
        request: change.request,
      })),
    );
    attempts.sort((a, b) => a.weight - b.weight);
    open = [];
    for (const attempt of attempts) {
      const key = attempt.keys.join("\n");
      if (seen.has(key) || trials >= mostTrials || found.length >= repairsShown) continue;
      seen.add(key);
      trials += 1;
      const left = trial.core(attempt.request);
      if (left !== null) open.push({ attempt, core: left });
      else {
        const told = tell(request, attempt.request, trial);
        if (told !== null && !found.includes(told)) found.push(told);
      }
    }
  }
  return found;
}

/** What the user could change of the causes. */
function changes(
  request: SolveRequest,
  universe: Universe,
  causes: readonly Cause[],
): readonly Change[] {
  const found = new Map<string, Change>();
  const add = (key: string, weight: number, changed: SolveRequest) => {
    if (!found.has(key)) found.set(key, { key, weight, request: changed });
  };
  for (const cause of causes) {
    if (cause.kind === "without") {
      const without = request.without.filter((name) => name !== cause.package);
      add(`without ${cause.package}`, 1, { ...request, without });
    }
    if (cause.kind === "with") {
      const rest = request.with.filter((one) => one.name !== cause.package);
      add(`with ${cause.package}`, 2, { ...request, with: rest });
    }
    if (cause.kind === "requirement" && cause.consumer === request.root.manifest.name) {
      const own = request.root.manifest.requires.find((one) => one.slot === cause.slot);
      if (own !== undefined) relax(own, request, universe, add);
    }
    if ("target" in cause) {
      for (const targets of otherTargets(request, universe, cause.target)) {
        add(`target ${targets.join(",")}`, 4, { ...request, targets });
      }
    }
  }
  return [...found.values()];
}

/** A requirement of the app at any version, or not at all where no source imports it. */
function relax(
  own: Requirement,
  request: SolveRequest,
  universe: Universe,
  add: (key: string, weight: number, changed: SolveRequest) => void,
): void {
  const { manifest, uses } = request.root;
  const withRequires = (requires: readonly Requirement[]): SolveRequest => ({
    ...request,
    root: { ...request.root, manifest: { ...manifest, requires } },
  });
  const others = manifest.requires.filter((one) => one !== own);
  const excludes = universe
    .releases(own.of)
    .some((one) => !inRange(one.manifest.version, own.range));
  // `unipkg add` cannot name a slot.
  if (excludes && own.slot === own.of && own.when === undefined) {
    add(`range ${own.slot}`, 3, withRequires([...others, { ...own, range: "*" }].sort(bySlot)));
  }
  if ((uses[own.slot] ?? []).length === 0) add(`remove ${own.slot}`, 5, withRequires(others));
}

function bySlot(a: Requirement, b: Requirement): number {
  return a.slot < b.slot ? -1 : 1;
}

/** The targets without this one; when it is the only one, each other that there is. */
function otherTargets(
  request: SolveRequest,
  universe: Universe,
  target: string,
): readonly (readonly string[])[] {
  const rest = request.targets.filter((one) => one !== target);
  if (rest.length > 0) return [rest];
  return universe
    .names()
    .filter((name) => name !== target)
    .filter((name) => universe.releases(name)[0]?.manifest.kind === "target")
    .map((name) => [name]);
}

/** The commands that make the change, and what they do; null when it does not help after all. */
function tell(before: SolveRequest, after: SolveRequest, trial: Trial): string | null {
  const answer = trial.answer(after);
  if (!answer.ok) return null;
  const commands: string[] = [];
  const effects: string[] = [];
  const versions = new Map(
    answer.plans.flatMap((plan) => plan.packages.map((one) => [one.name, one.version] as const)),
  );
  let final = after;
  for (const own of before.root.manifest.requires) {
    const now = after.root.manifest.requires.find((one) => one.slot === own.slot);
    if (now === undefined) {
      commands.push(`unipkg remove ${own.slot}`);
      effects.push(`no longer requires ${ranged(own.of, own.range)}`);
    } else if (now.range !== own.range) {
      const version = versions.get(own.of);
      if (version === undefined) return null;
      const range = `^${version}`;
      final = withRange(final, own.slot, range);
      commands.push(`unipkg add ${own.of}@${range}`);
      effects.push(`requires ${own.of} ${range} instead of ${own.range}`);
    }
  }
  for (const { name } of before.with) {
    if (!after.with.some((one) => one.name === name)) effects.push(`leaves out --with ${name}`);
  }
  for (const name of before.without) {
    if (!after.without.includes(name)) effects.push(`leaves out --without ${name}`);
  }
  if (before.targets.join() !== after.targets.join()) {
    const dropped = before.targets.filter((one) => !after.targets.includes(one));
    effects.push(
      after.targets.some((one) => before.targets.includes(one))
        ? `leaves out ${dropped.join(" and ")}`
        : `plans for ${after.targets.join(" and ")} instead of ${dropped.join(" and ")}`,
    );
  }
  if (final !== after && !trial.answer(final).ok) return null;
  commands.push(`unipkg solve${solveWords(after)}`);
  return `\`${commands.join(" && ")}\` ${effects.join(" and ")}`;
}

function withRange(request: SolveRequest, slot: string, range: string): SolveRequest {
  const { manifest } = request.root;
  const requires = manifest.requires.map((one) => (one.slot === slot ? { ...one, range } : one));
  return { ...request, root: { ...request.root, manifest: { ...manifest, requires } } };
}

function solveWords({ targets, upgrade, ...request }: SolveRequest): string {
  const words = [` --target ${targets.join(",")}`];
  // Targets of the lockfile are planned along otherwise.
  if (request.locked.some((plan) => !targets.includes(plan.target))) words.push(" --only");
  for (const { name, range } of request.with) {
    words.push(` --with ${range === "*" ? name : `'${name}@${range}'`}`);
  }
  for (const name of request.without) words.push(` --without ${name}`);
  for (const name of request.prefer) words.push(` --prefer ${name}`);
  if (upgrade === "all") words.push(" --upgrade");
  else for (const name of upgrade) words.push(` --upgrade=${name}`);
  return words.join("");
}
