// Dom0: Xen, a Linux kernel and an initramfs with Xen's tools, made from Debian's packages and kept by their versions.
import { createHash } from "node:crypto";
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { homedir, tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { gunzipSync, gzipSync } from "node:zlib";
import { capture, stoodFor, unpacked } from "./debian.mjs";
import { Initramfs, modulesInOrder, strippedModule } from "./initramfs.mjs";

const here = dirname(fileURLToPath(import.meta.url));

/** Where packages and what is made of them are kept. */
export const cache =
  process.env.UNIPKG_XEN_BED ??
  join(process.env.XDG_CACHE_HOME ?? join(homedir(), ".cache"), "unipkg-xen-bed");

const xenPackages = [
  "xen-hypervisor-4.17-amd64",
  "xen-utils-4.17",
  "xenstore-utils",
  "busybox-static",
  "libc6",
  "libgcc-s1",
  "liblzma5",
  "libuuid1",
  "libxencall1",
  "libxendevicemodel1",
  "libxenevtchn1",
  "libxenforeignmemory1",
  "libxengnttab1",
  "libxenhypfs1",
  "libxenmisc4.17",
  "libxenstore4",
  "libxentoolcore1",
  "libxentoollog1",
  "libyajl2",
  "libzstd1",
  "libbz2-1.0",
  "zlib1g",
];

const xenPrograms = [
  "libxl-save-helper",
  "vchan-socket-proxy",
  "xen-init-dom0",
  "xenconsole",
  "xenconsoled",
  "xenstored",
  "xl",
];

const modules = [
  ...["xen-evtchn", "xen-privcmd", "xenfs", "xen-gntdev", "xen-gntalloc", "xen-netback"],
  ...["xen-blkback", "loop", "bridge", "virtio_pci", "9pnet_virtio", "9p"],
];

/**
 * Files that a machine starts from.
 *
 * @param {string[]} programs of this machine that dom0 shall have as well, as absolute paths
 * @returns {{ xen: string, kernel: string, initramfs: string }}
 */
export function makeDom0(programs) {
  mkdirSync(cache, { recursive: true });
  const packages = unpacked(xenPackages, cache);
  const linux = unpacked([stoodFor("linux-image-amd64", "linux-image-")], cache);
  const key = createHash("sha256").update(packages).update(linux).update(programs.join());
  for (const name of ["dom0.mjs", "initramfs.mjs", "dom0/init", "dom0/scripts/vif-bridge"]) {
    key.update(readFileSync(join(here, name)));
  }
  key.update(readFileSync(join(here, "dom0/scripts/block")));
  for (const program of programs) key.update(readFileSync(program));
  const folder = join(cache, `dom0-${key.digest("hex").slice(0, 16)}`);
  if (!existsSync(folder)) {
    const work = mkdtempSync(join(cache, "dom0-work-"));
    writeFileSync(
      join(work, "xen"),
      gunzipSync(readFileSync(join(packages, "boot/xen-4.17-amd64.gz"))),
    );
    writeFileSync(join(work, "kernel"), kernelOf(linux));
    writeFileSync(
      join(work, "initramfs"),
      gzipSync(initramfs(packages, linux, programs), { level: 1 }),
    );
    if (existsSync(folder)) rmSync(work, { recursive: true });
    else renameSync(work, folder);
  }
  const at = (name) => join(folder, name);
  return { xen: at("xen"), kernel: at("kernel"), initramfs: at("initramfs") };
}

/**
 * The ELF file within Debian's kernel, which Xen takes for a PV domain: Linux's boot protocol, payload_offset and
 * payload_length (Documentation/x86/boot.rst), compressed by xz.
 */
export function kernelOf(linux) {
  const name = readdirSync(join(linux, "boot")).find((each) => each.startsWith("vmlinuz-"));
  const image = readFileSync(join(linux, "boot", name));
  const start = ((image[0x1f1] || 4) + 1) * 512 + image.readUInt32LE(0x248);
  const payload = image.subarray(start, start + image.readUInt32LE(0x24c));
  return capture("xz", ["-dc", "--single-stream"], { input: payload });
}

/** The folder of an unpacked kernel package that holds its modules. */
export function modulesFolder(linux) {
  const versions = join(linux, "lib/modules");
  return join(versions, readdirSync(versions)[0], "kernel");
}

function initramfs(packages, linux, programs) {
  const files = new Initramfs();
  const work = mkdtempSync(join(tmpdir(), "unipkg-dom0-"));
  try {
    for (const folder of [
      "dev",
      "proc",
      "sys",
      "run",
      "tmp",
      "root",
      "var/lib/xen",
      "var/log/xen",
      "sbin",
    ]) {
      files.folder(folder);
    }
    files.link("var/run", "../run");
    files.link("lib64", "lib/x86_64-linux-gnu");
    files.file("init", readFileSync(join(here, "dom0/init")), 0o755);
    for (const name of ["vif-bridge", "block"]) {
      files.file(`etc/xen/scripts/${name}`, readFileSync(join(here, "dom0/scripts", name)), 0o755);
    }
    files.file("etc/xen/xl.conf", "");
    files.file("etc/passwd", "root:x:0:0:root:/root:/bin/sh\n");
    files.file("bin/busybox", readFileSync(join(packages, "bin/busybox")), 0o755);
    for (const name of xenPrograms) {
      const path = `usr/lib/xen-4.17/bin/${name}`;
      files.program(path, join(packages, path), [packages]);
    }
    for (const name of ["ls", "read", "write", "list", "exists", "rm", "watch"]) {
      files.program(`usr/bin/xenstore-${name}`, join(packages, `usr/bin/xenstore-${name}`), [
        packages,
      ]);
    }
    // Loaded by pthread_cancel, and by nothing that names it.
    files.library("libgcc_s.so.1", [packages]);
    files.library("ld-linux-x86-64.so.2", [packages]);
    for (const program of programs) {
      const name = program.slice(program.lastIndexOf("/") + 1);
      files.program(`usr/bin/${name}`, program, [packages, "/"]);
    }
    const order = modulesInOrder(modules, modulesFolder(linux));
    const names = order.map((path) => path.slice(path.lastIndexOf("/") + 1));
    for (const [index, path] of order.entries()) {
      files.file(`modules/${names[index]}`, strippedModule(path, work));
    }
    files.file("modules/order", `${names.join("\n")}\n`);
    return files.archive();
  } finally {
    rmSync(work, { recursive: true, force: true });
  }
}
