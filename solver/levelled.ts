import { Circles } from "./circle.ts";
import { Earlier } from "./earlier.ts";
import type { Encoding } from "./encode.ts";
import { Exploring } from "./exploring.ts";
import type { LevelSearch } from "./level-search.ts";
import type { Level, Levels, Wish } from "./levels.ts";
import { breakFewest, takeInOrder } from "./optimise.ts";
import { type Clause, isTrue, type Literal } from "./sat.ts";
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

  /** @param also clauses that must hold, too: they may want something to be there */
  constructor(
    { encoding, levels }: { readonly encoding: Encoding; readonly levels: Levels },
    heap: number,
    also: readonly Clause[],
    found: Found,
    better: Better,
  ) {
    this.#encoding = encoding;
    this.#levels = levels;
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
    if (!this.#whole.solve()) return false;
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
    if (targets.length === 1 || variables.count < worthParting) this.#rest(this.#whole, null);
    else {
      for (const target of targets) {
        this.#closed = this.apart;
        this.#rest(this.#part(target), target);
      }
    }
    this.#closed = this.opened.length;
    return true;
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
    return part;
  }

  /** The levels after "newest", on a target, or on all for null. */
  #rest(search: Exploring, target: string | null): void {
    for (const opened of this.opened.slice(this.apart)) {
      if (opened.level.name === "names") {
        // It wants choices filled; but nothing that was not met by now is in any of the optima.
        search.regime = "closed";
        require(search.solve());
      }
      this.#optimise(opened, search, target);
      this.#closed += 1;
    }
    this.#model = search.model;
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
    else
      breakFewest(
        level,
        targets.flatMap((one) => this.#levels.providerEach(one)),
      );
  }

  /** The encoding has grown: what that says about the levels that are over. */
  #grown(target: string | null): readonly Clause[] {
    this.#levels.update();
    return this.opened
      .slice(0, this.#closed)
      .flatMap((one, depth) => one.late(depth < this.apart ? null : target));
  }
}

/** With fewer variables than this, targets are searched together: a search of its own has a price, too. */
const worthParting = 4_000;

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
