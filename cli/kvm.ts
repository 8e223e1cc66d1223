import { spawnSync } from "node:child_process";
import { accessSync, constants, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { qemuArguments, qemuCommand } from "../linker/native/qemu.ts";

/** Whether kernels run under KVM here, found out by running one. */
export type KvmState =
  /** No /dev/kvm, or not for this user. */
  | "absent"
  /** It is there, but QEMU cannot run a kernel under it: nested virtualisation often ends so. */
  | "broken"
  | "works";

/** Runs a kernel of three instructions under KVM; takes about a sixth of a second. */
export function probeKvm(): KvmState {
  try {
    accessSync("/dev/kvm", constants.R_OK | constants.W_OK);
  } catch {
    return "absent";
  }
  const folder = mkdtempSync(join(tmpdir(), "unipkg-kvm-"));
  try {
    const kernel = join(folder, "probe");
    writeFileSync(kernel, probeKernel());
    const words = qemuArguments(kernel, { memory: 16, accelerator: "kvm" });
    const { status } = spawnSync(qemuCommand, words, { stdio: "ignore", timeout: 5000 });
    return status === probeStatus ? "works" : "broken";
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** QEMU ends with twice what is written to isa-debug-exit, and one more. */
const probeStatus = (42 << 1) | 1;

const address = 0x100000;

/** An ELF file with the PVH entry note (xen/include/public/elfnote.h, XEN_ELFNOTE_PHYS32_ENTRY) and its code. */
function probeKernel(): Buffer {
  const headers = 52 + 2 * 32;
  const note = Buffer.alloc(20);
  const code = Buffer.from([
    ...[0xba, 0xf4, 0, 0, 0], // mov $0xf4, %edx: the port of qemuArguments
    ...[0xb8, 42, 0, 0, 0], // mov $42, %eax
    ...[0xef, 0xf4], // out %eax, %dx; hlt
  ]);
  const size = headers + note.length + code.length;
  const entry = address + headers + note.length;
  for (const [index, word] of [4, 4, 18].entries()) note.writeUInt32LE(word, 4 * index);
  note.write("Xen\0", 12);
  note.writeUInt32LE(entry, 16);
  const words = (...values: readonly number[]) => {
    const bytes = Buffer.alloc(4 * values.length);
    for (const [index, value] of values.entries()) bytes.writeUInt32LE(value, 4 * index);
    return bytes;
  };
  return Buffer.concat([
    Buffer.from([0x7f, 0x45, 0x4c, 0x46, 1, 1, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0]),
    // Executable, i386; version, entry, program headers at 52, no sections, no flags.
    words(2 | (3 << 16), 1, entry, 52, 0, 0),
    // Sizes: file header 52, two program headers of 32, sections none.
    words(52 | (32 << 16), 2 | (40 << 16), 0),
    // PT_LOAD, readable and executable; PT_NOTE.
    words(1, 0, address, address, size, size, 5, 4096),
    words(4, headers, address + headers, address + headers, note.length, note.length, 4, 4),
    note,
    code,
  ]);
}
