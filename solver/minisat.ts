// biome-ignore lint/correctness/noNodejsModules: no effect of ours: by `import`, Node parses the 230 kB of CommonJS three times (90 ms), by `require` once (20 ms)
import { createRequire } from "node:module";

/**
 * One instance of MiniSat 2.2 as the npm package logic-solver carries it, compiled to asm.js in 2015: the
 * raw layer under its string API. Each has a heap of its own; pointers are byte offsets into that heap.
 */
export interface MiniSatInstance {
  readonly HEAP32: Int32Array;
  readonly HEAPU8: Uint8Array;
  print: (line: string) => void;
  printErr: (line: string) => void;
  _malloc(bytes: number): number;
  _free(pointer: number): void;
  _createTheSolver(): void;
  /** Makes room for variables up to this one. */
  _ensureVar(variable: number): void;
  /** Takes a pointer to literals (variable or its negative), ended by 0. 0 when the clauses are now unsatisfiable. */
  _addClause(pointer: number): number;
  _solve(): number;
  /** Solves with one variable assumed true. */
  _solveAssuming(variable: number): number;
  /** Fixes a variable to false, so that clauses guarded by it are dropped. */
  _retireVar(variable: number): void;
  _getNumVars(): number;
  /** Pointer to one byte a variable, from variable 1: 0 is true. */
  _getSolution(): number;
}

/** A new instance, with a heap of 64 MiB unless `Object.prototype.TOTAL_MEMORY` says otherwise at this moment. */
export const createMiniSat: () => MiniSatInstance = createRequire(import.meta.url)(
  "logic-solver/minisat.js",
);
