// Sizes of images, and how long a build takes: all of it anew, and with nothing changed.
import { rmSync, statSync } from "node:fs";
import { join } from "node:path";
import { alternate, table, time } from "./measure.mjs";

export function benchBuild(apps) {
  const rows = [];
  const tables = [];
  for (const [name, app] of [
    ["hello", apps.hello],
    ["web", apps.site],
  ]) {
    for (const target of ["unix", "xen"]) {
      const output = join(apps.folder, `${name}-${target}`);
      const args = [apps.cli, "-C", app, "build", "--target", target, "--output", output];
      const [cold, unchanged] = alternate(3, [
        () => {
          rmSync(join(app, ".unipkg"), { recursive: true, force: true });
          return time(process.execPath, args);
        },
        () => time(process.execPath, args),
      ]);
      const seconds = [cold, unchanged].map((ms) => (ms / 1000).toFixed(2));
      rows.push([`${name} for ${target}`, statSync(output).size, ...seconds]);
      tables.push(apps.unipkg(...args.slice(1)).trim());
    }
  }
  table("Images and builds (median of 3)", ["image", "bytes", "cold s", "unchanged s"], rows);
  console.log(`\n${tables.join("\n\n")}`);
}
