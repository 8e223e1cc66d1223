import type { Release } from "../model/release.ts";
import { Candidates } from "./candidates.ts";
import { Circles } from "./circle.ts";
import type { Encoding } from "./encode.ts";
import { Exploring } from "./exploring.ts";
import { fewestPackages } from "./fewest-packages.ts";
import { type Guess, guess } from "./guess.ts";
import type { LevelSearch } from "./level-search.ts";
import type { Levels } from "./levels.ts";
import { OpenedLevel } from "./opened-level.ts";
import { breakFewest, takeInOrder } from "./optimise.ts";
import type { Problem } from "./problem.ts";
import { type Clause, isTrue, type Literal } from "./sat.ts";
import type { SatHeap } from "./sat-heap.ts";
import type { SlicedPackage } from "./slice.ts";
import { Stage } from "./stage.ts";

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
  readonly #heap: SatHeap;
  readonly #also: readonly Clause[];
  readonly #found: Found;
  readonly #better: Better;
  readonly #whole: Stage;
  /** Searches of one target, once the level "newest" is over. */
  readonly #parts = new Map<string, Stage>();
  /** Levels whose optimum is found. */
  #closed = 0;
  #model: Uint8Array = new Uint8Array(0);
  readonly #earlier = new Map<string | null, Stage>();
  readonly #candidates: Candidates;

  /** @param also clauses that must hold, too: they may want something to be there */
  constructor(
    { encoding, levels }: Problem,
    heap: SatHeap,
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
    this.#candidates = new Candidates(encoding, this.opened);
    this.#whole = this.#stage(null, this.apart);
  }

  /** Finds the optima of the levels up to "newest"; false when there is no plan. */
  run(): boolean {
    if (!this.#begin()) return false;
    const whole = this.#whole;
    if (this.#encoding.targets.length === 1) this.#found(0, whole.holds, this.#encoding.targets);
    this.#better(0, whole.holds);
    for (const opened of this.opened.slice(0, this.apart)) {
      // Other levels only want things away.
      const { name, wishes } = opened.level;
      if (name === "locked" && wishes.length > 0) whole.search.regime = "here";
      this.#optimise(opened, whole);
      this.#closed += 1;
      this.#better(this.#closed, whole.holds);
    }
    // What nobody needs was taken out of the last model; this one keeps the optima with all that it has.
    require(whole.solve(this.#closed));
    this.#model = whole.search.model.slice();
    return true;
  }

  /** Finds those of the others, and so the best plan. */
  finish(isLarge: boolean): void {
    const { targets } = this.#encoding;
    const whole = this.#whole;
    if (targets.length === 1 || !isLarge) {
      this.#rest(whole);
      if (targets.length === 1) this.#parts.set(targets[0]!, whole);
    } else {
      for (const target of targets) {
        this.#closed = this.apart;
        const part = this.#part(target);
        this.#parts.set(target, part);
        this.#rest(part);
      }
    }
    this.#closed = this.opened.length;
  }

  /** Has the levels after "newest" from elsewhere: the images of all targets that are best on them. */
  adopt(images: readonly Guess[]): void {
    const { search } = this.#whole;
    require(search.suits(images));
    this.#model = search.image.slice();
  }

  /** A first model, from small images of new versions on. */
  #begin(): boolean {
    const { slice, targets } = this.#encoding;
    const closures = targets.map((one) => slice.closures(one));
    return this.#whole.search.suits(guess(slice, closures)) || this.#whole.solve(0);
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
   * What was possible after `depth` levels: on a target, while the others stand as in the best plan, or on all together
   * for null.
   */
  earlier(target: string | null, depth: number): Stage {
    const part = target === null ? undefined : this.#parts.get(target);
    if (part !== undefined && depth >= this.apart) return part;
    let earlier = this.#earlier.get(target);
    if (earlier === undefined) {
      earlier = this.#stage(target, 0);
      earlier.search.regime = "closed";
      earlier.search.begin(this.holds);
      this.#earlier.set(target, earlier);
    }
    return earlier;
  }

  /** What the levels up to "newest" leave of a package on a target. */
  candidate(target: string, name: string): Release | null {
    return this.#candidates.of(target, name);
  }

  /** A search of all targets, or of one alone, while the others stand as in the model so far. */
  #stage(target: string | null, firm: number): Stage {
    const part = target === null ? null : { target, base: this.#model };
    const grown = () => {
      this.#grown();
      return stage.news();
    };
    const search = new Exploring(this.#encoding, this.#circles, this.#heap, grown, part);
    const stage: Stage = new Stage(search, target, this.opened, firm);
    if (this.#also.length > 0) search.regime = "here";
    for (const clause of this.#also) search.add(clause);
    return stage;
  }

  /** A search of one target, with the optima so far. */
  #part(target: string): Stage {
    const part = this.#stage(target, this.apart);
    part.search.regime = this.#whole.search.regime;
    part.search.begin(this.holds);
    require(part.solve(this.apart));
    // What it has more packages than it needs is at no level so far.
    const releases = ({ name }: SlicedPackage) =>
      [this.#candidates.of(target, name)].filter((one) => one !== null);
    const closures = this.#encoding.slice.closures(target);
    part.search.suits(guess(this.#encoding.slice, [closures], { releases, provider: () => null }));
    return part;
  }

  /** The levels after "newest". */
  #rest(stage: Stage): void {
    for (const opened of this.opened.slice(this.apart)) {
      if (opened.level.name === "names") {
        // It wants choices filled: of all that can be in one of the optima it has to be known what there is to fill.
        this.#candidates.encode(stage.target);
        stage.search.regime = "closed";
        require(stage.solve(this.#closed));
      }
      this.#optimise(opened, stage);
      this.#closed += 1;
    }
    this.#model = stage.search.model.slice();
  }

  #optimise(opened: OpenedLevel, stage: Stage): void {
    const depth = this.#closed;
    const { search, target } = stage;
    const targets = target === null ? this.#encoding.targets : [target];
    const level: LevelSearch = {
      variable: () => search.variable(),
      add: (clause) => stage.add(depth + 1, clause),
      fix: (clause) => {
        stage.fix(depth + 1, clause);
      },
      solve: (wanted) => {
        const satisfiable = stage.solve(depth + 1, wanted);
        // Other targets may differ there: then it says nothing about this one alone.
        if (satisfiable && targets.length === 1) this.#found(depth, search.holds, targets);
        return satisfiable;
      },
      holds: search.holds,
      fresh: () => opened.fresh(target),
    };
    if (opened.level.kind === "order") takeInOrder(level, opened.level.name === "names");
    else if (opened.level.name !== "packages") breakFewest(level);
    else {
      const problem = { encoding: this.#encoding, levels: this.#levels };
      fewestPackages(problem, level, targets, this.#candidates);
    }
  }

  /** The encoding has grown: what that says about the levels that are over. */
  #grown(): void {
    this.#levels.update();
    for (const opened of this.opened.slice(0, this.#closed)) opened.fixLate();
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
