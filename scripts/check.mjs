// Everything that can be known without running a test: format and lint, types, promises and switches,
// layers, and AssemblyScript over every recipe (by way of the catalog's index).
import { run, setup } from "./setup.mjs";

setup({ system: false });
const bin = (name) => `node_modules/.bin/${name}`;
run(bin("biome"), "ci", ".");
for (const project of ["tsconfig.json", "tsconfig.page.json", "tsconfig.worker.json"]) {
  run(bin("tsc"), "-p", project);
}
run(
  bin("oxlint"),
  "--type-aware",
  "-c",
  ".oxlintrc.json",
  "cli",
  "solver",
  "registry",
  "linker",
  "model",
  "test",
  "bench",
  "recipes/targets/browser/runtime",
);
run(process.execPath, "scripts/layers.mjs");
run(process.execPath, "scripts/build.mjs");
