import { createMiniSat, type MiniSatInstance } from "./minisat.ts";
import { Variables } from "./variables.ts";

/**
 * A thin layer over MiniSat that knows no packages. Variables are positive integers, a literal is a
 * variable or its negative, a clause is a list of literals of which one must hold.
 *
 * MiniSat's heap is fixed (64 MiB unless asked otherwise) and on exhaustion it throws a string and
 * answers wrongly afterwards (shared research, MEASURED: "satisfiable" after 4 of 7 aborts). So every
 * exception ends the instance: it becomes `SatFailure`, and each later call throws that again.
 */

export type Literal = number;
export type Clause = readonly Literal[];

/** The SAT solver gave up, as a rule because its heap is full. The instance cannot be used any more. */
export class SatFailure extends Error {}

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
  readonly #native: MiniSatInstance;
  readonly #refine: Refine;
  readonly #variables: Variables;
  #buffer: number;
  #capacity = 256;
  #model: Uint8Array = new Uint8Array(0);
  /** Where the next model goes. */
  #spare: Uint8Array = new Uint8Array(0);
  #failure: SatFailure | null = null;
  /**
   * The clauses alone cannot hold. MiniSat must not be asked then: this build of it loops until its heap is
   * full (meteor/meteor#7533).
   */
  #contradiction = false;

  /**
   * @param heap size in MiB; pages that are not used cost nothing
   * @param variables where fresh ones come from, when something else numbers them, too
   */
  constructor(heap = 64, refine: Refine = () => [], variables = new Variables()) {
    this.#refine = refine;
    this.#variables = variables;
    this.#native = withHeap(heap, createMiniSat);
    // An abort prints to the console otherwise.
    this.#native.print = () => {};
    this.#native.printErr = () => {};
    this.#native._createTheSolver();
    this.#buffer = this.#native._malloc(this.#capacity * 4);
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
    const consistent = this.#guarded(() => {
      if (clause.length >= this.#capacity) this.#grow(clause.length + 1);
      const heap = this.#native.HEAP32;
      const start = this.#buffer >> 2;
      for (let index = 0; index < clause.length; index++) heap[start + index] = clause[index]!;
      heap[start + clause.length] = 0;
      return this.#native._addClause(this.#buffer) !== 0;
    });
    if (!consistent) this.#contradiction = true;
  }

  /** Whether all clauses can hold together with all of `wanted`. If so, `holds` speaks of a model of them. */
  solve(wanted: readonly Literal[] = []): boolean {
    // MiniSat takes one positive assumption: a selector that implies all that is wanted.
    const selector = this.variable();
    for (const literal of wanted) this.add([-selector, literal]);
    const satisfiable = this.#search(selector);
    if (!satisfiable && wanted.length === 0) this.#contradiction = true;
    if (!this.#contradiction) this.#guarded(() => this.#native._retireVar(selector));
    return satisfiable;
  }

  /** The literal's value in the last model found; a `solve` that fails leaves that one standing. */
  holds = (literal: Literal): boolean => isTrue(this.#model, literal);

  get model(): Uint8Array {
    return this.#model;
  }

  #search(selector: Literal): boolean {
    while (!this.#contradiction) {
      const satisfiable = this.#guarded(() => {
        this.#native._ensureVar(this.#variables.count);
        return this.#native._solveAssuming(selector) !== 0;
      });
      if (!satisfiable) return false;
      const model = this.#readModel();
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

  #readModel(): Uint8Array {
    if (this.#spare.length <= this.#variables.count) {
      this.#spare = new Uint8Array(this.#variables.count * 2 + 64);
    }
    const model = this.#spare;
    const bytes = this.#native.HEAPU8;
    const start = this.#native._getSolution();
    const known = Math.min(this.#variables.count, this.#native._getNumVars());
    for (let index = 0; index < known; index++) {
      model[index + 1] = bytes[start + index] === 0 ? 1 : 0;
    }
    model.fill(0, known + 1);
    return model;
  }

  #grow(size: number): void {
    this.#native._free(this.#buffer);
    this.#capacity = size * 2;
    this.#buffer = this.#native._malloc(this.#capacity * 4);
  }

  #guarded<T>(action: () => T): T {
    if (this.#failure !== null) throw this.#failure;
    try {
      return action();
    } catch (cause) {
      this.#failure = new SatFailure("the SAT solver gave up", { cause });
      throw this.#failure;
    }
  }
}

/** A literal's value in a model; variables that it does not have are false. */
export function isTrue(model: Uint8Array, literal: Literal): boolean {
  return (model[Math.abs(literal)] === 1) === literal > 0;
}

/**
 * Emscripten reads `Module.TOTAL_MEMORY` from an object that cannot be passed in but inherits from
 * Object.prototype: the property stands there for the synchronous length of the call only.
 */
function withHeap<T>(heap: number, create: () => T): T {
  if (heap === 64) return create();
  const prototype = Object.prototype as { TOTAL_MEMORY?: number };
  Object.defineProperty(prototype, "TOTAL_MEMORY", {
    value: heap * 1024 * 1024,
    configurable: true,
    enumerable: false,
  });
  try {
    return create();
  } finally {
    delete prototype.TOTAL_MEMORY;
  }
}
