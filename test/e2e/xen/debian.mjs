// Debian packages as files: fetched by apt-get, unpacked by dpkg-deb, without being installed and without root.
import { spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import { existsSync, mkdirSync, renameSync, rmSync } from "node:fs";
import { join } from "node:path";

/** Why packages cannot be had here; null when they can. */
export function whyNoDebian() {
  for (const command of ["apt-get", "dpkg-deb"]) {
    if (spawnSync(command, ["--version"], { stdio: "ignore" }).status !== 0) {
      return `there is no ${command}: the bed is made of Debian packages`;
    }
  }
  return null;
}

/** Output of a command; throws with all it said when it fails. */
export function capture(command, args, options = {}) {
  const { status, stdout, stderr, error } = spawnSync(command, args, {
    maxBuffer: 1 << 28,
    ...options,
  });
  if (error) throw error;
  if (status !== 0) throw new Error(`${command} ${args.join(" ")}: status ${status}\n${stderr}`);
  return stdout;
}

/**
 * The package that a package without content stands for, as linux-image-amd64 for the newest kernel: its first
 * dependency whose name begins with `prefix`.
 */
export function stoodFor(name, prefix) {
  const text = () => capture("apt-cache", ["depends", name], { encoding: "utf8" });
  const find = () => new RegExp(`Depends: (${prefix}[\\w.+-]*)`).exec(text())?.[1];
  let found = find();
  if (found === undefined) {
    update();
    found = find();
  }
  if (found === undefined) throw new Error(`apt knows no ${prefix}* for ${name}`);
  return found;
}

/** The folder that all these packages are unpacked in, below `cache`; another set, or other versions, have another. */
export function unpacked(names, cache) {
  const described = describe(names);
  const key = createHash("sha256").update(described).digest("hex").slice(0, 16);
  const folder = join(cache, `packages-${key}`);
  if (existsSync(folder)) return folder;
  const work = join(cache, `packages-${key}.${process.pid}`);
  mkdirSync(join(work, "root"), { recursive: true });
  try {
    capture("apt-get", ["download", "-q", ...names], { cwd: work });
    for (const line of described.split("\n")) {
      const file = /^'[^']*' (\S+)/.exec(line)?.[1];
      if (file === undefined) continue;
      capture("dpkg-deb", ["-x", join(work, file), join(work, "root")]);
    }
    // Another process may have been faster: then its folder is as good.
    if (!existsSync(folder)) renameSync(join(work, "root"), folder);
  } finally {
    rmSync(work, { recursive: true, force: true });
  }
  return folder;
}

/** Place, file, size and digest of each package, as apt tells them without the network. */
function describe(names) {
  const ask = () =>
    spawnSync("apt-get", ["download", "--print-uris", ...names], { encoding: "utf8" });
  let answer = ask();
  if (answer.status !== 0 || answer.stdout.trim() === "") {
    update();
    answer = ask();
  }
  if (answer.status !== 0) throw new Error(`apt-get download ${names.join(" ")}: ${answer.stderr}`);
  return answer.stdout.trim().split("\n").sort().join("\n");
}

function update() {
  const root = process.getuid?.() === 0;
  const [command, ...args] = [...(root ? [] : ["sudo", "-n"]), "apt-get", "update", "-q"];
  capture(command, args);
}
