import type { Release } from "../model/release.ts";
import type { Choice } from "./choice.ts";
import { Circles } from "./circle.ts";
import { Earlier } from "./earlier.ts";
import type { Encoding } from "./encode.ts";
import { Exploring } from "./exploring.ts";
import { type Guess, guess, type Leaning } from "./guess.ts";
import type { MetPackage } from "./images.ts";
import { Landmarks } from "./landmarks.ts";
import type { LevelSearch } from "./level-search.ts";
import type { Level, Levels, Wish } from "./levels.ts";
import { type Needed, needed } from "./needed.ts";
import { breakFewest, takeInOrder } from "./optimise.ts";
import { type Clause, isTrue, type Literal } from "./sat.ts";
import type { Problem } from "./search.ts";
import type { SlicedPackage } from "./slice.ts";
import type { Variables } from "./variables.ts";

/**
 * A search that goes level by level. Clauses that fix the optimum of a level stay for good, which lets
 * MiniSat drop what is decided; but they are remembered, so that afterwards it can be asked what was still
 * possible at an earlier level.
 *
 * Once the level "newest" is over, a package is absent or at the one version that is left, and targets have nothing to do with each
 * other any more: a plan is best if it is best on each target. So the rest is searched for one target after the other.
 */
export class Levelled {
  readonly opened: readonly OpenedLevel[];
  readonly #encoding: Encoding;
  readonly #levels: Levels;
  readonly #together: number;
  readonly #circles: Circles;
  readonly #heap: number;
  readonly #also: readonly Clause[];
  readonly #found: Found;
  readonly #better: Better;
  readonly #whole: Exploring;
  /** Levels whose optimum is found. */
  #closed = 0;
  #model: Uint8Array = new Uint8Array(0);
  readonly #earlier = new Map<string | null, Earlier>();
  /** What the best plan needs; null until somebody asks. */
  #best: Needed | null = null;
  #fixedCount = -1;
  #fixedLiterals: ReadonlySet<Literal> = new Set();

  /** @param also clauses that must hold, too: they may want something to be there */
  constructor(
    { encoding, levels, sizes }: Problem,
    heap: number,
    also: readonly Clause[],
    found: Found,
    better: Better,
  ) {
    this.#encoding = encoding;
    this.#levels = levels;
    this.#together = sizes.searchedTogether;
    this.#circles = new Circles(encoding);
    this.#heap = heap;
    this.#also = also;
    this.#found = found;
    this.#better = better;
    this.opened = levels.all.map((level) => new OpenedLevel(level, encoding.variables));
    this.#whole = this.#explore(() => this.#grown(null), null);
  }

