// `unipkg cudf` beside mccs and aspcud on the same documents, by turns: whole commands, from the file to
// the solution. `npm run build && node bench/cudf.mjs [--rounds N]`.
import { spawnSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { performance } from "node:perf_hooks";
import { fileURLToPath } from "node:url";
import { load, valuesOf } from "./cudf-values.mjs";
import { median, needs, table } from "./measure.mjs";

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const cli = process.env.UNIPKG_CLI ?? join(root, "dist/cli/main.js");
const at = process.argv.indexOf("--rounds");
const rounds = at < 0 ? 3 : Number(process.argv[at + 1]);
const work = mkdtempSync(join(tmpdir(), "unipkg-bench-"));

needs({ mccs: "mccs", aspcud: "aspcud", "dose-ceve": "dose-extra", time: "time", xz: "xz-utils" });

/** Runs a command: seconds of the clock and of the processor, and the most memory it had. */
function run(command, args) {
  const report = join(work, "time");
  const begin = performance.now();
  const { error } = spawnSync("/usr/bin/time", ["-o", report, "-f", "%U %S %M", command, ...args], {
    stdio: "ignore",
    cwd: work,
    timeout: 300_000,
  });
  const seconds = (performance.now() - begin) / 1000;
  if (error) return null;
  const [user, system, kilobytes] = readFileSync(report, "utf8")
    .trim()
    .split("\n")
    .at(-1)
    .split(" ");
  return { seconds, processor: Number(user) + Number(system), megabytes: Number(kilobytes) / 1000 };
}

function shell(command) {
  const { status, stderr } = spawnSync("sh", ["-c", command], { cwd: work, encoding: "utf8" });
  if (status !== 0) throw new Error(`${command}: ${stderr}`);
}

/** The whole of Debian as CUDF, without the names that mccs cannot read, and its request. */
function debian() {
  shell("apt-cache dumpavail > available");
  shell("dose-ceve -T cudf --latest 1 --deb-native-arch=amd64 deb://available -o debian.cudf");
  const text = readFileSync(join(work, "debian.cudf"), "latin1")
    .replace(
      /^((?:package|depends|conflicts|provides|recommends|replaces|request): )(.*)$/gm,
      (_, key, value) => key + value.replace(/(^|[,|] )(?=\d)/g, "$1n-"),
    )
    // mccs cannot read declarations of all types.
    .replace(
      /^(?:name|number|source|sourcenumber|filename|priority|architecture|type|multiarch|replaces|native|essential|sourceversion): .*\n/gm,
      "",
    )
    .replace(
      /^property: .*$/m,
      "property: installedsize: int = [0], recommends: vpkgformula = [true!]",
    );
  const universe = text.slice(0, text.lastIndexOf("request:"));
  return (name, request, installed = null) => {
    const path = join(work, `${name}.cudf`);
    const with_ =
      installed === null
        ? universe
        : universe.replace(/^package: (.*)\nversion: (.*)\n/gm, (stanza, of, version) =>
            installed.has(`${of} ${version}`) ? `${stanza}installed: true\n` : stanza,
          );
    writeFileSync(path, `${with_}request: \n${request}\n`, "latin1");
    return path;
  };
}

const plain = {
  unipkg: "-removed,-new,-changed",
  mccs: "-lex[-removed,-new,-changed]",
  aspcud: "-count(removed),-count(new),-count(changed)",
};
const paranoid = {
  unipkg: "-removed,-changed",
  mccs: "-lex[-removed,-changed]",
  aspcud: "-count(removed),-count(changed)",
};

try {
  const universe = debian();
  const gnome = universe("gnome", "install: gnome");
  const instances = [
    { name: "Debian: gnome", path: gnome, criteria: plain },
    {
      name: "Debian: xen-system-amd64",
      path: universe("xen", "install: xen-system-amd64"),
      criteria: plain,
    },
    {
      name: "Debian: gnome, kde-full, xfce4, texlive-full, libreoffice",
      path: universe("desktops", "install: gnome, kde-full, xfce4, texlive-full, libreoffice"),
      criteria: plain,
    },
  ];
  spawnSync(process.execPath, [
    cli,
    "cudf",
    `--criteria=${plain.unipkg}`,
    gnome,
    join(work, "base"),
  ]);
  const installed = new Set(
    [
      ...readFileSync(join(work, "base"), "latin1").matchAll(/^package: (.*)\nversion: (.*)$/gm),
    ].map(([, of, version]) => `${of} ${version}`),
  );
  instances.push({
    name: "Debian with gnome: install postfix, sysvinit-core",
    path: universe("beside", "install: postfix, sysvinit-core", installed),
    criteria: paranoid,
  });
  for (const name of ["opam-irmin-mirage-git", "opam-mirage-solo5"]) {
    const path = join(work, `${name}.cudf`);
    shell(`xz -dc ${join(root, "test/cudf/data", `${name}.cudf.xz`)} > ${path}`);
    const unipkg = /^# Criteria: (.*)$/m.exec(readFileSync(path, "latin1"))[1];
    instances.push({
      name,
      path,
      criteria: {
        unipkg,
        // As opam asks aspcud, without the levels that are 0 here.
        aspcud:
          "-count(removed),-sum(changed,avoid-version),-sum(installrequest,version-lag),-sum(changed,version-lag),-sum(changed,missing-depexts),-count(changed)",
      },
    });
  }

  const tool = await load(dirname(dirname(cli)));
  const rows = [];
  for (const { name, path, criteria } of instances) {
    const commands = {
      unipkg: (list, out) => [process.execPath, [cli, "cudf", `--criteria=${list}`, path, out]],
      mccs: (list, out) => ["mccs", ["-i", path, "-o", out, list]],
      aspcud: (list, out) => ["aspcud", [path, out, list]],
    };
    const results = {};
    for (let round = 0; round < rounds; round++) {
      for (const [solver, list] of Object.entries(criteria)) {
        const result = run(...commands[solver](list, join(work, `${solver}.out`)));
        results[solver] ??= [];
        results[solver].push(result);
      }
    }
    // All solutions by our own measure of our criteria.
    const ours = median(results.unipkg.map((each) => each.seconds));
    for (const [solver, measured] of Object.entries(results)) {
      const seconds = median(measured.map((each) => each.seconds));
      rows.push([
        solver === "unipkg" ? name : "",
        solver,
        seconds.toFixed(2),
        `${(seconds / ours).toFixed(2)}x`,
        median(measured.map((each) => each.processor)).toFixed(2),
        Math.max(...measured.map((each) => each.megabytes)).toFixed(0),
        valuesOf(tool, path, criteria.unipkg, join(work, `${solver}.out`)),
      ]);
    }
  }
  table(
    `CUDF, whole commands, median of ${rounds}`,
    ["instance", "solver", "seconds", "to unipkg", "processor", "MB", "objective"],
    rows,
  );
} finally {
  rmSync(work, { recursive: true, force: true });
}
