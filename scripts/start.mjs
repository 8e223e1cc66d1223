// `npm start`: from nothing to a running unikernel. Does all set-up, makes a sample site, solves, builds and
// serves it as a Unix executable, and boots a kernel in QEMU. Each command is shown as a person would type it.
import { spawn, spawnSync } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { root, run, setup } from "./setup.mjs";

setup({ system: true });
run(process.execPath, "scripts/build.mjs");

const cli = join(root, "dist/cli/main.js");
const folder = mkdtempSync(join(tmpdir(), "unipkg-start-"));
const show = (line) => console.log(`\n$ ${line}`);

/** Runs `unipkg …` in the sample's folder, shown; ends this process when it fails. */
function unipkg(at, ...args) {
  show(`unipkg ${args.join(" ")}`);
  const { status } = spawnSync(process.execPath, [cli, ...args], { cwd: at, stdio: "inherit" });
  if (status !== 0) process.exit(status ?? 1);
}

const site = join(folder, "my-site");
const hello = join(folder, "hello");
try {
  unipkg(folder, "init", "my-site", "--template", "web");
  unipkg(site, "solve", "--target", "unix,xen");
  unipkg(site, "build", "--target", "unix");
  await fetchFrom("unix");
  unipkg(site, "build", "--target", "xen");
  await fetchFrom("xen");
  unipkg(folder, "init", "hello", "--template", "hello");
  unipkg(hello, "run", "--target", "xen");
  console.log(`
That was a web server as one executable on the kernel's sockets; the same program as a kernel of its own, on our
own TCP/IP; and a kernel that booted, printed and powered off.
To have unipkg as a command: npm pack && npm install -g ./unipkg-*.tgz; the tour is in README.md.`);
} finally {
  rmSync(folder, { recursive: true, force: true });
}

/** Runs the site's image, asks it for its page, and stops it. */
async function fetchFrom(target) {
  const url = "http://127.0.0.1:8080/";
  show(`unipkg run --target ${target} &`);
  const server = spawn(process.execPath, [cli, "run", "--target", target], {
    cwd: site,
    stdio: "inherit",
  });
  const ended = new Promise((resolve) => server.on("close", resolve));
  let up = false;
  for (let attempt = 0; attempt < 200 && !up; attempt++) {
    await new Promise((resolve) => setTimeout(resolve, 100));
    up = await fetch(url).then(
      (answer) => answer.ok,
      () => false,
    );
  }
  show(`curl -i ${url}`);
  const { status } = spawnSync("curl", ["-sSi", "--max-time", "5", url], { stdio: "inherit" });
  server.kill("SIGTERM");
  await ended;
  if (status !== 0) process.exit(1);
}
