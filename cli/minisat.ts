import { setFlagsFromString } from "node:v8";

/**
 * Loads a module that searches with MiniSat, for searches that are small.
 *
 * MiniSat is asm.js, which V8 validates and compiles whole when it is loaded: 0.2 to 0.4 s of processor
 * time, more than most searches take. Taken as plain JavaScript it searches up to 1.9 times slower, but
 * is there at once.
 */
export async function withPlainMiniSat<T>(load: () => Promise<T>): Promise<T> {
  setFlagsFromString("--no-validate-asm");
  try {
    return await load();
  } finally {
    setFlagsFromString("--validate-asm");
  }
}
