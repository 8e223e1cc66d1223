import { createMiniSat, type MiniSatInstance } from "./minisat.ts";
import type { Clause, Literal } from "./sat.ts";

/** The SAT solver gave up, as a rule because its heap is full. Nothing on that heap can be used any more. */
export class SatFailure extends Error {}

/** One of the solvers on a heap. */
export interface HeapSolver {
  /** Where it is on the heap. */
  readonly address: number;
  /** Variables that it knows. */
  variables: number;
}

/**
 * Where this build of MiniSat has its two global variables, in words: the solver that is spoken to, and how many variables that one has. An
 * own instance for each solver costs milliseconds, and 64 MiB of which the garbage collector thinks that they were in use.
 */
const theSolver = 964;
const numberOfVariables = 962;

/**
 * An instance of MiniSat, with a heap that several solvers share. It is fixed, and on exhaustion MiniSat throws a string and answers wrongly
 * afterwards (measured: "satisfiable" after 4 of 7 aborts). So every exception ends the heap: it becomes `SatFailure`, and each
 * later call throws that again.
 */
export class SatHeap {
  readonly #native: MiniSatInstance;
  #current: HeapSolver | null = null;
  #buffer = 0;
  #capacity = 256;
  #failure: SatFailure | null = null;

  /** @param size in MiB; pages that are not used cost nothing, and a solver begins with 5 MiB */
  constructor(size: number) {
    this.#native = withHeap(size, createMiniSat);
    // An abort prints to the console otherwise.
    this.#native.print = () => {};
    this.#native.printErr = () => {};
    this.#buffer = this.#native._malloc(this.#capacity * 4);
  }

  /** A new solver, without clauses. */
  solver(): HeapSolver {
    if (this.#failure !== null) throw this.#failure;
    const words = this.#native.HEAP32;
    this.#leave();
    words[numberOfVariables] = 0;
    try {
      this.#native._createTheSolver();
    } catch (cause) {
      throw this.#fail(cause);
    }
    const made = { address: words[theSolver]!, variables: 0 };
    this.#current = made;
    return made;
  }

  /** Adds a clause; false when the clauses cannot hold together any more. */
  add(solver: HeapSolver, clause: Clause): boolean {
    if (this.#current !== solver) this.#enter(solver);
    const { length } = clause;
    try {
      if (length >= this.#capacity) this.#grow(length + 1);
      const words = this.#native.HEAP32;
      const start = this.#buffer >> 2;
      for (let index = 0; index < length; index++) words[start + index] = clause[index]!;
      words[start + length] = 0;
      return this.#native._addClause(this.#buffer) !== 0;
    } catch (cause) {
      throw this.#fail(cause);
    }
  }

  /** Whether all clauses can hold together with one more variable. */
  solve(solver: HeapSolver, wanted: Literal, variables: number): boolean {
    if (this.#current !== solver) this.#enter(solver);
    try {
      this.#native._ensureVar(variables);
      return this.#native._solveAssuming(wanted) !== 0;
    } catch (cause) {
      throw this.#fail(cause);
    }
  }

  /** Fixes a variable to false, so that clauses with its negative are dropped. */
  retire(solver: HeapSolver, variable: Literal): void {
    if (this.#current !== solver) this.#enter(solver);
    try {
      this.#native._retireVar(variable);
    } catch (cause) {
      throw this.#fail(cause);
    }
  }

  /** Writes the values, 1 or 0, of the first variables in the last model that was found; those that it does not have are 0. */
  readModel(solver: HeapSolver, model: Uint8Array, variables: number): void {
    if (this.#current !== solver) this.#enter(solver);
    const bytes = this.#native.HEAPU8;
    const start = this.#native._getSolution();
    const known = Math.min(variables, this.#native._getNumVars());
    for (let index = 0; index < known; index++) {
      model[index + 1] = bytes[start + index] === 0 ? 1 : 0;
    }
    model.fill(0, known + 1);
  }

  /** Makes another solver the one that is spoken to. */
  #enter(solver: HeapSolver): void {
    if (this.#failure !== null) throw this.#failure;
    this.#leave();
    this.#native.HEAP32[theSolver] = solver.address;
    this.#native.HEAP32[numberOfVariables] = solver.variables;
    this.#current = solver;
  }

  #leave(): void {
    if (this.#current === null) return;
    this.#current.variables = this.#native.HEAP32[numberOfVariables]!;
    this.#current = null;
  }

  #grow(size: number): void {
    this.#native._free(this.#buffer);
    this.#capacity = size * 2;
    this.#buffer = this.#native._malloc(this.#capacity * 4);
  }

  #fail(cause: unknown): SatFailure {
    this.#failure = new SatFailure("the SAT solver gave up", { cause });
    // The next call has to enter, and cannot.
    this.#current = null;
    return this.#failure;
  }
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
