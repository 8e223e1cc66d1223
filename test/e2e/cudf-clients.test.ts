// opam and apt with `unipkg cudf` as their solver, as docs/cudf.md says: they are asked what they would do, and do nothing.
import { spawnSync } from "node:child_process";
import { chmodSync, existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { userInfo } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { installDebian, installTimeout } from "../support/debian.ts";
import { cli, temporaryFolder } from "../support/unipkg.ts";

const folder = temporaryFolder();

/** A command that is unipkg, and notes each time that it is called. */
const solver = join(folder.path, "unipkg");
const calls = join(folder.path, "calls");

function run(command: string, args: readonly string[], environment = {}) {
  const { status, stdout, stderr, error } = spawnSync(command, args, {
    encoding: "utf8",
    cwd: folder.path,
    env: { ...process.env, LC_ALL: "C", ...environment },
  });
  if (error !== undefined) throw error;
  return { status, said: `${stdout}${stderr}` };
}

function calledWith(): string {
  const said = existsSync(calls) ? readFileSync(calls, "utf8") : "";
  rmSync(calls, { force: true });
  return said;
}

beforeAll(() => {
  installDebian({ opam: "opam", "apt-cudf": "apt-cudf" });
  writeFileSync(solver, `#!/bin/sh\necho "$@" >> ${calls}\nexec ${process.execPath} ${cli} "$@"\n`);
  chmodSync(solver, 0o755);
}, installTimeout);

afterAll(() => folder.remove());

describe("opam", () => {
  const environment = {
    OPAMROOT: join(folder.path, "opam"),
    OPAMROOTISOK: "1",
    OPAMNO: "1",
    OPAMCOLOR: "never",
    OPAMUTF8: "never",
  };
  const command = `${solver} cudf --criteria=%{criteria}% --timeout=%{timeout}% %{input}% %{output}%`;
  const install = (...packages: readonly string[]) =>
    run(
      "opam",
      ["install", ...packages, "--switch", "test", "--show-actions", `--solver=${command}`],
      environment,
    );

  beforeAll(() => {
    const packages: Readonly<Record<string, string>> = {
      "lwt.5.0.0": "",
      "lwt.4.0.0": "",
      "irmin.1.0.0": '"lwt" {>= "5"}',
      "irmin.0.9.0": '"lwt" {< "5"}',
      "git.1.0.0": '"irmin"',
    };
    for (const [id, depends] of Object.entries(packages)) {
      const path = join(folder.path, "repository/packages", id.split(".")[0]!, id);
      mkdirSync(path, { recursive: true });
      writeFileSync(join(path, "opam"), `opam-version: "2.0"\ndepends: [${depends}]\n`);
    }
    writeFileSync(join(folder.path, "repository/repo"), 'opam-version: "2.0"\n');
    const words = ["--bare", "-n", "--disable-sandboxing", "-k", "local", "default", "repository"];
    expect(run("opam", ["init", ...words], environment).status).toBe(0);
    expect(run("opam", ["switch", "create", "test", "--empty"], environment).status).toBe(0);
  });

  test("installs the newest that fits", () => {
    const { said } = install("git");
    expect(said).toMatch(/install lwt +5\.0\.0/);
    expect(said).toMatch(/install irmin +1\.0\.0/);
    expect(calledWith()).toContain("cudf --criteria=-removed,");
  });

  test("installs older versions where something asks for them", () => {
    const { said } = install("git", "lwt<5");
    expect(said).toMatch(/install lwt +4\.0\.0/);
    expect(said).toMatch(/install irmin +0\.9\.0/);
    expect(calledWith()).not.toBe("");
  });
});

test("apt installs a package through apt-cudf", () => {
  // Where apt-cudf and apt look for solvers is fixed; a name of this test's own leaves others alone.
  const name = `unipkg-test-${process.pid}`;
  const description = `/usr/share/cudf/solvers/${name}`;
  const link = `/usr/lib/apt/solvers/${name}`;
  const text = `description: unipkg\nexec: ${solver} cudf -- "$in" "$out" "$pref"\ncudf-version: 2.0\n`;
  writeFileSync(join(folder.path, "solver"), text);
  const asRoot = (...words: readonly string[]) =>
    process.getuid?.() === 0 ? run(words[0]!, words.slice(1)) : run("sudo", ["-n", ...words]);
  try {
    expect(asRoot("cp", join(folder.path, "solver"), description).status).toBe(0);
    expect(asRoot("ln", "-s", "/usr/bin/apt-cudf", link).status).toBe(0);
    // Whatever the machine has: something that it has not, and that little depends on.
    const candidates = ["hello", "sl", "cowsay"];
    const isToBeHad = (one: string) =>
      run("dpkg", ["-s", one]).status !== 0 &&
      /^Package/m.test(run("apt-cache", ["show", one]).said);
    if (!candidates.some(isToBeHad)) asRoot("apt-get", "update", "-q");
    const wanted = candidates.find(isToBeHad) ?? "none of the candidates";
    // Otherwise as _apt, who cannot read a folder of root's.
    const asUs = ["-o", `APT::Solver::RunAsUser=${userInfo().username}`];
    const { status, said } = run("apt-get", [
      "--simulate",
      "--solver",
      name,
      ...asUs,
      "install",
      wanted,
    ]);
    expect(said).toContain(`Inst ${wanted} `);
    expect(status).toBe(0);
    expect(calledWith()).toContain("cudf -- ");
  } finally {
    asRoot("rm", "-f", description, link);
  }
});
