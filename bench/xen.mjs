// On Xen, in the bed of test/e2e/xen (Xen 4.17 in an emulated machine of one processor): images against a minimal Linux guest, Debian's
// cloud kernel with busybox's httpd. Sizes, time to the first answer, memory, requests a second, throughput. About three minutes.
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import { Bed } from "../test/e2e/xen/bed.mjs";
import { stoodFor, unpacked } from "../test/e2e/xen/debian.mjs";
import { cache, modulesFolder } from "../test/e2e/xen/dom0.mjs";
import { Initramfs, modulesInOrder } from "../test/e2e/xen/initramfs.mjs";
import { needs, table } from "./measure.mjs";

const address = "10.0.0.2";
const hardware = "00:16:3e:00:00:02";
const seconds = 4;
const bigFile = 8 << 20;

/** What a guest is, for both kinds. */
function configuration(name, kernel, memory, more = []) {
  const lines = [
    `name = "${name}"`,
    'type = "pvh"',
    `kernel = "${kernel}"`,
    `memory = ${memory}`,
    "vcpus = 1",
    // Without it the emulated machine ends a guest that uses RDTSCP, as Linux does.
    'tsc_mode = "native"',
    `vif = [ "bridge=xenbr0,mac=${hardware}" ]`,
    ...more,
  ];
  return `${lines.join("\n")}\n`;
}

/** A guest that serves the folder /www with busybox's httpd. */
function linuxGuest(folder, files) {
  const linux = unpacked([stoodFor("linux-image-cloud-amd64", "linux-image-")], cache);
  const busybox = unpacked(["busybox-static"], cache);
  const archive = new Initramfs();
  for (const name of ["dev", "proc", "sys"]) archive.folder(name);
  archive.file("bin/busybox", readFileSync(join(busybox, "bin/busybox")), 0o755);
  const modules = modulesInOrder(["xen-netfront"], modulesFolder(linux));
  for (const [index, path] of modules.entries())
    archive.file(`modules/${index}.ko`, readFileSync(path));
  for (const [name, content] of files) archive.file(`www/${name}`, content);
  archive.file(
    "init",
    `#!/bin/busybox sh
/bin/busybox --install -s /bin
mount -t proc proc /proc
mount -t sysfs sys /sys
mount -t devtmpfs dev /dev
for module in $(seq 0 ${modules.length - 1}); do insmod /modules/$module.ko; done
while ! ip link set eth0 up 2>/dev/null; do usleep 1000; done
ip address add ${address}/24 dev eth0
exec httpd -f -p 8080 -h /www
`,
    0o755,
  );
  const initramfs = gzipSync(archive.archive(), { level: 6 });
  // As it is: Xen's domain builder unpacks it.
  const name = readdirSync(join(linux, "boot")).find((each) => each.startsWith("vmlinuz-"));
  const kernel = readFileSync(join(linux, "boot", name));
  writeFileSync(join(folder, "linux"), kernel);
  writeFileSync(join(folder, "initramfs"), initramfs);
  return { kernel: kernel.length, initramfs: initramfs.length };
}

