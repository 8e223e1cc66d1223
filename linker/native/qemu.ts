import { cableBackend, cardAddress } from "./cable.ts";

/** How a PVH image is run in QEMU, and what QEMU's exit says. */

export interface QemuOptions {
  /** Memory of the machine in MiB. */
  readonly memory: number;
  /** `kvm` where the machine can, `tcg` (emulation) everywhere. */
  readonly accelerator: "kvm" | "tcg";
  /** A network card in QEMU's user network, with these ports of the image to be reached; none when absent. */
  readonly forwards?: readonly Forward[];
  /** A network card at a switch instead: where it is, as `cableBackend` has it. */
  readonly cable?: string;
  /** Files of disks, disk 0 first, their sectors as they are. */
  readonly disks?: readonly string[];
}

/** A port of this machine's 127.0.0.1 that leads to one of the image. */
export interface Forward {
  readonly protocol: "tcp" | "udp";
  readonly host: number;
  readonly guest: number;
}

export const qemuCommand = "qemu-system-x86_64";

/** Arguments of `qemuCommand`: a small machine, the console on standard output, no window. */
export function qemuArguments(image: string, options: QemuOptions): string[] {
  return [
    ...["-machine", "microvm", "-accel", options.accelerator],
    ...["-cpu", options.accelerator === "kvm" ? "host" : "max", "-m", `${options.memory}M`],
    ...["-kernel", image, "-nodefaults", "-no-user-config", "-no-reboot", "-display", "none"],
    ...["-serial", "stdio", "-device", "isa-debug-exit,iobase=0xf4,iosize=4"],
    ...networkArguments(options),
    ...(options.disks ?? []).flatMap(diskArguments),
    ...["-global", "virtio-mmio.force-legacy=false"],
  ];
}

/** A virtio card as recipes/targets/xen/runtime/net.c drives it; QEMU's own network has a DHCP server. */
function networkArguments({ forwards, cable }: QemuOptions): string[] {
  if (cable !== undefined) {
    const card = `virtio-net-device,netdev=net0,mac=${cardAddress()}`;
    return ["-netdev", cableBackend(cable), "-device", card];
  }
  if (forwards === undefined) return [];
  const backend = `user,id=net0${forwardRules(forwards)}`;
  return ["-netdev", backend, "-device", "virtio-net-device,netdev=net0"];
}

/** A virtio disk as recipes/targets/xen/runtime/block.c drives it. A comma in a file's name is written twice. */
function diskArguments(file: string, index: number): string[] {
  const name = file.replaceAll(",", ",,");
  return [
    ...["-drive", `if=none,id=disk${index},format=raw,cache=writeback,file=${name}`],
    ...["-device", `virtio-blk-device,drive=disk${index}`],
  ];
}

/** What QEMU's user network is told of them. */
export function forwardRules(forwards: readonly Forward[]): string {
  return forwards
    .map(({ protocol, host, guest }) => `,hostfwd=${protocol}:127.0.0.1:${host}-:${guest}`)
    .join("");
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
