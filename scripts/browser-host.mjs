// Makes the scripts of the target `browser` from its typed source: one file each for the page, its worker and the service worker, in
// the package, so that a published package has all that its back end copies.
import { mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { rolldown } from "rolldown";

const entries = {
  page: "page/page.ts",
  worker: "worker.ts",
  "service-worker": "service-worker.ts",
};

/** Scripts that are what they were keep their time; a new one is never seen half-written. */
export async function buildBrowserHost(root) {
  const target = join(root, "recipes/targets/browser");
  for (const [name, file] of Object.entries(entries)) {
    const bundle = await rolldown({ input: join(target, "runtime", file), logLevel: "warn" });
    const { output } = await bundle.generate({ format: "es", minify: true });
    await bundle.close();
    if (output.length !== 1) throw new Error(`${file} became ${output.length} files`);
    write(join(target, "host", `${name}.js`), output[0].code);
  }
}

function write(path, code) {
  mkdirSync(dirname(path), { recursive: true });
  try {
    if (readFileSync(path, "utf8") === code) return;
  } catch {
    // It is not there yet.
  }
  const temporary = `${path}.${process.pid}`;
  try {
    writeFileSync(temporary, code);
    renameSync(temporary, path);
  } finally {
    rmSync(temporary, { force: true });
  }
}
