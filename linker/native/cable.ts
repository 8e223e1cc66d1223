import { randomBytes } from "node:crypto";

/** How a machine in QEMU comes to a network: its own, with ports that are forwarded, or a switch at a stream socket. */

/** The value of `-netdev` for a switch at a Unix socket (a path with a slash in it), or at HOST:PORT. */
export function cableBackend(where: string): string {
  const [, bracketed, plain, port] = /^(?:\[([^\]]+)\]|([^:]*)):(\d+)$/.exec(where) ?? [];
  const end = where.includes("/")
    ? `addr.type=unix,addr.path=${where.replaceAll(",", ",,")}`
    : `addr.type=inet,addr.host=${bracketed ?? plain},addr.port=${port}`;
  return `stream,id=net0,server=off,${end}`;
}

/**
 * An address for a card, locally administered and of one station (IEEE 802, 8.4), by chance: QEMU gives all machines the
 * same one.
 */
export function cardAddress(): string {
  const octets = randomBytes(6);
  octets[0] = (octets[0]! | 2) & ~1;
  return octets.toString("hex").replace(/..(?!$)/g, "$&:");
}
