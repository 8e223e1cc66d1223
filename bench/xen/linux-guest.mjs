// The peer on Xen: Debian's cloud kernel and an initramfs with busybox, as little as serves a folder over HTTP and reads a disk.
import { execFileSync } from "node:child_process";
import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { gzipSync } from "node:zlib";
import { stoodFor, unpacked } from "../../test/e2e/xen/debian.mjs";
import { cache, modulesFolder } from "../../test/e2e/xen/dom0.mjs";
import { Initramfs, modulesInOrder } from "../../test/e2e/xen/initramfs.mjs";

const here = dirname(fileURLToPath(import.meta.url));

/**
 * Writes `NAME.kernel` and `NAME.initramfs` into a folder, for a guest that serves `files`, or that ends when it has read its disk; their
 * sizes in bytes.
 */
export function makeLinuxGuest(folder, name, { address, files = [], reads = null }) {
  const linux = unpacked([stoodFor("linux-image-cloud-amd64", "linux-image-")], cache);
  const busybox = unpacked(["busybox-static"], cache);
  const archive = new Initramfs();
  for (const each of ["dev", "proc", "sys"]) archive.folder(each);
  archive.file("bin/busybox", readFileSync(join(busybox, "bin/busybox")), 0o755);
  const driver = reads === null ? "xen-netfront" : "xen-blkfront";
  const modules = modulesInOrder([driver], modulesFolder(linux));
  for (const [index, path] of modules.entries())
    archive.file(`modules/${index}.ko`, readFileSync(path));
  for (const [path, content] of files) archive.file(`www/${path}`, content);
  if (reads !== null) archive.file("bin/reads", readsProgram(folder), 0o755);
  const work =
    reads === null
      ? `while ! ip link set eth0 up 2>/dev/null; do usleep 1000; done
ip address add ${address}/24 dev eth0
exec httpd -f -p 8080 -h /www`
      : `while [ ! -b /dev/xvda ]; do usleep 1000; done
reads /dev/xvda ${reads.join(" ")} > /dev/hvc0
poweroff -f`;
  archive.file(
    "init",
    `#!/bin/busybox sh
/bin/busybox --install -s /bin
mount -t proc proc /proc
mount -t sysfs sys /sys
mount -t devtmpfs dev /dev
for module in $(seq 0 ${modules.length - 1}); do insmod /modules/$module.ko; done
${work}
`,
    0o755,
  );
  const initramfs = gzipSync(archive.archive(), { level: 6 });
  // As it is: Xen's domain builder unpacks it.
  const image = readdirSync(join(linux, "boot")).find((each) => each.startsWith("vmlinuz-"));
  const kernel = readFileSync(join(linux, "boot", image));
  writeFileSync(join(folder, `${name}.kernel`), kernel);
  writeFileSync(join(folder, `${name}.initramfs`), initramfs);
  return kernel.length + initramfs.length;
}

function readsProgram(folder) {
  const file = join(folder, "reads.linux");
  execFileSync("cc", ["-O2", "-static", "-o", file, join(here, "reads.c")]);
  return readFileSync(file);
}
