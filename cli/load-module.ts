import { spawnSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { release } from "node:os";
import { basename } from "node:path";
import { moduleName } from "../linker/backends/kbuild.ts";
import { releaseOf } from "../linker/guest/kernel.ts";
import { failed, ok, type Problem, type Result } from "../model/problem.ts";

/** The machine that a module would be loaded into. */
export interface KernelHere {
  /** Of the kernel that runs, as `uname -r` has it. */
  readonly release: string;
  readonly isRoot: boolean;
}

/** This machine. */
export function kernelHere(): KernelHere {
  return { release: release(), isRoot: process.getuid?.() === 0 };
}

/** What is in the way of loading a module into a kernel; null when nothing is. */
export function whyNotHere(module: string, kernel: KernelHere): Problem | null {
  const built = releaseOf(readFileSync(module));
  if (built !== kernel.release) {
    return {
      code: "UP553",
      message: `the module is for Linux ${built}, and this machine runs ${kernel.release}`,
      hint: `build it for this one: \`--kernel ${kernel.release}\`, with the package linux-headers-${kernel.release}; without \`--here\` it runs in QEMU`,
    };
  }
  if (!kernel.isRoot) {
    return {
      code: "UP554",
      message: "only root may load a module into the kernel",
      hint: `sudo insmod ${module}`,
    };
  }
  return null;
}

/** Loads a module into the running kernel: the lines that say how to look at it and how to take it out. */
export function loadHere(module: string, parameters: readonly string[]): Result<readonly string[]> {
  const { status, stdout, stderr, error } = spawnSync("insmod", [module, ...parameters], {
    encoding: "utf8",
  });
  const name = moduleName(basename(module, ".ko"));
  if (error !== undefined || status !== 0) {
    return failed({
      code: "UP555",
      message: `the kernel does not take ${module}`,
      details: (error?.message ?? `${stdout}${stderr}`).trim().split("\n"),
      hint: `the kernel's log says more: \`dmesg | grep ${name}\``,
    });
  }
  return ok([
    `loaded as ${name}`,
    `  dmesg --follow                                 what it prints`,
    `  cat /sys/module/${name}/parameters/status      -1 while it runs, then its exit status`,
    `  rmmod ${name}                                  takes it out`,
  ]);
}
