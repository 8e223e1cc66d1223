import { accessSync, constants, existsSync, readFileSync } from "node:fs";
import { join } from "node:path";

/** Whether a unix image with our own TCP/IP can have its network device here (docs/targets.md). */
export type TapState =
  /** The interface is there, and for this user. */
  | "ready"
  /** There is no such interface. */
  | "absent"
  /** It is another user's. */
  | "denied"
  /** The kernel offers no taps, or not to this user. */
  | "impossible";

const interfaces = "/sys/class/net";
const device = "/dev/net/tun";

/** The interface of an image's first device, as recipes/targets/unix/runtime/net.c finds it. */
export function firstDevice(environment: Readonly<Record<string, string | undefined>>): {
  readonly name: string;
  readonly kind: "tap" | "packet" | "switch";
} {
  const word = environment["UNIPKG_NET0"] || "tap0";
  for (const kind of ["packet", "switch"] as const) {
    if (word.startsWith(`${kind}:`)) return { name: word.slice(kind.length + 1), kind };
  }
  return { name: word, kind: "tap" };
}

export function probeTap(name: string): TapState {
  try {
    accessSync(device, constants.R_OK | constants.W_OK);
  } catch {
    return "impossible";
  }
  if (!existsSync(join(interfaces, name))) return "absent";
  const user = process.getuid?.() ?? 0;
  if (user === 0) return "ready";
  try {
    // The user's number, or -1 for nobody's in particular: then it takes root.
    return Number(readFileSync(join(interfaces, name, "owner"), "utf8")) === user
      ? "ready"
      : "denied";
  } catch {
    return "denied";
  }
}

/** What an administrator types once, so that the user's images have a network device. */
export function tapCommands(name: string): readonly string[] {
  return [
    `sudo ip tuntap add ${name} mode tap user $USER`,
    `sudo ip address add 10.0.0.1/24 dev ${name}`,
    `sudo ip link set ${name} up`,
  ];
}

/** What to tell before an image is run that has no device; null when it has one. */
export function missingDevice(
  environment: Readonly<Record<string, string | undefined>>,
): string | null {
  const { name, kind } = firstDevice(environment);
  if (kind === "switch") {
    const isThere = !name.includes("/") || existsSync(name);
    return isThere ? null : `there is no switch at ${name}: \`unipkg switch\` runs one`;
  }
  if (kind === "packet") {
    return existsSync(join(interfaces, name)) ? null : `there is no interface ${name}`;
  }
  const state = probeTap(name);
  if (state === "ready") return null;
  if (state === "impossible") return `${device} cannot be opened: there are no taps for this user`;
  const what = state === "absent" ? "there is no tap" : "another user's is the tap";
  return `${what} ${name} for the image's network device; to have one:\n  ${tapCommands(name).join("\n  ")}`;
}
