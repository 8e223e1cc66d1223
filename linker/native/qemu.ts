/** How a PVH image is run in QEMU, and what QEMU's exit says. */

export interface QemuOptions {
  /** Memory of the machine in MiB. */
  readonly memory: number;
  /** `kvm` where the machine can, `tcg` (emulation) everywhere. */
  readonly accelerator: "kvm" | "tcg";
}

export const qemuCommand = "qemu-system-x86_64";

/** Arguments of `qemuCommand`: a small machine, the console on standard output, no window. */
export function qemuArguments(image: string, options: QemuOptions): string[] {
  return [
    ...["-machine", "microvm", "-accel", options.accelerator],
    ...["-cpu", options.accelerator === "kvm" ? "host" : "max", "-m", `${options.memory}M`],
    ...["-kernel", image, "-nodefaults", "-no-user-config", "-no-reboot", "-display", "none"],
    ...["-serial", "stdio", "-device", "isa-debug-exit,iobase=0xf4,iosize=4"],
  ];
}

/**
 * The image's status (docs/abi.md, Ends) from QEMU's; null when the image told none: QEMU itself failed,
 * or the machine was reset. recipes/targets/xen/runtime/event.c writes what is read here; a status that
 * seven bits cannot tell is 255.
 */
export function imageStatus(qemuStatus: number): number | null {
  if (qemuStatus % 2 === 0 || qemuStatus === 1) return null;
  const value = qemuStatus >> 1;
  if (value === 127) return 134;
  return value === 126 ? 255 : value - 1;
}
