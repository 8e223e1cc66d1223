// Modules of Linux in a guest: Debian's cloud kernel in QEMU, emulated. Needs: cc, make, curl, dig, modinfo, qemu-system-x86_64,
// the kernel and its headers, and a static busybox.
import { execFileSync, spawnSync } from "node:child_process";
import { createSocket } from "node:dgram";
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { afterAll, beforeAll, expect, test, vi } from "vitest";
import type { ArchiveFile } from "../../linker/guest/archive.ts";
import { makeGuest } from "../../linker/guest/guest.ts";
import { qemuCommand } from "../../linker/native/qemu.ts";
import { name, query, types } from "../dns/support/message.ts";
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
/** Of queries that are none, to each of the two servers. */
const brokenMessages = 2000;

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
function inGuest(
  module: string,
  network: "sockets" | "card" | "none",
  commands: string,
  files: readonly ArchiveFile[] = [],
): string {
  const accelerator = "tcg";
  const guest = makeGuest({ module, network, forwards: [], accelerator, commands, files });
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

test.each(servers)("dns answers, hostile queries too, by %s", async (_, words) => {
  const parent = testFolder();
  unipkgOk(parent, "init", "names", "--template", "dns");
  const app = join(parent, "names");
  unipkgOk(app, "solve", ...target, ...words);
  const port = await freePort();
  const forwards = [`${port}:5353/udp`, `${port}:5353`].flatMap((each) => ["--forward", each]);
  const server = start(process.execPath, [cli, "run", ...target, ...forwards], app);
  await server.until(words.length === 0 ? "dns: port" : "by DHCP");
  const dig = (...more: readonly string[]) =>
    execFileSync("dig", ["@127.0.0.1", "-p", `${port}`, "+time=20", "+tries=3", ...more], {
      encoding: "utf8",
    });
  const expectAnswers = () => {
    for (const transport of ["+notcp", "+tcp"]) {
      expect(dig(transport, "+short", "blog.example.org", "AAAA")).toBe(
        "www.example.org.\n2001:db8::80\n",
      );
      expect(dig(transport, "+short", "x.apps.example.org", "A")).toBe("192.0.2.81\n");
      expect(dig(transport, "nowhere.example.org", "A")).toContain("status: NXDOMAIN");
      expect(dig(transport, "example.com", "A")).toContain("status: REFUSED");
    }
  };
  expectAnswers();
  await sendBroken(port, brokenMessages);
  expectAnswers();
  await server.stop();
});

/** Messages that are a query with some bits changed and its end cut off: the same each time. */
async function sendBroken(port: number, count: number): Promise<void> {
  const good = Buffer.from(query(name("www.example.org"), types.A, { payload: 1232 }));
  let state = 7;
  const random = (below: number) => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return Math.floor((state / 2 ** 32) * below);
  };
  const socket = createSocket("udp4");
  socket.on("error", () => {});
  for (let sent = 0; sent < count; sent++) {
    const message = Buffer.from(good);
    for (let changes = random(6); changes >= 0; changes--) {
      message[random(message.length)] = random(256);
    }
    socket.send(message.subarray(0, random(message.length + 1)), port, "127.0.0.1");
    if (sent % 50 === 0) await sleep(5);
  }
  await sleep(100);
  socket.close();
}

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

test("parameters, our own TCP/IP and DNS inside the guest, with nothing that the kernel complains of", () => {
  unipkgOk(site.folder, "solve", ...target, "--without", "tcpip");
  unipkgOk(site.folder, "build", ...target);
  const told = spawnSync("modinfo", [join(site.folder, "build/site.ko")], { encoding: "utf8" });
  expect(told.stdout).toMatch(/^parm: +port:TCP port to serve at \(u16; 8080\)$/m);
  const card = join(site.folder, "card.ko");
  unipkgOk(site.folder, "solve", ...target, "--with", "tcpip");
  unipkgOk(site.folder, "build", ...target, "--output", card);
  const parent = testFolder();
  unipkgOk(parent, "init", "names", "--template", "dns");
  const names = join(parent, "names/build/names.ko");
  unipkgOk(join(parent, "names"), "build", ...target);
  const output = inGuest(
    join(site.folder, "build/site.ko"),
    "sockets",
    `
rmmod site
insmod /modules/site.ko port=70000 2>/dev/null || dmesg | grep -F 'site: port' | tail -n 1
insmod /modules/site.ko port=8181
until wget -q -O /dev/null http://127.0.0.1:8181/index.html; do sleep 0.2; done
echo "port:$(cat /sys/module/site/parameters/port):"
rmmod site
insmod /modules/names.ko port=53
until nslookup www.example.org 127.0.0.1 >/tmp/answer 2>&1; do sleep 0.2; done
echo "names:$(grep -c 192.0.2.80 /tmp/answer):"
rmmod names
card() {
  insmod /modules/card.ko tcpip_address=10.9.0.2/24
  until [ -e /sys/class/net/unipkg0 ]; do sleep 0.1; done
  ip address add 10.9.0.1/24 dev unipkg0
  ip link set unipkg0 up
  until wget -q -O /tmp/page http://10.9.0.2:8080/index.html; do sleep 0.2; done
}
for _ in 1 2 3 4 5; do card; rmmod site; done
card
(wget -q -O - http://10.9.0.2:8080/five-megabytes.bin | (head -c 1000 >/dev/null; sleep 2)) &
sleep 1
rmmod site && echo "removed in the middle: $(wc -c </tmp/page) bytes"
${complaints}
poweroff -f
`,
    [
      { path: "modules/card.ko", content: readFileSync(card) },
      { path: "modules/names.ko", content: readFileSync(names) },
    ],
  );
  const page = readFileSync(join(site.folder, "public/index.html")).length;
  expect(output).toContain('site: port must be a whole number from 0 to 65535, it is "70000"');
  expect(output).toContain("port:8181:");
  expect(output).toContain("names:1:");
  expect(output).toContain(`removed in the middle: ${page} bytes`);
  expect(output).toContain("complaints::");
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

test.each([
  [
    "a loop",
    "let rounds: u64 = 0;\nexport function main(): void {\n  while (rounds < u64.MAX_VALUE) rounds += 1 + (rounds >> 63);\n}\n",
  ],
  [
    "calls without a loop",
    "function calls(depth: i32): i64 {\n  return depth == 0 ? 1 : calls(depth - 1) + calls(depth - 1);\n}\nexport function main(): void {\n  if (calls(60) == 0) abort();\n}\n",
  ],
])("a program that computes without end in %s is unloaded, and killed", (_, source) => {
  const app = appOf(source);
  unipkgOk(app, "build", ...target);
  const output = inGuest(
    join(app, "build/probe.ko"),
    "none",
    `
sleep 1
rmmod probe && echo "removed"
insmod /modules/probe.ko
sleep 1
echo "running:$(cat /sys/module/probe/parameters/status):"
kill -9 $(pidof probe)
while [ "$(cat /sys/module/probe/parameters/status)" = -1 ]; do sleep 0.1; done
echo "status:$(cat /sys/module/probe/parameters/status):"
rmmod probe && echo "removed again"
${complaints}
poweroff -f
`,
  );
  expect(output).toContain("removed");
  expect(output).toContain("running:-1:");
  expect(output).toContain("status:137:");
  expect(output).toContain("removed again");
  expect(output).toContain("complaints::");
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
