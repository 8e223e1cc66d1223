import { packageOf } from "../model/plan.ts";
import { type Choice, choiceKey } from "./choice.ts";
import type { Encoding } from "./encode.ts";
import type { MetPackage } from "./images.ts";
import { isKept } from "./judge.ts";
import { askedFor, lockedProvider, preferences, usable } from "./prefer.ts";
import { isPrerelease } from "./range.ts";
import type { EncodedRelease } from "./release-clauses.ts";
import type { Literal } from "./sat.ts";
import type { Slice } from "./slice.ts";

/**
 * What makes one plan better than another: levels, the weightier first. docs/solver.md defines them.
 * A level's wishes grow with the encoding: with the packages, releases and choices that it meets.
 */
export interface Level {
  readonly name: LevelName;
  /** "fewest": break as few wishes as possible. "order": hold each one that can be held beside those before it, by place. */
  readonly kind: "fewest" | "order";
  readonly wishes: readonly Wish[];
}

export interface Wish {
  readonly literal: Literal;
  /** Rank among the wishes of a level of the kind "order"; compared by `<`. */
  readonly place: number | string;
}

/** Order by place. */
export function byPlace(a: Wish, b: Wish): number {
  return a.place < b.place ? -1 : a.place > b.place ? 1 : 0;
}

export type LevelName =
  | "asked"
  | "locked"
  | "preferred"
  | "optional"
  | "deprecated"
  | "prereleases"
  | "newest"
  | "packages"
  | "names";

class Growing implements Level {
  readonly name: LevelName;
  readonly kind: Level["kind"];
  readonly wishes: Wish[] = [];

  constructor(name: LevelName, kind: Level["kind"]) {
    this.name = name;
    this.kind = kind;
  }

  add(literal: Literal, place: Wish["place"] = 0): void {
    this.wishes.push({ literal, place });
  }
}

/** The levels of a search. Building them adds helper variables to the encoding. */
export class Levels {
  readonly #encoding: Encoding;
  readonly #asked = new Growing("asked", "fewest");
  readonly #locked = new Growing("locked", "fewest");
  readonly #preferred = new Growing("preferred", "fewest");
  readonly #optional = new Growing("optional", "fewest");
  readonly #deprecated = new Growing("deprecated", "fewest");
  readonly #prereleases = new Growing("prereleases", "fewest");
  readonly #newest = new Growing("newest", "order");
  readonly #packages = new Growing("packages", "fewest");
  readonly #names = new Growing("names", "order");
  /** The weightier first. */
  readonly all: readonly Level[] = [
    this.#asked,
    this.#locked,
    this.#preferred,
    this.#optional,
    this.#deprecated,
    this.#prereleases,
    this.#newest,
    this.#packages,
    this.#names,
  ];
  /** How much of the encoding has its wishes. */
  readonly #seen = { met: 0, encoded: 0, newest: 0, choices: 0, optional: 0 };
  /** `target\npackage\nslot` -> "the optional requirement of the package in the image is not met". */
  readonly #missed = new Map<string, Literal>();
  /** Choices that the lock fills -> the provider. */
  readonly #lockedChoices = new Set<string>();
  #idle: ReadonlySet<LevelName> | null = null;

  constructor(encoding: Encoding) {
    this.#encoding = encoding;
    this.#lock();
    this.update();
  }

  /** Adds the wishes about what the encoding has met since the last time. */
  update(): void {
    const encoding = this.#encoding;
    const seen = this.#seen;
    for (; seen.met < encoding.met.length; seen.met++) this.#package(encoding.met[seen.met]!);
    for (; seen.newest < encoding.newest.length; seen.newest++) {
      const { literal, place } = encoding.newest[seen.newest]!;
      this.#newest.add(literal, place);
    }
    for (; seen.encoded < encoding.encoded.length; seen.encoded++) {
      this.#release(encoding.encoded[seen.encoded]!);
    }
    if (seen.choices < encoding.choicesMet().size) {
      const some = [...encoding.choicesMet()].slice(seen.choices);
      for (const [key, choice] of some) this.#choice(key, choice);
      seen.choices += some.length;
    }
    if (seen.optional < encoding.optional.size) {
      const some = [...encoding.optional].slice(seen.optional);
      for (const [key, taken] of some) this.#names.add(taken, `0${key}`);
      seen.optional += some.length;
    }
  }

  /** Whether a level has no wishes, whatever of the slice is met yet. */
  isIdle(name: LevelName): boolean {
    this.#idle ??= idleLevels(this.#encoding.slice);
    return this.#idle.has(name);
  }

