import { accepts } from "../../model/accepts.ts";
import type { Requirement } from "../../model/manifest.ts";
import { type Plan, packageOf } from "../../model/plan.ts";
import type { Policy } from "../../model/policy.ts";
import type { Release, Universe } from "../../model/release.ts";
import type { SolveRequest } from "../../model/request.ts";
import { inRange, newestFirst } from "../../solver/range.ts";

/**
 * docs/solver.md once more, as plainly as it can be put: all images are built, one choice after the other,
 * and the best is taken. Slow, and without a line of the solver's but the semver ranges.
 */
export class Oracle {
  readonly #request: SolveRequest;
  readonly #universe: Universe;
  readonly #targets: readonly string[];
  readonly #refused = new Map<string, boolean>();
  #order: readonly string[] | null = null;

  constructor(request: SolveRequest, universe: Universe) {
    this.#request = request;
    this.#universe = universe;
    this.#targets = [...request.targets].sort();
  }

  /** All that the rules allow, or null when that is more than `limit` steps of work. */
  solutions(limit: number): readonly Solution[] | null {
    // A pin to a version that does not exist is a typing error, needed or not.
    for (const { name, range } of this.#pins()) {
      if (!this.#releases(name).some((one) => inRange(one.manifest.version, range))) return [];
    }
    const first: Solution = {
      versions: new Map(),
      images: new Map(this.#targets.map((target) => [target, new Set()])),
      providers: new Map(),
      taken: new Map(),
    };
    const agenda: Task[] = [];
    for (const target of this.#targets) {
      agenda.push({ target, name: this.#root, suits: () => true });
      agenda.push({ target, name: target, suits: (one) => one.manifest.kind === "target" });
      for (const { name, range } of this.#request.with) {
        agenda.push({ target, name, suits: (one) => inRange(one.manifest.version, range) });
      }
    }
    const complete: Solution[] = [];
    const open: { solution: Solution; agenda: readonly Task[] }[] = [{ solution: first, agenda }];
    let steps = 0;
    for (let state = open.pop(); state !== undefined; state = open.pop()) {
      steps += 1;
      if (steps > limit) return null;
      const [task, ...rest] = state.agenda;
      if (task === undefined) {
        if (this.#isSound(state.solution)) complete.push(state.solution);
        continue;
      }
      for (const next of this.#perform(state.solution, task)) {
        open.push({ solution: next.solution, agenda: [...rest, ...next.tasks] });
      }
    }
    return complete;
  }

  /** The cheapest solution and its cost; null when there is none. */
  best(solutions: readonly Solution[]): { solution: Solution; cost: Cost } | null {
    const keys = new Set<string>();
    for (const { providers, taken } of solutions) {
      for (const key of providers.keys()) keys.add(key);
      for (const key of taken.keys()) keys.add(key);
    }
    let best: { solution: Solution; cost: Cost } | null = null;
    for (const solution of solutions) {
      const cost = this.#cost(solution, [...keys].sort());
      if (best === null || compareCosts(cost, best.cost) < 0) best = { solution, cost };
    }
    return best;
  }

  get #root(): string {
    return this.#request.root.manifest.name;
  }

  #releases(name: string): readonly Release[] {
    if (name === this.#root) return [this.#request.root];
    return [...this.#universe.releases(name)].sort((a, b) =>
      newestFirst(a.manifest.version, b.manifest.version),
    );
  }

  #kind(name: string) {
    return this.#releases(name)[0]?.manifest.kind;
  }

  *#perform(solution: Solution, task: Task): Iterable<{ solution: Solution; tasks: Task[] }> {
    const { target } = task;
    if ("name" in task) {
      const fixed = solution.versions.get(task.name);
      for (const release of fixed === undefined ? this.#releases(task.name) : [fixed]) {
        if (!task.suits(release) || this.isRefused(target, release)) continue;
        const next = copy(solution);
        next.versions.set(task.name, release);
        const image = next.images.get(target)!;
        const tasks = image.has(task.name) ? [] : this.#tasksOf(target, release);
        image.add(task.name);
        yield { solution: next, tasks };
      }
      return;
    }
    const { consumer, requirement } = task;
    const name = consumer.manifest.name;
    if (requirement.optional && task.taken === undefined) {
      for (const taken of [true, false]) {
        const next = copy(solution);
        next.taken.set(key(target, name, requirement.slot, "?"), taken);
        yield { solution: next, tasks: taken ? [{ ...task, taken }] : [] };
      }
      return;
    }
    const { slot, of, range } = requirement;
    const kind = this.#kind(of);
    if (kind !== "interface" && kind !== "library") return;
    const uses = consumer.uses[slot] ?? [];
    const wanted: Task = {
      target,
      name: of,
      suits: (one) =>
        inRange(one.manifest.version, range) && (kind === "library" || hasAll(one, uses)),
    };
    if (kind === "library" || consumer.manifest.kind === "interface") {
      yield { solution, tasks: [wanted] };
      return;
    }
    const choice = key(target, slot === of ? "" : name, slot, of);
    const fixed = solution.providers.get(choice);
    for (const provider of fixed === undefined ? this.#providers(of) : [fixed]) {
      if (slot !== of && provider === name) continue;
      const next = copy(solution);
      next.providers.set(choice, provider);
      const suits = ({ manifest }: Release) =>
        manifest.provides.some((one) => one.interface === of && inRange(one.version, range));
      yield { solution: next, tasks: [wanted, { target, name: provider, suits }] };
    }
  }

  #tasksOf(target: string, release: Release): Task[] {
    const { requires, provides } = release.manifest;
    return [
      ...requires
        .filter((one) => applies(one, target))
        .map((requirement) => ({ target, consumer: release, requirement })),
      ...provides.map((one) => ({ target, name: one.interface, suits: () => true })),
    ];
  }

  #providers(interfaceName: string): readonly string[] {
    const all = this.#universe.providers(interfaceName).map((one) => one.manifest.name);
    return [...new Set(all)].sort();
  }

