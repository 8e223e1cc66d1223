/** The Linux of this machine that a guest boots: its kernel, what drives QEMU's devices, and a shell. */
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { failed, ok, type Problem, type Result } from "../../model/problem.ts";
import { readElf } from "../native/elf.ts";

export interface GuestKernel {
  readonly release: string;
  /** The kernel's file. */
  readonly image: string;
  /** Files of the modules of `guestModules`, each after those that it needs. */
  readonly modules: readonly string[];
  /** A busybox that needs no library. */
  readonly busybox: string;
}

/** What the guest drives: QEMU's network card, and a bridge from it to the program's. */
const guestModules = ["virtio_pci", "virtio_net", "bridge"] as const;

/** What a guest for this module is made of. */
export function findGuestKernel(module: Uint8Array): Result<GuestKernel> {
  const release = releaseOf(module);
  const image = `/boot/vmlinuz-${release}`;
  const folder = `/lib/modules/${release}`;
  const busybox = findStaticBusybox();
  const problems: Problem[] = [];
  if (!existsSync(image) || !existsSync(join(folder, "modules.dep"))) {
    problems.push(missing(`the kernel ${release} (${image}, ${folder})`, `linux-image-${release}`));
  }
  if (busybox === null) problems.push(missing("a static busybox", "busybox-static"));
  if (busybox === null || problems.length > 0) return failed(...problems);
  return ok({ release, image, modules: modulesOf(folder), busybox });
}

/** The file of a busybox that needs no library; null when there is none. */
export function findStaticBusybox(): string | null {
  return ["/bin/busybox", "/usr/bin/busybox"].find(isStatic) ?? null;
}

/** Kernel release that a module was built for, of its `vermagic`. */
export function releaseOf(module: Uint8Array): string {
  const section = readElf(module).sections.find(({ name }) => name === ".modinfo");
  const entries = new TextDecoder().decode(section?.bytes).split("\0");
  const magic = entries.find((entry) => entry.startsWith("vermagic=")) ?? "";
  return magic.slice("vermagic=".length).split(" ", 1)[0] ?? "";
}

/** Lines of modules.dep: `FILE: NEEDED NEEDED…`, the nearest first, all that is needed in each line. */
function modulesOf(folder: string): string[] {
  const lines = readFileSync(join(folder, "modules.dep"), "utf8").split("\n");
  const chosen = new Set<string>();
  for (const wanted of guestModules) {
    const line = lines.find((each) => nameOf(each.split(":", 1)[0] ?? "") === wanted);
    // What is not there is part of the kernel.
    if (line === undefined) continue;
    const [file, needed] = line.split(":") as [string, string];
    for (const each of needed.split(" ").filter(Boolean).reverse()) chosen.add(each);
    chosen.add(file);
  }
  return [...chosen].map((file) => join(folder, file));
}

function nameOf(file: string): string {
  return (file.split("/").at(-1) ?? "").replace(/\.ko(\.\w+)?$/, "").replaceAll("-", "_");
}

/** Whether it is there and names no interpreter (program header of type 3), as what needs libraries does. */
function isStatic(file: string): boolean {
  if (!existsSync(file)) return false;
  const bytes = readFileSync(file);
  const header = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  const table = Number(header.getBigUint64(32, true));
  const count = header.getUint16(56, true);
  for (let index = 0; index < count; index++) {
    if (header.getUint32(table + index * header.getUint16(54, true), true) === 3) return false;
  }
  return true;
}

function missing(what: string, debian: string): Problem {
  return {
    code: "UP620",
    message: `a guest cannot be made: ${what} is missing`,
    hint: `sudo apt-get install ${debian}`,
  };
}
