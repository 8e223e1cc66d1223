/**
 * A small Linux in QEMU that loads a module, shows what it prints, and ends with its status. The program's
 * network is QEMU's: by the guest's sockets, or by a bridge between QEMU's card and the program's own.
 */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { basename, join } from "node:path";
import { ok, type Result } from "../../model/problem.ts";
import { moduleName } from "../backends/kbuild.ts";
import { cableBackend, cardAddress } from "../native/cable.ts";
import { type Forward, forwardRules } from "../native/qemu.ts";
import { type ArchiveFile, archive } from "./archive.ts";
import { findGuestKernel } from "./kernel.ts";

export interface GuestRequest {
  /** The module's file. */
  readonly module: string;
  /** `sockets`: the guest has QEMU's address; `card`: the program has it; `none`. */
  readonly network: "sockets" | "card" | "none";
  readonly forwards: readonly Forward[];
  /** The switch that the guest's card is joined to instead of QEMU's network, as `cableBackend` has it. */
  readonly cable?: string;
  readonly accelerator: "kvm" | "tcg";
  /** Parameters that the module is loaded with: `NAME=VALUE`. */
  readonly parameters?: readonly string[];
  /** Shell commands to run beside the program, for tests: in the guest, once the module is loaded. */
  readonly commands?: string;
  /** Files besides, for those commands. */
  readonly files?: readonly ArchiveFile[];
  /** Memory of the guest in MiB beyond what its files need. */
  readonly memory?: number;
}

export interface Guest {
  /** Arguments for QEMU. */
  readonly arguments: readonly string[];
  /** The program's status, once QEMU has ended; null when the guest told none. */
  readonly status: () => number | null;
  /** Removes the guest's files. */
  readonly discard: () => void;
}

/** MiB for the guest's kernel, its files, and the program's memory, when nothing else is asked for. */
const memory = 256;
/** How often a module is in the guest's memory while it is loaded: as a file of the archive, unpacked, read, and as the program's files. */
const copies = 5;

/** Writes the guest's file system to a folder of its own. */
export function makeGuest(request: GuestRequest): Result<Guest> {
  const module = readFileSync(request.module);
  const kernel = findGuestKernel(module);
  if (!kernel.ok) return kernel;
  const { image, modules, busybox } = kernel.value;
  const folder = mkdtempSync(join(tmpdir(), "unipkg-guest-"));
  const name = moduleName(basename(request.module, ".ko"));
  const files = archive([
    { path: "bin/busybox", content: readFileSync(busybox), executable: true },
    { path: "init", content: script(name, request, modules), executable: true },
    ...modules.map((file) => ({ path: `modules/${basename(file)}`, content: readFileSync(file) })),
    { path: `modules/${name}.ko`, content: module },
    ...(request.files ?? []),
    ...["dev", "proc", "sys", "tmp"].map((path) => ({ path: `${path}/.keep`, content: "" })),
  ]);
  const initial = join(folder, "initial");
  const status = join(folder, "status");
  writeFileSync(initial, files);
  return ok({
    arguments: [
      ...["-machine", "pc", "-accel", request.accelerator],
      ...[
        "-cpu",
        request.accelerator === "kvm" ? "host" : "max",
        "-m",
        `${(request.memory ?? memory) + Math.ceil((copies * module.length) / (1 << 20))}M`,
      ],
      ...["-nodefaults", "-no-user-config", "-no-reboot", "-display", "none"],
      ...["-kernel", image, "-initrd", initial],
      // Quiet: what the kernel itself has to say is not the program's output.
      ...["-append", "console=ttyS0 quiet loglevel=0 panic=-1"],
      ...["-serial", "stdio", "-serial", `file:${status}`],
      ...card(request),
    ],
    status: () => {
      const text = readFileSync(status, "utf8").trim();
      return /^\d+$/.test(text) ? Number(text) : null;
    },
    discard: () => rmSync(folder, { recursive: true, force: true }),
  });
}

function card({ forwards, cable }: GuestRequest): string[] {
  if (cable === undefined) return ["-nic", `user,model=virtio-net-pci${forwardRules(forwards)}`];
  const device = `virtio-net-pci,netdev=net0,mac=${cardAddress()}`;
  return ["-netdev", cableBackend(cable), "-device", device];
}

/** The guest's first process. */
function script(name: string, request: GuestRequest, modules: readonly string[]): string {
  const end = "unipkg: the module has ended";
  return `#!/bin/busybox sh
export PATH=/bin
busybox --install -s /bin 2>/dev/null || /bin/busybox --install -s /bin
mount -t proc none /proc
mount -t sysfs none /sys
mount -t devtmpfs none /dev
# Lines end as the program ends them.
stty -onlcr </dev/ttyS0
${modules.map((file) => `insmod /modules/${basename(file)}`).join("\n")}
ip link set lo up
${network(request.network, "before")}
finish() {
  # Setting a terminal waits until what was written to it is out.
  for terminal in ttyS0 ttyS1; do stty -onlcr </dev/$terminal; done
  poweroff -f
}
# Busybox tries twice.
if ! insmod /modules/${name}.ko ${(request.parameters ?? []).map(quoted).join(" ")} 2>/tmp/refused; then
  sed 's/^insmod: //' /tmp/refused
  dmesg | sed -n "s|^.*] ${name}: ||p" | grep -v -E "^(loading out-of-tree|module verification)" | sort -u
  finish
fi
# Records of the log are \`LEVEL,NUMBER,TIME,-;TEXT\`, what is not printable as \\xNN.
cat /dev/kmsg | while IFS= read -r record; do
  case "$record" in
    *";${end}") touch /tmp/told && break ;;
    *";${name}: loading out-of-tree"* | *";${name}: module verification"*) ;;
    *";${name}: "*) printf '%b\\n' "\${record#*;${name}: }" ;;
  esac
done &
${network(request.network, "after")}
${request.commands ?? ""}
while [ "$(cat /sys/module/${name}/parameters/status)" = -1 ]; do sleep 0.1; done
status=$(cat /sys/module/${name}/parameters/status)
rmmod ${name}
echo "${end}" >/dev/kmsg
while [ ! -e /tmp/told ]; do sleep 0.1; done
echo "$status" >/dev/ttyS1
finish
`;
}

/** A word for the shell. */
function quoted(word: string): string {
  return `'${word.replaceAll("'", "'\\''")}'`;
}

/** How QEMU's user network, 10.0.2.0/24, comes to the program. */
function network(kind: GuestRequest["network"], when: "before" | "after"): string {
  if (kind === "sockets" && when === "before") {
    return [
      "ip address add 10.0.2.15/24 dev eth0",
      "ip link set eth0 up",
      "ip route add default via 10.0.2.2",
    ].join("\n");
  }
  if (kind === "card" && when === "before") {
    return [
      "ip link add bridge0 type bridge",
      "ip link set bridge0 up",
      "ip link set eth0 master bridge0",
      "ip link set eth0 up",
    ].join("\n");
  }
  if (kind === "card") {
    return [
      // The program makes it when it opens its device.
      "for _ in $(seq 100); do [ -e /sys/class/net/unipkg0 ] || sleep 0.1; done",
      "ip link set unipkg0 master bridge0",
      "ip link set unipkg0 up",
    ].join("\n");
  }
  return "";
}
