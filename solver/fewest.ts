import { Chain } from "./chain.ts";
import { conflict } from "./conflict.ts";
import { fixing, type LevelSearch } from "./level-search.ts";
import type { Literal } from "./sat.ts";
import { count } from "./totalizer.ts";

/**
 * Breaks as few wishes as possible, all counting alike, by cores (OLL: B. Andres et al., ICLP 2012): of wishes that
 * cannot hold together one is given up, and that no more of them be lost is wished instead.
 *
 * Most wishes are about packages that nobody thinks of: a wish is looked at only once a model breaks it. A model
 * that keeps those that are looked at and breaks no other is the optimum.
 */
export class Fewest {
  readonly #sat: LevelSearch;
  /** Wishes that no model broke so far. */
  #unbroken: readonly Literal[];
  readonly #fresh: () => readonly Literal[];
  /** Wishes that hold together. */
  readonly #accepted: Chain;
  #pending: Literal[] = [];
  /** A wish "at most n of these are broken" is followed by "at most n + 1". */
  readonly #successors = new Map<Literal, readonly Literal[]>();
  /** As wished in the first place, all that came up so far. */
  readonly #wishes: Literal[];
  /** How many of them are broken at least, and in the best model. */
  #least: number;
  #most = Number.POSITIVE_INFINITY;

  /**
   * @param wishes all of the level
   * @param cores how many of them are known to be broken
   * @param rest wishes instead, as the cores left them
   * @param fresh wishes that are new since the last call: with a model, there may be more to wish for
   */
  constructor(
    sat: LevelSearch,
    wishes: readonly Literal[],
    cores: number,
    rest: readonly Literal[],
    fresh: () => readonly Literal[],
  ) {
    this.#sat = sat;
    this.#wishes = [...wishes];
    this.#least = cores;
    this.#unbroken = rest;
    this.#fresh = fresh;
    this.#accepted = new Chain(sat);
  }

  /** Adds clauses that leave the optima only, and returns how many wishes they break. */
  run(): number {
    do {
      while (this.#pending.length > 0 && this.#least < this.#most)
        this.#try(this.#pending.shift()!);
      if (this.#least === this.#most) break;
      this.#possible(this.#accepted.length, []);
      this.#look();
    } while (this.#pending.length > 0);
    // Each model that breaks no more than it has to keeps all of these, and leaves out what only came up now.
    let wishes: readonly Literal[] = [
      ...this.#accepted.literals,
      ...this.#unbroken,
      ...this.#pending,
    ];
    do {
      for (const wish of wishes) this.#sat.fix([wish]);
      this.#sat.solve([]);
      wishes = this.#fresh();
    } while (wishes.length > 0);
    return this.#least;
  }

  #possible(accepted: number, wanted: readonly Literal[]): boolean {
    if (!this.#sat.solve([...this.#accepted.first(accepted), ...wanted])) return false;
    // What the model met is a part of what it costs.
    const fresh = this.#fresh();
    this.#wishes.push(...fresh);
    this.#unbroken = [...this.#unbroken, ...fresh];
    const broken = this.#wishes.filter((wish) => !this.#sat.holds(wish)).length;
    this.#most = Math.min(this.#most, broken);
    return true;
  }

  /** Wishes that the last model breaks are looked at from now on. */
  #look(): void {
    this.#pending.push(...this.#unbroken.filter((wish) => !this.#sat.holds(wish)));
    this.#unbroken = this.#unbroken.filter((wish) => this.#sat.holds(wish));
  }

  #try(wish: Literal): void {
    if (!this.#possible(this.#accepted.length, [wish])) {
      const possible = (wanted: readonly Literal[]) => this.#possible(0, wanted);
      this.#relax(conflict(this.#sat, this.#accepted, wish, possible));
      return;
    }
    this.#accepted.push(wish);
    const granted = this.#pending.filter((one) => this.#sat.holds(one));
    this.#pending = this.#pending.filter((one) => !this.#sat.holds(one));
    for (const one of granted) this.#accepted.push(one);
  }

  #relax(core: readonly Literal[]): void {
    this.#least += 1;
    this.#accepted.remove(new Set(core));
    this.#sat.add(core.map((wish) => -wish));
    const weaker = core.map((wish) => this.#successors.get(wish) ?? []);
    if (core.length > 1) {
      const broken = count(
        fixing(this.#sat),
        core.map((wish) => -wish),
      );
      weaker.push(broken.slice(1).map((atLeast) => -atLeast));
    }
    for (const [next, ...rest] of weaker) {
      if (next === undefined) continue;
      this.#pending.push(next);
      this.#successors.set(next, rest);
    }
  }
}
