import { defineConfig } from "vitest/config";

export default defineConfig({
  test: {
    include: ["test/**/*.test.ts"],
    // Limits for what hangs, not for what is slow: suites link, boot and emulate beside each other.
    testTimeout: 180_000,
    hookTimeout: 400_000,
    // Two cores: more workers only take turns.
    maxWorkers: 2,
    // Each instance of MiniSat is 64 MiB that V8 collects at once: with threads that wait for each other, that takes as
    // long as all the rest of the solver's tests.
    execArgv: ["--single-threaded-gc"],
  },
});
