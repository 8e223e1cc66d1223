// Brings a fresh machine to where the project can be built and tested: npm packages, and with
// `system: true` the system tools that images need. Installs on Debian as root or with sudo; elsewhere it
// says what is missing. Uses nothing but Node.
import { spawnSync } from "node:child_process";
import { existsSync, readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

export const root = dirname(dirname(fileURLToPath(import.meta.url)));

/** Command -> Debian package that has it. */
const systemTools = {
  cc: "gcc",
  ld: "binutils",
  curl: "curl",
  "qemu-system-x86_64": "qemu-system-x86",
  // The Xen bed unpacks a kernel with it.
  xz: "xz-utils",
};

/** The same for tests that only root can run, those with a tap interface. */
const rootTools = {
  ip: "iproute2",
  ping: "iputils-ping",
  dnsmasq: "dnsmasq-base",
  tshark: "tshark",
};

/** What tests compare with. */
const testTools = {
  dig: "bind9-dnsutils",
  kdig: "knot-dnsutils",
  nsd: "nsd",
  "mkfs.fat": "dosfstools",
  mcopy: "mtools",
};

/** Runs a command with its output shown; ends this process when it fails. */
export function run(command, ...args) {
  const { status, error } = spawnSync(command, args, { cwd: root, stdio: "inherit" });
  if (error) throw error;
  if (status !== 0) process.exit(status ?? 1);
}

/** @param tests the tools of tests as well */
export function setup({ system, tests = false }) {
  installNpmPackages();
  if (system) installSystemTools(tests);
}

function installNpmPackages() {
  const marker = join(root, "node_modules/.package-lock.json");
  const current = () =>
    existsSync(marker) &&
    lockedVersions(readFileSync(marker, "utf8")) ===
      lockedVersions(readFileSync(join(root, "package-lock.json"), "utf8"));
  // Not `npm ci`: it refuses a lockfile without the optional packages of other platforms, which not every
  // mirror of the registry has. The versions are those of the lockfile all the same, and it is not written.
  if (!current()) {
    run("npm", "install", "--no-save", "--no-audit", "--no-fund", "--loglevel=error");
  }
}

/** Names and versions that a lockfile of npm pins, without packages for other platforms. */
function lockedVersions(text) {
  return Object.entries(JSON.parse(text).packages)
    .filter(([path, entry]) => path !== "" && !entry.optional)
    .map(([path, entry]) => `${path}@${entry.version}`)
    .sort()
    .join("\n");
}

function installSystemTools(tests) {
  const has = (command) =>
    [...(process.env.PATH ?? "").split(":"), "/usr/sbin"].some((folder) =>
      existsSync(join(folder, command)),
    );
  const tools = {
    ...systemTools,
    ...(tests ? testTools : {}),
    ...(process.getuid?.() === 0 ? rootTools : {}),
  };
  const missing = Object.entries(tools)
    .filter(([command]) => !has(command))
    .map(([, name]) => name);
  if (!has("cc") || !existsSync("/usr/include/stdio.h")) missing.push("libc6-dev");
  if (missing.length === 0) return;
  const command = `apt-get install -y --no-install-recommends ${missing.join(" ")}`;
  const asRoot = process.getuid?.() === 0 ? [] : has("sudo") ? ["sudo", "-n"] : null;
  if (!has("apt-get") || asRoot === null) {
    console.error(`missing system tools: ${missing.join(", ")}; as root: ${command}`);
    process.exit(69);
  }
  console.error(`installing system tools: ${missing.join(", ")}`);
  const debian = (...args) => {
    const [first, ...rest] = [...asRoot, "env", "DEBIAN_FRONTEND=noninteractive", ...args];
    run(first, ...rest);
  };
  debian("apt-get", "update", "-q");
  debian("apt-get", "install", "-y", "-q", "--no-install-recommends", ...missing);
}
