// How long a person waits for the command line, beside Node's own start.
import { rmSync } from "node:fs";
import { join } from "node:path";
import { alternate, table, time } from "./measure.mjs";

export function benchCli(apps) {
  const node = process.execPath;
  const solveWithout = (forgotten) => () => {
    rmSync(join(apps.site, ".unipkg", forgotten), { recursive: true, force: true });
    return time(node, [apps.cli, "-C", apps.site, "solve", "--target", "unix"]);
  };
  apps.unipkg("-C", apps.site, "solve", "--target", "unix,xen");
  const [bare, version, cold, asked, warm] = alternate(11, [
    () => time(node, ["-e", "0"]),
    () => time(node, [apps.cli, "--version"]),
    solveWithout("."),
    solveWithout("plans.json"),
    solveWithout("nothing"),
  ]);
  const row = (name, ms) => [
    name,
    ms.toFixed(0),
    `${(ms / bare).toFixed(2)}x`,
    `+${(ms - bare).toFixed(0)}`,
  ];
  table(
    "Start of the command line (median of 11; ms)",
    ["command", "ms", "node -e 0", "more"],
    [
      row("node -e 0", bare),
      row("unipkg --version", version),
      row("unipkg solve, web: sources not read before", cold),
      row("unipkg solve, web: sources known, solved anew", asked),
      row("unipkg solve, web: nothing changed", warm),
    ],
  );
}