  /** Whether the release cannot be used on the target, whatever else is chosen. */
  isRefused(target: string, release: Release): boolean {
    const id = `${target} ${release.manifest.name} ${release.manifest.version}`;
    const known = this.#refused.get(id) ?? this.#judge(target, release);
    this.#refused.set(id, known);
    return known;
  }

  #judge(target: string, release: Release): boolean {
    const { name, version, kind, yanked, targets, provides } = release.manifest;
    if (this.#request.without.includes(name)) return true;
    const pin = this.#pins().findLast((one) => one.name === name);
    if (kind !== "app" && pin !== undefined && !inRange(version, pin.range)) return true;
    const policies = [
      ...(this.#request.root.manifest.policies ?? []),
      ...(this.#request.policies ?? []),
    ];
    if (policies.some((policy) => isForbidden(policy, release))) return true;
    if (yanked && kind !== "app" && !this.#isLocked(name, version)) return true;
    if (kind === "target" && name !== target) return true;
    if (kind !== "library" && kind !== "app") return false;
    if (!targets.includes("*") && !targets.includes(target)) return true;
    return provides.some(({ interface: of, version: claimed }) => {
      const declared = this.#releases(of).find((one) => one.manifest.version === claimed);
      if (declared?.signature == null) return true;
      return accepts(declared.signature, release.provided[of] ?? { exports: {} }).length > 0;
    });
  }

  /** The command line's go before the manifest's. */
  #pins(): readonly { readonly name: string; readonly range: string }[] {
    const { root, pins = [] } = this.#request;
    const own = Object.entries(root.manifest.pins ?? {}).map(([name, range]) => ({ name, range }));
    return [...own, ...pins];
  }

  #isLocked(name: string, version: string): boolean {
    if (!this.#binds(name)) return false;
    return this.#request.locked.some((plan) =>
      plan.packages.some((one) => one.name === name && one.version === version),
    );
  }

  #binds(name: string): boolean {
    return this.#request.upgrade !== "all" && !this.#request.upgrade.includes(name);
  }

