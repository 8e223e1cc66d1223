// Compiles the tool to dist/ and indexes the bundled catalog.
import { chmodSync, rmSync } from "node:fs";
import { join } from "node:path";
import { root, run, setup } from "./setup.mjs";

setup({ system: false });
rmSync(join(root, "dist"), { recursive: true, force: true });
run(process.execPath, "node_modules/typescript/bin/tsc", "-p", "tsconfig.build.json");
chmodSync(join(root, "dist/cli/main.js"), 0o755);
const { buildCatalog } = await import("../dist/registry/build-catalog.js");
const result = await buildCatalog(join(root, "recipes"), join(root, "dist/catalog.json"));
if (!result.ok) {
  for (const problem of result.problems) console.error(problem);
  process.exit(1);
}
