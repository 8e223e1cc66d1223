// `npm run bench [cli] [build] [http]`: side by side with peers in one run, medians, as ratios.
// The machine is made ready first (nginx and wrk from Debian); sites and images are made in a temporary folder.
import { execFileSync } from "node:child_process";
import { existsSync, mkdtempSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { root, run, setup } from "../scripts/setup.mjs";
import { benchHttp } from "./http.mjs";
import { alternate, table, time } from "./measure.mjs";

const parts = process.argv.slice(2);
const wants = (part) => parts.length === 0 || parts.includes(part);

setup({ system: true });
run(process.execPath, "scripts/build.mjs");
const folder = mkdtempSync(join(tmpdir(), "unipkg-bench-"));
const node = process.execPath;
const cli = join(root, "dist/cli/main.js");
const unipkg = (...args) =>
  execFileSync(node, [cli, ...args], {
    cwd: folder,
    encoding: "utf8",
    stdio: ["ignore", "pipe", "inherit"],
  });
const site = join(folder, "site");
const hello = join(folder, "hello");

try {
  unipkg("init", site, "--template", "web");
  unipkg("init", hello, "--template", "hello");
  writeFileSync(join(site, "public/sample-16k.bin"), Buffer.alloc(16384, 0x55));
  if (wants("build")) buildTimes();
  if (wants("cli")) cliTimes();
  if (wants("http")) {
    if (!existsSync("/usr/sbin/nginx") || !existsSync("/usr/bin/wrk")) {
      run("apt-get", "install", "-y", "-q", "--no-install-recommends", "nginx-light", "wrk");
    }
    unipkg(
      "-C",
      site,
      "build",
      "--target",
      "unix",
      "--set",
      "site.port=18081",
      "--output",
      join(folder, "web-unix"),
    );
    await benchHttp(site, join(folder, "web-unix"), join(folder, "http"));
  }
} finally {
  rmSync(folder, { recursive: true, force: true });
}

function cliTimes() {
  unipkg("-C", site, "solve", "--target", "unix,xen");
  const solve = (cold) => () => {
    if (cold) rmSync(join(site, ".unipkg"), { recursive: true, force: true });
    return time(node, [cli, "-C", site, "solve", "--target", "unix"]);
  };
  const [bare, version, cold, warm] = [
    ...alternate(11, [() => time(node, ["-e", "0"]), () => time(node, [cli, "--version"])]),
    ...alternate(5, [solve(true), solve(false)]),
  ];
  const row = (name, ms) => [
    name,
    ms.toFixed(0),
    `${(ms / bare).toFixed(2)}x`,
    `+${(ms - bare).toFixed(0)}`,
  ];
  table(
    "Start of the command line (median; ms)",
    ["command", "ms", "node -e 0", "more"],
    [
      row("node -e 0", bare),
      row("unipkg --version", version),
      row("unipkg solve, web, application not read before", cold),
      row("unipkg solve, web, warm", warm),
    ],
  );
}

function buildTimes() {
  const rows = [];
  for (const [name, app] of [
    ["hello", hello],
    ["web", site],
  ]) {
    for (const target of ["unix", "xen"]) {
      const output = join(folder, `${name}-${target}`);
      const args = [cli, "-C", app, "build", "--target", target, "--output", output];
      const [cold, unchanged] = alternate(3, [
        () => {
          rmSync(join(app, ".unipkg"), { recursive: true, force: true });
          return time(node, args);
        },
        () => time(node, args),
      ]);
      rows.push([
        `${name} for ${target}`,
        statSync(output).size,
        (cold / 1000).toFixed(2),
        (unchanged / 1000).toFixed(2),
      ]);
    }
  }
  table("Images and builds (median of 3)", ["image", "bytes", "cold s", "unchanged s"], rows);
  for (const app of [hello, site]) {
    console.log(`
${unipkg("-C", app, "build", "--target", "xen").trim()}`);
  }
}