  /** Finds the best plan; false when there is none. */
  run(): boolean {
    if (!this.#begin()) return false;
    if (this.#encoding.targets.length === 1) {
      this.#found(0, this.#whole.holds, this.#encoding.targets);
    }
    this.#better(0, this.#whole.holds);
    for (const opened of this.opened.slice(0, this.apart)) {
      // Other levels only want things away.
      const { name, wishes } = opened.level;
      if (name === "locked" && wishes.length > 0) this.#whole.regime = "here";
      this.#optimise(opened, this.#whole, null);
      this.#closed += 1;
      this.#better(this.#closed, this.#whole.holds);
    }
    // What nobody needs was taken out of the last model; this one keeps the optima with all that it has.
    require(this.#whole.solve());
    this.#model = this.#whole.model;
    const { targets, variables } = this.#encoding;
    if (targets.length === 1 || variables.count < this.#together) this.#rest(this.#whole, null);
    else {
      for (const target of targets) {
        this.#closed = this.apart;
        this.#rest(this.#part(target), target);
      }
    }
    this.#closed = this.opened.length;
    return true;
  }

  /** A first model, from small images of new versions on. */
  #begin(): boolean {
    const { slice, targets } = this.#encoding;
    const closures = targets.map((one) => this.#encoding.closures(one));
    return this.#whole.suits(guess(slice, closures)) || this.#whole.solve();
  }

  /** The best plan. */
  holds = (literal: Literal): boolean => isTrue(this.#model, literal);

  /** How many levels are searched for all targets together. */
  get apart(): number {
    return this.opened.findIndex((one) => one.level.name === "newest") + 1;
  }

  /** Whether a level makes no difference, whatever is met yet: none of its wishes can come up. */
  isIdle(depth: number): boolean {
    return depth > 0 && this.#levels.isIdle(this.opened[depth - 1]!.level.name);
  }

  /**
   * What was possible at the levels so far: on a target, while the others stand as in the best plan, or on all together
   * for null.
   */
  earlier(target: string | null): Earlier {
    let earlier = this.#earlier.get(target);
    if (earlier === undefined) {
      const grown = () => earlier!.late(() => this.#levels.update());
      const search = this.#explore(grown, target);
      earlier = new Earlier(search, this.opened);
      earlier.begin(this.holds);
      this.#earlier.set(target, earlier);
    }
    return earlier;
  }

  /** A guess at a plan in which somebody else fills a choice, the rest as it is where it can be. */
  guessOther(depth: number, { target, consumer, slot }: Choice, provider: string): Guess | null {
    const encoding = this.#encoding;
    const fixed = this.#fixed();
    this.#best ??= needed(encoding, this.holds);
    const { packages, choices } = this.#best;
    const elsewhere = new Map<string, Release>();
    const here = new Map<string, Release>();
    for (const [met, index] of packages) {
      const list = met.target === target ? here : elsewhere;
      list.set(met.found.name, met.found.releases[index]!);
    }
    const filled = new Map<string, string>();
    for (const [choice, literal] of choices) {
      if (choice.target !== target) continue;
      const name = [...choice.providers].find(([, one]) => one === literal)![0];
      filled.set(`${choice.consumer ?? ""}\n${choice.slot}`, name);
    }
    filled.set(`${consumer ?? ""}\n${slot}`, provider);
    const leaning: Leaning = {
      releases: (found) => {
        const other = elsewhere.get(found.name);
        if (other !== undefined) return [other];
        if (depth >= this.apart) {
          const candidate = this.#candidate(target, found.name, fixed);
          return candidate === null ? [] : [candidate];
        }
        const same = here.get(found.name);
        return same === undefined ? found.releases : [same, ...found.releases];
      },
      provider: (of, name) => filled.get(`${of ?? ""}\n${name}`) ?? null,
    };
    const [guessed] = guess(encoding.slice, [encoding.closures(target)], leaning);
    const isOther = guessed!.fillings.some(
      (one) =>
        one.slot === slot &&
        one.provider === provider &&
        (consumer === null ? one.slot === one.interface : one.consumer === consumer),
    );
    return isOther ? guessed! : null;
  }

  /** A search of all targets, or of one alone, while the others stand as in the model so far. */
  #explore(grown: () => readonly Clause[], target: string | null): Exploring {
    const part = target === null ? null : { target, base: this.#model };
    const heap = part === null ? this.#heap : this.#heap / 4;
    const search = new Exploring(this.#encoding, this.#circles, heap, grown, part);
    if (this.#also.length > 0) search.regime = "here";
    for (const clause of this.#also) search.add(clause);
    return search;
  }

  /** A search of one target, with the optima so far. */
  #part(target: string): Exploring {
    const part = this.#explore(() => this.#grown(target), target);
    for (const { clauses } of this.opened.slice(0, this.apart)) {
      for (const clause of clauses) part.add(clause);
    }
    part.regime = this.#whole.regime;
    part.begin(this.holds);
    require(part.solve());
    // What it has more packages than it needs is at no level so far.
    const fixed = this.#fixed();
    const releases = ({ name }: SlicedPackage) => {
      const candidate = this.#candidate(target, name, fixed);
      return candidate === null ? [] : [candidate];
    };
    const closures = this.#encoding.closures(target);
    part.suits(guess(this.#encoding.slice, [closures], { releases, provider: () => null }));
    return part;
  }

  /** The levels after "newest", on a target, or on all for null. */
  #rest(search: Exploring, target: string | null): void {
    for (const opened of this.opened.slice(this.apart)) {
      if (opened.level.name === "names") {
        // It wants choices filled: of all that can be in one of the optima it has to be known what there is to fill.
        this.#complete(target);
        search.regime = "closed";
        require(search.solve());
      }
      this.#optimise(opened, search, target);
      this.#closed += 1;
    }
    this.#model = search.model;
  }

  /** Has all encoded that the levels so far leave open: what wants something to be there would not come up otherwise. */
  #complete(target: string | null): void {
    const encoding = this.#encoding;
    const fixed = this.#fixed();
    // What is met from now on is in none of the optima.
    for (const met of [...(target === null ? encoding.met : encoding.metOn(target))]) {
      const release = candidateOf(met, fixed);
      if (release === null || encoding.slice.isBarred(met.target, release)) continue;
      encoding.encode(met.target, release);
    }
  }

  /** Literals that the optima so far have in common, as far as they are known. */
  #fixed(): ReadonlySet<Literal> {
    const count = this.opened.reduce((sum, { clauses }) => sum + clauses.length, 0);
    if (count === this.#fixedCount) return this.#fixedLiterals;
    const fixed = new Set<Literal>();
    for (const { clauses } of this.opened) {
      for (const [literal, ...rest] of clauses) {
        if (literal !== undefined && rest.length === 0) fixed.add(literal);
      }
    }
    this.#fixedCount = count;
    this.#fixedLiterals = fixed;
    return fixed;
  }

  #fewestPackages(level: LevelSearch, targets: readonly string[]): void {
    const encoding = this.#encoding;
    const bounds = new Map(targets.map((target) => [target, this.#landmarks(target)]));
    const limits = new Map<string, number>();
    for (const target of targets) {
      const there = encoding.metOn(target).filter((one) => level.holds(one.present));
      limits.set(target, there.length);
    }
    const sets = targets.flatMap((target) =>
      bounds
        .get(target)!
        .sets.map((names) => names.map((name) => encoding.meet(target, name)!.present)),
    );
    this.#levels.update();
    const seen = new Map(targets.map((target) => [target, 0]));
    breakFewest(
      {
        ...level,
        holds: level.holds,
        fresh: () => {
          // No image with few packages has what adds too many.
          for (const target of targets) {
            const met = encoding.metOn(target);
            for (const { found, present } of met.slice(seen.get(target))) {
              if (!bounds.get(target)!.isBeyond(found.name, limits.get(target)!)) continue;
              level.fix([-present]);
            }
            seen.set(target, met.length);
          }
          return level.fresh();
        },
      },
      sets,
    );
  }

  /** The level "packages": what is known of its optimum without a search. */
  #landmarks(target: string): Landmarks {
    const encoding = this.#encoding;
    const fixed = this.#fixed();
    const roots = encoding.roots.filter((one) => one.target === target);
    return new Landmarks(
      encoding.slice,
      target,
      roots.map((one) => one.found.name),
      (name) => this.#candidate(target, name, fixed),
    );
  }

  /** The release of a package that may be in an image after the level "newest"; null when none may. */
  #candidate(target: string, name: string, fixed: ReadonlySet<Literal>): Release | null {
    const { slice } = this.#encoding;
    const met = this.#encoding.metPackage(target, name);
    const found = slice.packages.get(name);
    if (found === undefined) return null;
    // What was not met was not older than the newest either.
    const release = met === null ? found.releases[0]! : candidateOf(met, fixed);
    return release === null || slice.refusals(target, release).length > 0 ? null : release;
  }

  #optimise(opened: OpenedLevel, search: Exploring, target: string | null): void {
    const depth = this.#closed;
    const targets = target === null ? this.#encoding.targets : [target];
    const level: LevelSearch = {
      variable: () => search.variable(),
      add: (clause) => search.add(clause),
      fix: (clause) => {
        opened.clauses.push(clause);
        search.add(clause);
      },
      solve: (wanted) => {
        const satisfiable = search.solve(wanted);
        // Other targets may differ there: then it says nothing about this one alone.
        if (satisfiable && targets.length === 1) this.#found(depth, search.holds, targets);
        return satisfiable;
      },
      holds: search.holds,
      fresh: () => opened.fresh(target),
    };
    if (opened.level.kind === "order") takeInOrder(level);
    else if (opened.level.name !== "packages") breakFewest(level);
    else this.#fewestPackages(level, targets);
  }

  /** The encoding has grown: what that says about the levels that are over. */
  #grown(target: string | null): readonly Clause[] {
    this.#levels.update();
    return this.opened
      .slice(0, this.#closed)
      .flatMap((one, depth) => one.late(depth < this.apart ? null : target));
  }
}

/** The optima that were found so far are there: no model of them is a bug. */
function require(satisfiable: boolean): void {
  if (!satisfiable) throw new Error("the optimum of a level was lost");
}

/** Told of each model: how many levels' optima it is known to keep. */
type Found = (
  depth: number,
  holds: (literal: Literal) => boolean,
  targets: readonly string[],
) => void;

/** Told of a plan that keeps the optima of so many levels, and those of more than any before. */
type Better = (depth: number, holds: (literal: Literal) => boolean) => void;

/** A level with what is known of its optimum. */
export class OpenedLevel {
  readonly level: Level;
  /** What fixes the optimum. */
  readonly clauses: Clause[] = [];
  readonly #variables: Variables;
  /** Target, or null for all -> how many of the level's wishes were looked at for it. */
  readonly #seen = new Map<string | null, number>();

  constructor(level: Level, variables: Variables) {
    this.level = level;
    this.#variables = variables;
  }

  /** Wishes about a target, or all for null, that are new since the last call for it. */
  fresh(target: string | null): readonly Wish[] {
    const { wishes } = this.level;
    const fresh = wishes.slice(this.#seen.get(target) ?? 0);
    this.#seen.set(target, wishes.length);
    if (target === null) return fresh;
    return fresh.filter(({ literal }) => this.#variables.targetOf(literal) === target);
  }

  /**
   * Clauses for wishes that came up after the optimum was fixed. It was found without a look at what they are about: that is in
   * none of the optima.
   */
  late(target: string | null): readonly Clause[] {
    const clauses = this.fresh(target).map(({ literal }) => [-Math.abs(literal)]);
    this.clauses.push(...clauses);
    return clauses;
  }

  /** The same once the whole search is over. */
  lateForAll(): readonly Clause[] {
    return [...this.#seen.keys()].flatMap((target) => this.late(target));
  }
}

/** The release of a package that may be in an image after the level "newest"; null when none may. */
function candidateOf(
  { found, used, older, present }: MetPackage,
  fixed: ReadonlySet<Literal>,
): Release | null {
  if (fixed.has(-present)) return null;
  const index = found.releases.findIndex(
    (_, at) => !fixed.has(older[at] ?? 0) && (at === 0 || !fixed.has(-older[at - 1]!)),
  );
  return index < 0 || fixed.has(-used[index]!) ? null : found.releases[index]!;
}
