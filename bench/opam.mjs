// opam with its own solver (mccs and GLPK, built in) and with `unipkg cudf` in its place: the two requests over the opam universe of
// test/cudf/data, asked of opam itself in a repository that has the same packages.
import { spawnSync } from "node:child_process";
import { chmodSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { root } from "../scripts/setup.mjs";
import { median, needs, table } from "./measure.mjs";
import { writeRepository } from "./opam-repository.mjs";

const documents = ["opam-irmin-mirage-git", "opam-mirage-solo5"];

/** Prints the table: a row for each request and solver. */
export function benchOpam(rounds = 3) {
  needs({ opam: "opam", xz: "xz-utils", time: "time" });
  const work = mkdtempSync(join(tmpdir(), "unipkg-bench-"));
  try {
    const rows = [];
    let opam = null;
    for (const name of documents) {
      const packed = join(root, "test/cudf/data", `${name}.cudf.xz`);
      const text = run("xz", ["-dc", packed]).stdout;
      const wanted = writeRepository(text, join(work, "repository"));
      // The universe of both is the same.
      opam ??= prepare(work);
      const solvers = {
        unipkg: `${opam.unipkg} cudf --criteria=%{criteria}% --timeout=%{timeout}% %{input}% %{output}%`,
        "opam's own": "builtin-mccs+glpk",
      };
      const criteria = /^# Criteria: (.*)$/m.exec(text)[1];
      const results = Object.entries(solvers).map(() => []);
      for (let round = 0; round < rounds; round++) {
        for (const [index, solver] of Object.values(solvers).entries()) {
          results[index].push(install(opam, wanted, solver, criteria));
        }
      }
      const seconds = results.map((all) => median(all.map((one) => one.seconds)));
      for (const [index, solver] of Object.keys(solvers).entries()) {
        const counts = new Set(results[index].map((one) => one.packages));
        if (counts.size > 1) throw new Error(`${solver}: another answer each time`);
        rows.push([
          index === 0 ? name : "",
          solver,
          seconds[index].toFixed(2),
          `${(seconds[index] / seconds[0]).toFixed(2)}x`,
          median(results[index].map((one) => one.processor)).toFixed(2),
          [...counts].join(),
        ]);
      }
    }
    table(
      `opam install --show-actions, median of ${rounds}`,
      ["request", "solver", "solver's seconds", "to unipkg", "opam's processor", "packages"],
      rows,
    );
  } finally {
    rmSync(work, { recursive: true, force: true });
  }
}

/** An opam of its own, with the repository and an empty switch. */
function prepare(work) {
  const env = {
    ...process.env,
    OPAMROOT: join(work, "opam"),
    OPAMROOTISOK: "1",
    OPAMNO: "1",
    OPAMCOLOR: "never",
    // Both take as long as they need.
    OPAMSOLVERTIMEOUT: "600",
  };

  const unipkg = join(work, "unipkg");
  writeFileSync(
    unipkg,
    `#!/bin/sh\nexec ${process.execPath} ${join(root, "dist/cli/main.js")} "$@"\n`,
  );
  chmodSync(unipkg, 0o755);
  run(
    "opam",
    ["init", "--bare", "-n", "--disable-sandboxing", "-k", "local", "default", "repository"],
    {
      env,
      cwd: work,
    },
  );
  run("opam", ["switch", "create", "bench", "--empty"], { env });
  return { env, unipkg, report: join(work, "time") };
}

/** Asks opam what it would do: how long its solver took by its own account, and how many packages it would install. */
function install({ env, report }, wanted, solver, criteria) {
  const words = ["install", ...wanted, "--switch", "bench", "--show-actions", "--debug"];
  const { stdout, stderr } = run(
    "/usr/bin/time",
    ["-o", report, "-f", "%U %S", "opam", ...words, `--solver=${solver}`],
    { env: { ...env, OPAMCRITERIA: criteria } },
  );
  const said = `${stdout}${stderr}`;
  const [user, system] = readFileSync(report, "utf8").trim().split("\n").at(-1).split(" ");
  return {
    seconds: Number(/Solver call done in ([0-9.]+)s/.exec(said)[1]),
    processor: Number(user) + Number(system),
    packages: Number(/^=+ .*?(\d+) =+$/m.exec(said)[1]),
  };
}

function run(command, args, options = {}) {
  const result = spawnSync(command, args, { encoding: "utf8", maxBuffer: 1 << 28, ...options });
  if (result.error) throw result.error;
  if (result.status !== 0) {
    throw new Error(`${command} ${args.join(" ")}: status ${result.status}\n${result.stderr}`);
  }
  return result;
}

if (process.argv[1] === new URL(import.meta.url).pathname) benchOpam(1);
