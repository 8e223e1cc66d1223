import type { Release } from "../model/release.ts";
import type { Choice } from "./choice.ts";
import type { Encoding } from "./encode.ts";
import type { Guess, Option } from "./guess.ts";
import type { MetPackage } from "./images.ts";
import type { Literal } from "./sat.ts";

/** The part of a model that something needs, from the app, the targets and `--with` on. */
export interface Needed {
  /** Package -> the index of its release. */
  readonly packages: ReadonlyMap<MetPackage, number>;
  /** Choice -> its provider's literal. */
  readonly choices: ReadonlyMap<Choice, Literal>;
}

/** Follows a model. What leads on from releases that have no clauses yet is not known, and not in it. */
export function needed(
  encoding: Encoding,
  holds: (literal: Literal) => boolean,
  targets: readonly string[] = encoding.targets,
): Needed {
  const packages = new Map<MetPackage, number>();
  const choices = new Map<Choice, Literal>();
  const open: MetPackage[] = [];
  const add = (met: MetPackage) => {
    if (packages.has(met)) return;
    packages.set(
      met,
      met.used.findIndex((literal) => holds(literal)),
    );
    open.push(met);
  };
  for (const root of encoding.roots) if (targets.includes(root.target)) add(root);
  for (let met = open.pop(); met !== undefined; met = open.pop()) {
    for (const { taken, met: next, choice } of encoding.leads.get(met.used[packages.get(met)!]!) ??
      []) {
      if (taken !== null && !holds(taken)) continue;
      add(next);
      if (choice === null || choices.has(choice)) continue;
      for (const [name, chosen] of choice.providers) {
        if (!holds(chosen)) continue;
        choices.set(choice, chosen);
        add(encoding.metPackage(choice.target, name)!);
        break;
      }
    }
  }
  return { packages, choices };
}

/** A target's image in a model, as what another search can be asked for. */
export function imageOf(
  encoding: Encoding,
  target: string,
  holds: (literal: Literal) => boolean,
): Guess {
  const { packages, choices } = needed(encoding, holds, [target]);
  const releases = new Map<string, Release>();
  const options: Option[] = [];
  for (const [{ found }, index] of packages) {
    const release = found.releases[index]!;
    releases.set(found.name, release);
    for (const { slot, optional } of encoding.slice.requirements(release, target)) {
      const taken = optional ? encoding.taken(target, found.name, slot) : null;
      if (taken !== null) options.push({ consumer: found.name, slot, isMet: holds(taken) });
    }
  }
  const fillings = [...choices].map(([choice, literal]) => {
    const [provider] = [...choice.providers].find(([, one]) => one === literal)!;
    const { consumer, slot, interface: of } = choice;
    return { consumer: consumer ?? "", slot, interface: of, provider };
  });
  return { target, releases, fillings, options };
}

/** What has to be wanted for just this. */
export function literalsOf({ packages, choices }: Needed): readonly Literal[] {
  return [...[...packages].map(([met, index]) => met.used[index]!), ...choices.values()];
}

/**
 * Takes what nobody needs out of a model: it is one still, as long as no clause wants anything to be there that nobody
 * needs. What counts or ranks things may stand higher than it has to.
 *
 * @param model as `Engine` has it
 */
export function dropNeedless(
  encoding: Encoding,
  { packages, choices }: Needed,
  model: Uint8Array,
  targets: readonly string[],
): void {
  /** Packages that are needed on some target. */
  const names = new Set<string>();
  for (const { found } of packages.keys()) names.add(found.name);
  const all = targets.length === encoding.targets.length;
  for (const target of targets) {
    for (const met of encoding.metOn(target)) {
      if (model[met.present] !== 1 || packages.has(met)) continue;
      model[met.present] = 0;
      for (const literal of met.used) model[literal] = 0;
      if (!all || names.has(met.found.name)) continue;
      for (const literal of met.older) model[literal] = 0;
    }
    for (const choice of encoding.choicesOn(target)) {
      if (choices.has(choice)) continue;
      model[choice.filled] = 0;
      for (const literal of choice.providers.values()) model[literal] = 0;
    }
  }
}
