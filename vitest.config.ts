import { defineConfig } from "vitest/config";

export default defineConfig({
  test: {
    include: ["test/**/*.test.ts"],
    // Limits for what hangs, not for what is slow: suites link, boot and emulate beside each other.
    testTimeout: 180_000,
    hookTimeout: 400_000,
    // Two cores: more workers only take turns.
    maxWorkers: 2,
  },
});
