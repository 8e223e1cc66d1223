import { spawnSync } from "node:child_process";
import { findKernelHeaders } from "../linker/backends/kernel-headers.ts";
import { findStaticBusybox } from "../linker/guest/kernel.ts";

/** A program of the system that a back end calls. */
export interface Tool {
  readonly command: string;
  /** What for. */
  readonly purpose: string;
  /** Debian's package. */
  readonly debian: string;
  /** Needed to run images, not to build them. */
  readonly onlyToRun: boolean;
  /** How to find what is no program that tells its version: what there is, or null. */
  readonly look?: () => string | null;
}

export interface FoundTool extends Tool {
  /** What it says of itself; null when it is not there. */
  readonly version: string | null;
}

const compiler = (environment: Readonly<Record<string, string | undefined>>): Tool => ({
  command: environment["CC"] ?? "cc",
  purpose: "compiles images",
  debian: "gcc libc6-dev",
  onlyToRun: false,
});

const linkEditor: Tool = {
  command: "ld",
  purpose: "links images",
  debian: "binutils",
  onlyToRun: false,
};

const objectCopier: Tool = {
  command: "objcopy",
  purpose: "keeps their symbols apart",
  debian: "binutils",
  onlyToRun: false,
};

const emulator: Tool = {
  command: "qemu-system-x86_64",
  purpose: "runs images",
  debian: "qemu-system-x86",
  onlyToRun: true,
};

const buildTool: Tool = {
  command: "make",
  purpose: "builds modules",
  debian: "make",
  onlyToRun: false,
};

const kernelHeaders: Tool = {
  command: "kernel headers",
  purpose: "are what modules are built against",
  debian: "linux-headers-cloud-amd64",
  onlyToRun: false,
  look: () => {
    const headers = findKernelHeaders(null);
    return headers.ok ? headers.value.release : null;
  },
};

const shell: Tool = {
  command: "busybox",
  purpose: "is, with a kernel, the guest that modules are run in",
  debian: "busybox-static linux-image-cloud-amd64",
  onlyToRun: true,
  look: findStaticBusybox,
};

/** The programs that a back end of linker/backends needs; null for one that is not known. */
export function toolsOf(
  backend: string,
  environment: Readonly<Record<string, string | undefined>>,
): readonly Tool[] | null {
  switch (backend) {
    // A browser is at hand, or elsewhere.
    case "browser":
      return [];
    case "elf-hosted":
      return [compiler(environment), linkEditor, objectCopier];
    case "elf-pvh":
      return [compiler(environment), linkEditor, objectCopier, emulator];
    case "kbuild":
      return [
        compiler(environment),
        linkEditor,
        objectCopier,
        buildTool,
        kernelHeaders,
        shell,
        emulator,
      ];
    default:
      return null;
  }
}

/** Looks for a program on the path and asks it for its version. */
export function find(tool: Tool): FoundTool {
  if (tool.look !== undefined) return { ...tool, version: tool.look() };
  const { status, stdout, stderr } = spawnSync(tool.command, ["--version"], { encoding: "utf8" });
  const version = status === 0 ? ((stdout || stderr).split("\n")[0] ?? "") : null;
  return { ...tool, version };
}
