// Modules of Linux in a guest: Debian's cloud kernel in QEMU, emulated. Needs: cc, make, curl, modinfo, qemu-system-x86_64,
// the kernel and its headers, and a static busybox.
import { spawnSync } from "node:child_process";
import { mkdirSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { afterAll, beforeAll, expect, test, vi } from "vitest";
import { makeGuest } from "../../linker/guest/guest.ts";
import { qemuCommand } from "../../linker/native/qemu.ts";
import { installDebian, installTimeout } from "../support/debian.ts";
import { Client, makeSite, type Site } from "../support/site.ts";
import {
  cli,
  freePort,
  start,
  temporaryFolder,
  testFolder,
  unipkg,
  unipkgOk,
} from "../support/unipkg.ts";

const target = ["--target", "kernel-module"];
/** Loading and removing in a row; 100 by hand. */
const loads = Number(process.env["UNIPKG_LOADS"] ?? "20");
/** Requests to each of the two servers; 10,000 by hand. */
const requests = Number(process.env["UNIPKG_REQUESTS"] ?? "500");

// Emulated, and compiled with the kernel's headers: slow where others work, too.
vi.setConfig({ testTimeout: 400_000 });

const folder = temporaryFolder();
let site: Site;

beforeAll(() => {
  installDebian({
    make: "make",
    modinfo: "kmod",
    busybox: "busybox-static",
    "/usr/share/doc/linux-headers-cloud-amd64": "linux-headers-cloud-amd64",
    "/usr/share/doc/linux-image-cloud-amd64": "linux-image-cloud-amd64",
  });
  site = makeSite();
  unipkgOk(folder.path, "init", "hello", "--template", "hello");
}, installTimeout);

afterAll(() => {
  site?.remove();
  folder.remove();
});

/** An application of the template `hello` with a source of its own. */
function appOf(source: string): string {
  const parent = testFolder();
  unipkgOk(parent, "init", "probe", "--template", "hello");
  const file = join(parent, "probe/src/main.ts");
  mkdirSync(dirname(file), { recursive: true });
  writeFileSync(file, source);
  return join(parent, "probe");
}

/** Loads a module in a guest, runs commands of a shell there, and answers with the console. */
function inGuest(module: string, network: "sockets" | "card" | "none", commands: string): string {
  const guest = makeGuest({ module, network, forwards: [], accelerator: "tcg", commands });
  if (!guest.ok) throw new Error(guest.problems[0]?.message);
  try {
    const { stdout, error } = spawnSync(qemuCommand, guest.value.arguments, {
      encoding: "latin1",
      timeout: 300_000,
    });
    if (error !== undefined) throw error;
    return stdout.replaceAll("\r", "");
  } finally {
    guest.value.discard();
  }
}

/** What the kernel says when something of it is broken. */
const complaints = `echo "complaints:$(dmesg | grep -i -E 'warning:|bug:|oops|call trace|stack guard'):"`;

test("hello prints and ends; modinfo tells what it is", () => {
  const hello = join(folder.path, "hello");
  const { stdout } = unipkgOk(hello, "run", ...target);
  expect(stdout).toBe("Hello, world!\n");
  const told = spawnSync("modinfo", [join(hello, "build/hello.ko")], { encoding: "utf8" }).stdout;
  const digest = spawnSync("sha256sum", [join(hello, "unipkg.lock")], { encoding: "utf8" }).stdout;
  expect(told).toMatch(/^name: +hello$/m);
  expect(told).toMatch(/^version: +1\.0\.0$/m);
  expect(told).toMatch(/^license: +Dual BSD\/GPL$/m);
  expect(told).toMatch(/^licences: +ISC$/m);
  expect(told).toMatch(new RegExp(`^lock: +sha256-${digest.split(" ", 1)[0]}$`, "m"));
});

const servers = [
  ["the kernel's sockets", []],
  ["our own TCP/IP on a network interface", ["--with", "tcpip"]],
] as const;

test.each(servers)("web serves its files by %s", async (_, words) => {
  unipkgOk(site.folder, "solve", ...target, ...words);
  const port = await freePort();
  const line = ["run", ...target, "--forward", `${port}:8080`];
  const server = start(process.execPath, [cli, ...line], site.folder);
  const ready = words.length === 0 ? "web: http://" : "by DHCP";
  await server.until(ready);
  const client = new Client(site, `http://127.0.0.1:${port}`);
  client.expectFiles();
  client.expectKeptConnection();
  client.expectMany(requests, 4);
  await server.stop();
});

test("unloading in the middle of a transfer, and many times in a row, leaves nothing behind", () => {
  unipkgOk(site.folder, "solve", ...target, "--without", "tcpip");
  unipkgOk(site.folder, "build", ...target);
  const output = inGuest(
    join(site.folder, "build/site.ko"),
    "sockets",
    `
until wget -q -O /dev/null http://127.0.0.1:8080/index.html; do sleep 0.2; done
# A reader that has its window full when the module goes.
(wget -q -O - http://127.0.0.1:8080/five-megabytes.bin | (head -c 1000 >/dev/null; sleep 2)) &
reader=$!
sleep 1
rmmod site && echo "removed in the middle"
wait $reader
memory() { awk '/^(Slab|VmallocUsed|Percpu):/ { sum += $2 } END { print sum }' /proc/meminfo; }
round() {
  insmod /modules/site.ko
  until wget -q -O /dev/null http://127.0.0.1:8080/index.html; do sleep 0.1; done
  rmmod site
}
for _ in 1 2 3 4 5; do round; done
before=$(memory)
for _ in $(seq ${loads}); do round; done
sleep 1
echo "grown: $(($(memory) - before)) KiB"
${complaints}
poweroff -f
`,
  );
  expect(output).toContain("removed in the middle");
  expect(output).toContain("complaints::");
  // One copy of the module's memory would be 21 MiB, one of its code 100 KiB for each round.
  const grown = Number(/grown: (-?\d+) KiB/.exec(output)?.[1]);
  expect(grown).toBeLessThan(40 * loads);
});

test.each([
  [
    "a null reference",
    'import { name } from "config";\nimport * as console from "console";\nclass Box {\n  value: i32 = 0;\n}\nexport function main(): void {\n  console.log("before");\n  console.log(changetype<Box>(name.length - name.length).value.toString());\n}\n',
    /trap: null reference at .*\(probe\/src\/main\.ts:8\)/,
  ],
  [
    "endless recursion",
    'import * as console from "console";\nfunction deeper(depth: i64): i64 {\n  return depth > 1000000000 ? 0 : deeper(depth + 1) + deeper(depth + 2);\n}\nexport function main(): void {\n  console.log(deeper(0).toString());\n}\n',
    /trap: stack exhausted at probe\/src\/main\/deeper \(probe\/src\/main\.ts:3\)/,
  ],
])("%s stops the program, not the kernel", (_, source, message) => {
  const app = appOf(source);
  const { status, stdout, stderr } = unipkg(app, "run", ...target);
  expect(`${stdout}${stderr}`).toMatch(message);
  expect(status).toBe(134);
});

test("floating point is refused for the kernel with its place, and solves for unix", () => {
  const app = appOf(
    'import * as console from "console";\nexport function main(): void {\n  const share: f64 = 1.5;\n  console.log((share * 2.0).toString());\n}\n',
  );
  const { status, stderr } = unipkg(app, "solve", ...target);
  expect(status).toBe(1);
  expect(stderr).toContain("float");
  expect(stderr).toContain("src/main.ts:4:15");
  unipkgOk(app, "solve", "--target", "unix");
});