export async function benchXen(apps) {
  needs({ wrk: "wrk" });
  const folder = join(apps.folder, "xen");
  mkdirSync(folder, { recursive: true });
  const files = [
    ["index.html", Buffer.from(`<!doctype html>${"x".repeat(440)}\n`)],
    ["big.bin", Buffer.alloc(bigFile, "0123456789abcdef")],
  ];
  const build = (template, ...words) => {
    const app = join(folder, `my-${template}`);
    apps.unipkg("-C", folder, "init", `my-${template}`, "--template", template);
    if (template === "web") {
      for (const [name, content] of files) writeFileSync(join(app, "public", name), content);
    }
    const image = join(folder, `${template}.image`);
    const text = apps.unipkg(
      "-C",
      app,
      "build",
      "--target",
      "xen",
      "--output",
      image,
      "--json",
      ...words,
    );
    return { image, ...JSON.parse(text).images[0] };
  };
  const set = ["--set", `tcpip.address=${address}/24`];
  const images = {
    hello: build("hello"),
    dns: build("dns", ...set),
    // The limit of the program is over its files, too.
    web: build("web", ...set, "--memory", `${4 + bigFile / 2 ** 20}`),
  };
  const ownFiles = (image) => image.sizes.find(({ owner }) => owner === "files")?.bytes ?? 0;
  const bytes = (image) => image.bytes - ownFiles(image);
  const kib = (count) => `${(count / 1024).toFixed(1)} KB`;
  for (const [name, image] of Object.entries(images)) {
    table(
      `${name} for xen: ${kib(bytes(image))} without its own files`,
      ["of which", "bytes"],
      image.sizes
        .slice(0, 8)
        .filter(({ owner }) => owner !== "files")
        .map(({ owner, bytes: share }) => [owner, share]),
    );
  }

  const sizes = linuxGuest(folder, files);
  const bed = await Bed.start();
  try {
    for (const name of ["web.image", "linux", "initramfs"]) bed.put(join(folder, name));
    const wrk = bed.putProgram("wrk");
    await bed.do(`arp -i xenbr0 -s ${address} ${hardware}`);
    const kinds = {
      unipkg: (memory) =>
        configuration("unipkg", "/shared/web.image", memory + Math.ceil(bigFile / 2 ** 20)),
      Linux: (memory) =>
        configuration("Linux", "/shared/linux", memory + 2 * Math.ceil(bigFile / 2 ** 20), [
          'ramdisk = "/shared/initramfs"',
          'extra = "console=hvc0 quiet"',
        ]),
    };
    const results = {};
    for (const [name, write] of Object.entries(kinds)) {
      const result = { first: [], memory: null };
      results[name] = result;
      /** Starts the guest with so much memory; milliseconds to the first answer, or null when none comes. */
      const start = async (memory, patience) => {
        writeFileSync(join(bed.folder, `${name}.cfg`), write(memory));
        const printed = await bed.do(`
          begin=$(cut -d' ' -f1 /proc/uptime); xl create -q /shared/${name}.cfg || exit 0
          created=$(cut -d' ' -f1 /proc/uptime)
          # Whoever asked too early asks again at once, and not when its SYN is sent again a second later.
          while ! curl -fs --connect-timeout 0.15 --max-time 2 -o /dev/null http://${address}:8080/index.html; do
            now=$(cut -d. -f1 /proc/uptime); [ $((now - \${begin%.*})) -gt ${patience} ] && exit 0
          done
          echo "times $begin $created $(cut -d' ' -f1 /proc/uptime)"`);
        const [, begin, created, first] = /times (\S+) (\S+) (\S+)/.exec(printed) ?? [];
        return begin === undefined
          ? null
          : { created: (created - begin) * 1000, first: (first - begin) * 1000 };
      };
      const stop = () => bed.run(`xl destroy ${name}`);
      // The first one is ample, and is measured; the others look for the least that it serves with.
      for (const memory of name === "Linux" ? [192, 64, 48] : [16, 10, 8, 7]) {
        const isFirst = result.memory === null;
        const times = await start(memory, name === "Linux" ? 90 : 10);
        if (times === null && isFirst) {
          throw new Error(`${name} does not answer\n${bed.console(name)}`);
        }
        if (times !== null) {
          result.first.push(times);
          result.memory = memory;
        }
        if (isFirst) {
          const load = await bed.do(
            `${wrk} -t1 -c16 -d${seconds}s http://${address}:8080/index.html`,
          );
          result.requests = Number(/Requests\/sec:\s*([\d.]+)/.exec(load)[1]);
          const speed = await bed.do(
            `curl -fsS --max-time 60 -o /dev/null -w '%{speed_download}' http://${address}:8080/big.bin`,
          );
          result.throughput = Number(speed) / 2 ** 20;
        }
        await stop();
        if (times === null) break;
      }
      console.error(`${name}: ${JSON.stringify(result)}`);
    }
    const { unipkg, Linux } = results;
    const best = ({ first }, key) => Math.min(...first.map((each) => each[key]));
    const ratio = (more, less) => `${(more / less).toFixed(1)}x`;
    const ownSize = bytes(images.web);
    const otherSize = sizes.kernel + sizes.initramfs;
    table(
      "web on Xen, in the bed (emulated: only the ratios mean something)",
      ["", "unipkg", "Linux", "unipkg is better by"],
      [
        ["kernel and programs", kib(ownSize), kib(otherSize), ratio(otherSize, ownSize)],
        [
          "xl create to first answer, ms",
          Math.round(best(unipkg, "first")),
          Math.round(best(Linux, "first")),
          ratio(best(Linux, "first"), best(unipkg, "first")),
        ],
        [
          "of which after xl create, ms",
          Math.round(best(unipkg, "first") - best(unipkg, "created")),
          Math.round(best(Linux, "first") - best(Linux, "created")),
          ratio(
            best(Linux, "first") - best(Linux, "created"),
            Math.max(10, best(unipkg, "first") - best(unipkg, "created")),
          ),
        ],
        [
          "memory that it serves with, MiB, files aside",
          unipkg.memory,
          Linux.memory,
          ratio(Linux.memory, unipkg.memory),
        ],
        [
          "requests/s, 16 connections",
          Math.round(unipkg.requests),
          Math.round(Linux.requests),
          ratio(unipkg.requests, Linux.requests),
        ],
        [
          "throughput of one connection, MiB/s",
          unipkg.throughput.toFixed(1),
          Linux.throughput.toFixed(1),
          ratio(unipkg.throughput, Linux.throughput),
        ],
      ],
    );
  } finally {
    await bed.stop();
  }
}
