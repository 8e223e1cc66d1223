/** Finds what a module is built against: the prepared headers of one Linux kernel. */
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { release } from "node:os";
import { join } from "node:path";
import { failed, ok, type Result } from "../../model/problem.ts";

export interface KernelHeaders {
  /** Kernel release, as `uname -r` has it. */
  readonly release: string;
  /** Folder to be given to `make -C`. */
  readonly folder: string;
}

const modulesFolder = "/lib/modules";

/**
 * The headers that `asked` names, by release or by folder; without it those of the running kernel, else
 * the newest that are installed.
 */
export function findKernelHeaders(asked: string | null): Result<KernelHeaders> {
  if (asked !== null) {
    const folder = asked.includes("/") ? asked : join(modulesFolder, asked, "build");
    const found = readHeaders(folder);
    return found === null ? missing(`\`--kernel ${asked}\` names none`) : ok(found);
  }
  const releases = [release(), ...installed()];
  for (const name of releases) {
    const found = readHeaders(join(modulesFolder, name, "build"));
    if (found !== null) return ok(found);
  }
  return missing(`${modulesFolder} has none`);
}

/** Releases that have a folder of modules, the newest first. */
function installed(): string[] {
  const names = existsSync(modulesFolder) ? readdirSync(modulesFolder) : [];
  return names.sort((a, b) => b.localeCompare(a, "en", { numeric: true }));
}

function readHeaders(folder: string): KernelHeaders | null {
  try {
    const name = readFileSync(join(folder, "include/config/kernel.release"), "utf8").trim();
    return existsSync(join(folder, "Makefile")) ? { release: name, folder } : null;
  } catch {
    return null;
  }
}

function missing(what: string): Result<never> {
  return failed({
    code: "UP520",
    message: `no kernel headers: ${what}`,
    hint: "sudo apt-get install linux-headers-cloud-amd64, or name a release or folder by `--kernel`",
  });
}
