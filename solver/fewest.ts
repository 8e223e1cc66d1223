import { Chain } from "./chain.ts";
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
  #cost = 0;

  /** @param fresh wishes that are new since the last call: with a model, there may be more to wish for */
  constructor(sat: LevelSearch, wishes: readonly Literal[], fresh: () => readonly Literal[]) {
    this.#sat = sat;
    this.#fresh = fresh;
    this.#unbroken = wishes;
    this.#accepted = new Chain(sat);
  }

  /** Adds clauses that leave the optima only, and returns how many wishes they break. */
  run(): number {
    this.#possible(this.#accepted.length, []);
    this.#look();
    while (this.#pending.length > 0) {
      while (this.#pending.length > 0) this.#try(this.#pending.shift()!);
      this.#possible(this.#accepted.length, []);
      this.#look();
    }
    for (const wish of [...this.#accepted.literals, ...this.#unbroken]) this.#sat.fix([wish]);
    return this.#cost;
  }

  #possible(accepted: number, wanted: readonly Literal[]): boolean {
    return this.#sat.solve([...this.#accepted.first(accepted), ...wanted]);
  }

  /** Wishes that the last model breaks are looked at from now on. */
  #look(): void {
    this.#unbroken = [...this.#unbroken, ...this.#fresh()];
    this.#pending.push(...this.#unbroken.filter((wish) => !this.#sat.holds(wish)));
    this.#unbroken = this.#unbroken.filter((wish) => this.#sat.holds(wish));
  }

  #try(wish: Literal): void {
    if (!this.#possible(this.#accepted.length, [wish])) {
      this.#relax(this.#coreWith(wish));
      return;
    }
    this.#accepted.push(wish);
    const granted = this.#pending.filter((one) => this.#sat.holds(one));
    this.#pending = this.#pending.filter((one) => !this.#sat.holds(one));
    for (const one of granted) this.#accepted.push(one);
  }

  /** A minimal set of accepted wishes that cannot hold together with `wish`, and `wish`. */
  #coreWith(wish: Literal): readonly Literal[] {
    const core = [wish];
    // The core cannot hold beside so many of the first accepted wishes: the last of them is needed.
    let impossible = this.#accepted.length;
    while (this.#possible(0, core)) {
      let possible = 0;
      while (impossible - possible > 1) {
        const middle = (possible + impossible) >> 1;
        if (this.#possible(middle, core)) possible = middle;
        else impossible = middle;
      }
      impossible -= 1;
      core.push(this.#accepted.literals[impossible]!);
    }
    return core;
  }

  #relax(core: readonly Literal[]): void {
    this.#cost += 1;
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
