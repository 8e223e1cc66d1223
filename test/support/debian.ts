// Debian packages that a suite needs beyond those of scripts/setup.mjs: installed by the suite itself, as root or
// by sudo. One suite at a time: suites run side by side, and apt does not wait for another's lists.
import { spawnSync } from "node:child_process";
import { existsSync } from "node:fs";

const folders = ["/usr/bin", "/usr/sbin", "/bin", "/sbin"];

/** How long a suite's set-up may take that installs: mirrors are slow at times, and another suite may be first. */
export const installTimeout = 600_000;

/**
 * Installs what is missing; throws with apt's words when that fails.
 *
 * @param packages command, or absolute path of a file -> Debian package that has it
 */
export function installDebian(packages: Readonly<Record<string, string>>): void {
  const isThere = (name: string) =>
    name.startsWith("/")
      ? existsSync(name)
      : folders.some((folder) => existsSync(`${folder}/${name}`));
  const missing = [
    ...new Set(Object.entries(packages).flatMap(([name, of]) => (isThere(name) ? [] : [of]))),
  ].sort();
  if (missing.length === 0) return;
  const apt = "env DEBIAN_FRONTEND=noninteractive apt-get -q";
  const install = `${apt} update && ${apt} install -y --no-install-recommends ${missing.join(" ")}`;
  const locked = ["flock", "/tmp/unipkg-test-apt.lock", "sh", "-c", install];
  const [command, ...words] = process.getuid?.() === 0 ? locked : ["sudo", "-n", ...locked];
  const { status, stdout, stderr, error } = spawnSync(command!, words, { encoding: "utf8" });
  if (error !== undefined) throw error;
  if (status !== 0) throw new Error(`${install}: status ${status}\n${stdout}${stderr}`);
}
