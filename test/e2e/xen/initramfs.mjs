// A cpio archive as Linux unpacks it at its start (Documentation/driver-api/early-userspace/buffer-format.rst).
import { spawnSync } from "node:child_process";
import { copyFileSync, existsSync, lstatSync, readdirSync, readFileSync } from "node:fs";
import { basename, dirname, join } from "node:path";

/** Files by their path in the initramfs. All are root's. */
export class Initramfs {
  #entries = new Map();

  /** @param {string} path without a leading slash */
  file(path, content, mode = 0o644) {
    this.folder(dirname(path));
    this.#entries.set(path, { mode: 0o100000 | mode, content: Buffer.from(content) });
  }

  link(path, to) {
    this.folder(dirname(path));
    this.#entries.set(path, { mode: 0o120777, content: Buffer.from(to) });
  }

  folder(path) {
    if (path === "." || path === "" || this.#entries.has(path)) return;
    this.folder(dirname(path));
    this.#entries.set(path, { mode: 0o040755, content: Buffer.alloc(0) });
  }

  /** A program with the libraries that it names, each looked for in `roots` in turn. */
  program(path, source, roots) {
    this.file(path, readFileSync(source), 0o755);
    for (const name of neededBy(source)) this.library(name, roots);
  }

  library(name, roots) {
    const place = `lib/x86_64-linux-gnu/${name}`;
    if (this.#entries.has(place)) return;
    const found = roots
      .flatMap((root) => libraryFolders.map((folder) => join(root, folder, name)))
      .find((candidate) => existsSync(candidate));
    if (found === undefined) throw new Error(`no library ${name} in ${roots.join(", ")}`);
    this.program(place, found, roots);
  }

  /** The archive, in the order of the paths, so that the same files make the same bytes. */
  archive() {
    const parts = [];
    let number = 1;
    const add = (name, mode, content) => {
      const fields = [number++, mode, 0, 0, 1, 0, content.length, 0, 0, 0, 0, name.length + 1, 0];
      const header = `070701${fields.map((value) => value.toString(16).padStart(8, "0")).join("")}`;
      parts.push(padded(Buffer.from(`${header}${name}\0`)), padded(content));
    };
    for (const path of [...this.#entries.keys()].sort()) {
      const { mode, content } = this.#entries.get(path);
      add(path, mode, content);
    }
    add("TRAILER!!!", 0, Buffer.alloc(0));
    return Buffer.concat(parts);
  }
}

const libraryFolders = [
  "lib/x86_64-linux-gnu",
  "usr/lib/x86_64-linux-gnu",
  "usr/lib/xen-4.17/lib/x86_64-linux-gnu",
  "lib64",
];

function padded(bytes) {
  return Buffer.concat([bytes, Buffer.alloc((4 - (bytes.length % 4)) % 4)]);
}

/** Libraries that an ELF file names, and its loader. */
function neededBy(file) {
  const { stdout } = spawnSync("readelf", ["-dl", file], { encoding: "utf8" });
  const libraries = [...stdout.matchAll(/\(NEEDED\).*\[(.*)\]/g)].map(([, name]) => name);
  return libraries;
}

/** Kernel modules and what they need, in an order in which they can be loaded: paths of files. */
export function modulesInOrder(names, folder) {
  const files = new Map();
  const look = (at) => {
    for (const name of readdirSync(at)) {
      const path = join(at, name);
      if (lstatSync(path).isDirectory()) look(path);
      else if (name.endsWith(".ko")) files.set(name.slice(0, -3).replaceAll("-", "_"), path);
    }
  };
  look(folder);
  const ordered = new Set();
  const add = (name) => {
    const path = files.get(name.replaceAll("-", "_"));
    if (path === undefined) return; // Built in.
    if (ordered.has(path)) return;
    const depends = /\0depends=([^\0]*)\0/.exec(readFileSync(path, "latin1"))?.[1] ?? "";
    for (const other of depends.split(",").filter((each) => each !== "")) add(other);
    ordered.add(path);
  };
  for (const name of names) add(name);
  return [...ordered];
}

/** A module without its symbols for debuggers, which are most of it. */
export function strippedModule(path, work) {
  const copy = join(work, basename(path));
  copyFileSync(path, copy);
  spawnSync("strip", ["--strip-debug", copy]);
  return readFileSync(copy);
}
