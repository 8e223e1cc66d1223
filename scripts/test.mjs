// `npm test`: all set-up, then every test that can be trusted on a fresh machine.
// Arguments go to vitest: `npm test -- test/solver`.
import { run, setup } from "./setup.mjs";

setup({ system: true, tests: true });
run(process.execPath, "scripts/build.mjs");
run(process.execPath, "node_modules/vitest/vitest.mjs", "run", ...process.argv.slice(2));