  /** Each locked package at its version, each locked choice with its provider. What is out of reach now is lost anyway. */
  #lock(): void {
    const encoding = this.#encoding;
    const { request, root } = encoding.slice;
    for (const plan of request.locked) {
      const { target } = plan;
      if (!encoding.targets.includes(target)) continue;
      for (const { name, version } of plan.packages) {
        if (!isKept(request, name) || name === root) continue;
        const met = encoding.meet(target, name);
        const index = met?.found.releases.findIndex((one) => one.manifest.version === version);
        if (met !== null && index !== undefined && index >= 0) this.#locked.add(met.used[index]!);
      }
      for (const { interface: of, consumer, slot } of plan.bindings) {
        if (of === null || request.upgrade === "all") continue;
        const owner = slot === of ? null : packageOf(consumer);
        const key = choiceKey(target, of, owner, slot);
        if (this.#lockedChoices.has(key)) continue;
        this.#lockedChoices.add(key);
        const choice = encoding.meetChoice(target, owner, slot, of);
        const provider = choice === null ? null : lockedProvider(encoding.slice, choice);
        const chosen = provider === null ? undefined : choice?.providers.get(provider);
        if (chosen !== undefined) this.#locked.add(chosen);
      }
    }
  }

  #package({ found, used, present }: MetPackage): void {
    this.#packages.add(-present);
    for (const [index, { manifest }] of found.releases.entries()) {
      if (manifest.deprecated !== undefined) this.#deprecated.add(-used[index]!);
      // A provider has no range that a prerelease could be in: without this, the newest one would be a prerelease.
      if (isPrerelease(manifest.version)) this.#prereleases.add(-used[index]!);
    }
  }

  /** Each optional requirement of a package in the image is met. */
  #release({ target, release }: EncodedRelease): void {
    const { slice } = this.#encoding;
    const { name, requires } = release.manifest;
    if (!requires.some((one) => one.optional)) return;
    if (slice.refusals(target, release).length > 0) return;
    for (const { slot, optional } of slice.requirements(release, target)) {
      if (!optional) continue;
      const key = `${target}\n${name}\n${slot}`;
      let miss = this.#missed.get(key);
      if (miss === undefined) {
        miss = this.#encoding.variable(target);
        this.#missed.set(key, miss);
        this.#optional.add(-miss);
      }
      const taken = this.#encoding.taken(target, name, slot)!;
      this.#encoding.define(-this.#encoding.inImage(target, release)!, taken, miss);
    }
  }

  #choice(key: string, choice: Choice): void {
    const { slice } = this.#encoding;
    const asked: Literal[] = [];
    this.#rank(choice, askedFor(slice, choice.target), [], asked);
    for (const step of asked) this.#asked.add(-step);
    const preferred: Literal[] = [];
    // Another version of the target may prefer otherwise.
    for (const platform of slice.packages.get(choice.target)?.releases ?? []) {
      const list = preferences(slice, choice.interface, platform);
      this.#rank(choice, list, [-this.#encoding.inImage(choice.target, platform)!], preferred);
    }
    for (const step of preferred) this.#preferred.add(-step);
    // Decides what nothing else decides, so that the answer is one.
    for (const [index, chosen] of [...choice.providers.values()].entries()) {
      this.#names.add(chosen, `1${key}\n${String(index).padStart(6, "0")}`);
    }
  }

  /**
   * Makes a choice cost its provider's rank in the list, of which only names count that could be chosen;
   * a provider that is not listed costs as much as there are such names. Step k is true when the cost is above k.
   */
  #rank(
    choice: Choice,
    list: readonly string[],
    unless: readonly Literal[],
    steps: Literal[],
  ): void {
    if (list.length === 0) return;
    const possible = usable(this.#encoding.slice, choice);
    const counted = list.filter((name) => possible.includes(name));
    for (const [name, chosen] of choice.providers) {
      const index = counted.indexOf(name);
      const cost = index === -1 ? counted.length : index;
      for (let step = 0; step < cost; step++) {
        steps[step] ??= this.#encoding.variable(choice.target);
        this.#encoding.define(...unless, -chosen, steps[step]!);
      }
    }
  }
}

/** Levels that nothing in a slice can have a wish of. */
function idleLevels(slice: Slice): ReadonlySet<LevelName> {
  const idle = new Set<LevelName>(["deprecated", "prereleases", "optional"]);
  const { request } = slice;
  const prefers = [request.root.manifest.prefers];
  for (const { releases } of slice.packages.values()) {
    for (const { manifest } of releases) {
      if (manifest.deprecated !== undefined) idle.delete("deprecated");
      if (isPrerelease(manifest.version)) idle.delete("prereleases");
      if (manifest.requires.some((one) => one.optional)) idle.delete("optional");
      if (manifest.target !== undefined) prefers.push(manifest.target.prefers);
    }
  }
  if (request.locked.length === 0) idle.add("locked");
  if (prefers.every((one) => Object.keys(one).length === 0)) idle.add("preferred");
  if (request.targets.every((target) => askedFor(slice, target).length === 0)) idle.add("asked");
  return idle;
}
