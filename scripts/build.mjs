// Compiles the tool and indexes the bundled catalog, beside dist/, which is replaced when all is there.
import { chmodSync, renameSync, rmSync } from "node:fs";
import { join } from "node:path";
import { root, run, setup } from "./setup.mjs";

setup({ system: false });
const made = join(root, `dist.${process.pid}`);
const finished = join(root, "dist");
// At any end of this process, an early one too.
process.on("exit", () => rmSync(made, { recursive: true, force: true }));
run(
  process.execPath,
  "node_modules/typescript/bin/tsc",
  "-p",
  "tsconfig.build.json",
  "--outDir",
  made,
);
chmodSync(join(made, "cli/main.js"), 0o755);
// After setup: its packages are there now.
const { buildBrowserHost } = await import("./browser-host.mjs");
await buildBrowserHost(root);
const { buildCatalog } = await import(join(made, "registry/build-catalog.js"));
const result = await buildCatalog(join(root, "recipes"), join(made, "catalog.json"));
if (!result.ok) {
  for (const problem of result.problems) console.error(problem);
  process.exitCode = 1;
} else {
  rmSync(finished, { recursive: true, force: true });
  renameSync(made, finished);
}
