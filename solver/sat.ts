import { type HeapSolver, SatHeap } from "./sat-heap.ts";
import { Variables } from "./variables.ts";

/**
 * A thin layer over MiniSat that knows no packages. Variables are positive integers, a literal is a
 * variable or its negative, a clause is a list of literals of which one must hold.
 */

export type Literal = number;
export type Clause = readonly Literal[];

/** Looks at a model and returns clauses that it breaks though they must hold: none when all is well. */
export type Refine = (holds: (literal: Literal) => boolean) => readonly Clause[];

/** What clauses can be added to and asked of: a `Sat`, or a view of one. */
export interface Solvable {
  variable(): Literal;
  add(clause: Clause): void;
  solve(wanted?: readonly Literal[]): boolean;
  readonly holds: (literal: Literal) => boolean;
}

/** One that tells its whole model. */
export interface Engine extends Solvable {
  /** The last model: for each variable 1 or 0. The next but one may take its place. */
  readonly model: Uint8Array;
}

export class Sat implements Engine {
  readonly #heap: SatHeap;
  readonly #solver: HeapSolver;
  readonly #refine: Refine;
  readonly #variables: Variables;
  #model: Uint8Array = new Uint8Array(0);
  /** Where the next model goes. */
  #spare: Uint8Array = new Uint8Array(0);
  /**
   * The clauses alone cannot hold. MiniSat must not be asked then: this build of it loops until its heap is
   * full (meteor/meteor#7533).
   */
  #contradiction = false;

  /**
   * @param heap one that others use, too; or the size of its own in MiB
   * @param variables where fresh ones come from, when something else numbers them, too
   */
  constructor(heap: SatHeap | number = 64, refine: Refine = () => [], variables = new Variables()) {
    this.#refine = refine;
    this.#variables = variables;
    this.#heap = typeof heap === "number" ? new SatHeap(heap) : heap;
    this.#solver = this.#heap.solver();
  }

  /** A fresh variable. */
  variable(): Literal {
    return this.#variables.next();
  }

  /** Makes variables 1 to `count` known. */
  reserve(count: number): void {
    this.#variables.reserve(count);
  }

  add(clause: Clause): void {
    if (this.#contradiction) return;
    if (!this.#heap.add(this.#solver, clause)) this.#contradiction = true;
  }

  /** Whether all clauses can hold together with all of `wanted`. If so, `holds` speaks of a model of them. */
  solve(wanted: readonly Literal[] = []): boolean {
    // MiniSat takes one positive assumption: a selector that implies all that is wanted.
    const selector = this.variable();
    for (const literal of wanted) this.add([-selector, literal]);
    const satisfiable = this.#search(selector);
    if (!satisfiable && wanted.length === 0) this.#contradiction = true;
    if (!this.#contradiction) this.#heap.retire(this.#solver, selector);
    return satisfiable;
  }

  /** The literal's value in the last model found; a `solve` that fails leaves that one standing. */
  holds = (literal: Literal): boolean => isTrue(this.#model, literal);

  get model(): Uint8Array {
    return this.#model;
  }

  #search(selector: Literal): boolean {
    while (!this.#contradiction) {
      const { count } = this.#variables;
      if (!this.#heap.solve(this.#solver, selector, count)) return false;
      if (this.#spare.length <= count) this.#spare = new Uint8Array(count * 2 + 64);
      const model = this.#spare;
      this.#heap.readModel(this.#solver, model, count);
      const broken = this.#refine((literal) => isTrue(model, literal));
      if (broken.length === 0) {
        this.#spare = this.#model;
        this.#model = model;
        return true;
      }
      for (const clause of broken) this.add(clause);
    }
    return false;
  }
}

/** A literal's value in a model; variables that it does not have are false. */
export function isTrue(model: Uint8Array, literal: Literal): boolean {
  return (model[Math.abs(literal)] === 1) === literal > 0;
}