  /** The rules that can be seen only in whole images. */
  #isSound(solution: Solution): boolean {
    return this.#targets.every((target) => {
      const releases = this.#image(solution, target);
      const platform = solution.versions.get(target)!;
      for (const one of releases) {
        for (const other of releases) {
          const range = one.manifest.conflicts[other.manifest.name];
          if (one === other || range === undefined) continue;
          if (inRange(other.manifest.version, range)) return false;
        }
        if (one === platform || one.manifest.kind === "interface") continue;
        const licences = platform.manifest.target!.licences;
        if (licences !== undefined && !licences.includes(one.manifest.license)) return false;
        for (const { effect } of one.effects) {
          if (platform.manifest.target!.forbids.includes(effect)) return false;
          if (!effect.startsWith("host:")) continue;
          if (!platform.manifest.target!.host.includes(effect.slice(5))) return false;
        }
      }
      return this.#usesAreMet(solution, target) && !this.#hasCircle(solution, target);
    });
  }

  #usesAreMet(solution: Solution, target: string): boolean {
    return this.#slots(solution, target).every(({ consumer, requirement, provider }) => {
      if (provider === null) return true;
      const { slot, of } = requirement;
      const required = solution.versions.get(of)!.signature!;
      const provided = solution.versions.get(provider)!.provided[of] ?? { exports: {} };
      return accepts(required, provided, consumer.uses[slot]).length === 0;
    });
  }

  /** Filled slots; the provider is null where the requirement has no provider of an interface. */
  #slots(solution: Solution, target: string): readonly Slot[] {
    return this.#image(solution, target).flatMap((consumer) =>
      consumer.manifest.requires.flatMap((requirement) => {
        const name = consumer.manifest.name;
        const { slot, of, optional } = requirement;
        if (!applies(requirement, target)) return [];
        if (optional && solution.taken.get(key(target, name, slot, "?")) !== true) return [];
        const plain = this.#kind(of) === "library" || consumer.manifest.kind === "interface";
        const choice = key(target, slot === of ? "" : name, slot, of);
        const provider = plain ? null : solution.providers.get(choice)!;
        return [{ consumer, requirement, provider }];
      }),
    );
  }

  #hasCircle(solution: Solution, target: string): boolean {
    const left = new Set(solution.images.get(target)!);
    const slots = this.#slots(solution, target);
    // Takes away what waits for nothing that is left, until nothing changes.
    for (let before = -1; before !== left.size; ) {
      before = left.size;
      for (const name of left) {
        const waits = slots.some(({ consumer, requirement, provider }) => {
          if (consumer.manifest.name !== name) return false;
          return left.has(provider ?? requirement.of);
        });
        if (!waits) left.delete(name);
      }
    }
    return left.size > 0;
  }

  #image(solution: Solution, target: string): readonly Release[] {
    return [...solution.images.get(target)!].map((name) => solution.versions.get(name)!);
  }

  #cost(solution: Solution, keys: readonly string[]): Cost {
    const { root, locked, prefer, with: asked } = this.#request;
    let askedCost = 0;
    let preferredCost = 0;
    for (const [choice, provider] of solution.providers) {
      const [target = "", consumer = "", , of = ""] = parse(choice);
      const byName = root.manifest.requires
        .filter((one) => applies(one, target) && this.#kind(one.of) === "library")
        .map((one) => one.of);
      const named = [...prefer, ...asked.map((one) => one.name), ...byName];
      const platform = solution.versions.get(target)!.manifest.target!;
      const listed = [...(root.manifest.prefers[of] ?? []), ...(platform.prefers[of] ?? [])];
      askedCost += this.#rank(named, target, consumer, of, provider);
      preferredCost += this.#rank(listed, target, consumer, of, provider);
    }
    let lockedCost = 0;
    for (const plan of locked) {
      if (this.#targets.includes(plan.target)) lockedCost += this.#lost(plan, solution);
    }
    let missed = 0;
    for (const taken of solution.taken.values()) if (!taken) missed += 1;
    let deprecatedCost = 0;
    let prereleases = 0;
    let packages = 0;
    for (const target of this.#targets) {
      for (const { manifest } of this.#image(solution, target)) {
        packages += 1;
        if (manifest.deprecated !== undefined) deprecatedCost += 1;
        if (/^[^+]*-/.test(manifest.version)) prereleases += 1;
      }
    }
    this.#order ??= this.#breadthFirst();
    const lags = this.#order.map((name) => {
      const release = solution.versions.get(name);
      return release === undefined ? 0 : this.#releases(name).indexOf(release);
    });
    const flags = keys.filter((one) => parse(one)[3] === "?");
    const choices = keys.filter((one) => parse(one)[3] !== "?");
    const names = [
      ...flags.map((one) => (solution.taken.get(one) === true ? "" : "~")),
      ...choices.map((one) => solution.providers.get(one) ?? "~"),
    ];
    const numbers = [
      askedCost,
      lockedCost,
      preferredCost,
      missed,
      deprecatedCost,
      prereleases,
      ...lags,
      packages,
    ];
    return { numbers, names };
  }

  /** Index in the list, of which only usable providers of the interface count; unlisted is behind all. */
  #rank(
    list: readonly string[],
    target: string,
    consumer: string,
    of: string,
    provider: string,
  ): number {
    const counted = [...new Set(list)].filter(
      (name) =>
        name !== consumer &&
        this.#releases(name).some(
          (one) =>
            one.manifest.provides.some((two) => two.interface === of) &&
            !this.isRefused(target, one),
        ),
    );
    const index = counted.indexOf(provider);
    return index === -1 ? counted.length : index;
  }

  /** Locked packages and choices of a plan that the solution does not keep. */
  #lost(plan: Plan, solution: Solution): number {
    let lost = 0;
    const image = solution.images.get(plan.target)!;
    for (const { name, version } of plan.packages) {
      if (name === this.#root || !this.#binds(name)) continue;
      const kept = image.has(name) && solution.versions.get(name)?.manifest.version === version;
      if (!kept) lost += 1;
    }
    const choices = new Map<string, string>();
    for (const { consumer, slot, interface: of, provider } of plan.bindings) {
      if (of === null || this.#request.upgrade === "all") continue;
      const owner = slot === of ? "" : packageOf(consumer);
      choices.set(key(plan.target, owner, slot, of), packageOf(provider));
    }
    for (const [choice, provider] of choices) {
      if (solution.providers.get(choice) !== provider) lost += 1;
    }
    return lost;
  }

  #breadthFirst(): readonly string[] {
    const order: string[] = [];
    let step = new Set([this.#root]);
    while (step.size > 0) {
      const next = new Set<string>();
      for (const name of [...step].sort()) {
        if (order.includes(name) || this.#releases(name).length === 0) continue;
        order.push(name);
        for (const release of this.#releases(name)) {
          for (const target of this.#targets) {
            // Other targets are refused here, in the solver they are never in reach: neither leads on.
            if (this.isRefused(target, release)) continue;
            for (const one of release.manifest.provides) next.add(one.interface);
            for (const requirement of release.manifest.requires) {
              if (!applies(requirement, target)) continue;
              next.add(requirement.of);
              if (release.manifest.kind === "interface") continue;
              if (this.#kind(requirement.of) !== "interface") continue;
              for (const provider of this.#providers(requirement.of)) next.add(provider);
            }
          }
        }
        if (name !== this.#root) continue;
        for (const target of this.#targets) next.add(target);
        for (const one of this.#request.with) next.add(one.name);
      }
      step = next;
    }
    return order;
  }
}

export interface Solution {
  /** Package -> its release, the same on all targets. */
  readonly versions: Map<string, Release>;
  /** Target -> packages in its image. */
  readonly images: Map<string, Set<string>>;
  /** Choice -> package that fills it. */
  readonly providers: Map<string, string>;
  /** Optional requirement -> whether it is met. */
  readonly taken: Map<string, boolean>;
}

/** Compared number by number, then name by name. */
export interface Cost {
  readonly numbers: readonly number[];
  readonly names: readonly string[];
}

type Task =
  | {
      readonly target: string;
      readonly name: string;
      readonly suits: (release: Release) => boolean;
    }
  | {
      readonly target: string;
      readonly consumer: Release;
      readonly requirement: Requirement;
      readonly taken?: boolean;
    };

interface Slot {
  readonly consumer: Release;
  readonly requirement: Requirement;
  readonly provider: string | null;
}

export function compareCosts(a: Cost, b: Cost): number {
  for (const [index, number] of a.numbers.entries()) {
    if (number !== b.numbers[index]) return number - b.numbers[index]!;
  }
  for (const [index, name] of a.names.entries()) {
    const other = b.names[index]!;
    if (name !== other) return name < other ? -1 : 1;
  }
  return 0;
}

export function key(target: string, consumer: string, slot: string, of: string): string {
  return [target, consumer, slot, of].join(" ");
}

function parse(text: string): readonly string[] {
  return text.split(" ");
}

function applies(requirement: Requirement, target: string): boolean {
  return requirement.when === undefined || requirement.when.includes(target);
}

/** Whether a policy forbids a release: docs/policies.md. Licences are single identifiers here. */
function isForbidden({ rule, except }: Policy, { manifest, effects }: Release): boolean {
  const { name, version, kind, license, deprecated } = manifest;
  if (except.includes(name)) return false;
  const isLinked = kind === "library" || kind === "app";
  if (rule.kind === "effect") return isLinked && effects.some((one) => one.effect === rule.effect);
  if (kind === "app") return false;
  switch (rule.kind) {
    case "package":
      return name === rule.name && (rule.range === "*" || inRange(version, rule.range));
    case "deprecated":
      return deprecated !== undefined;
    case "prereleases":
      return /^[^+]*-/.test(version);
    case "scope":
      return !rule.scopes.includes(name.startsWith("@") ? name.split("/")[0]! : "core");
    case "licences":
      return !rule.licences.includes(license);
  }
}

/** Whether an interface's release has functions of all these names. */
function hasAll({ signature }: Release, uses: readonly string[]): boolean {
  return uses.every((use) => signature !== null && Object.hasOwn(signature.exports, use));
}

function copy({ versions, images, providers, taken }: Solution): Solution {
  return {
    versions: new Map(versions),
    images: new Map([...images].map(([target, image]) => [target, new Set(image)])),
    providers: new Map(providers),
    taken: new Map(taken),
  };
}
