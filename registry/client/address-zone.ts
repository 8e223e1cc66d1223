import { lookup } from "node:dns/promises";
import { BlockList, isIP } from "node:net";

/**
 * How far inside an address leads, for the one who asks: 0 anywhere, 1 into a private network, 2 to this machine, 3 to
 * what only answers on this very link, as the services of clouds do that give out credentials (169.254.169.254).
 */
export type Zone = 0 | 1 | 2 | 3;

/** The zone of an address of the Internet protocols (RFC 1918, 4193, 6598; 1122, 3.2.1.3; 3927; 4291, 2.5). */
export function zoneOfAddress(address: string): Zone {
  // IPv4 in IPv6 (RFC 4291, 2.5.5.2; RFC 6052, 2.1) is as far inside as the IPv4 address.
  const plain = address.replace(/%.*$/, "");
  const family = isIP(plain) === 6 ? "ipv6" : "ipv4";
  const zones = [3, 2, 1] as const;
  return zones.find((zone) => lists[zone].check(plain, family)) ?? 0;
}

/** The zone of the host of a URL: of the innermost of its addresses. A name that cannot be resolved leads nowhere. */
export async function zoneOfHost(hostname: string): Promise<Zone> {
  const bare = hostname.replace(/^\[|\]$/g, "");
  if (isIP(bare) !== 0) return zoneOfAddress(bare);
  if (/(^|\.)localhost\.?$/i.test(bare)) return 2;
  try {
    const found = await lookup(bare, { all: true });
    return Math.max(0, ...found.map(({ address }) => zoneOfAddress(address))) as Zone;
  } catch {
    return 0;
  }
}

const networks: Readonly<Record<1 | 2 | 3, readonly string[]>> = {
  1: ["10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16", "100.64.0.0/10", "fc00::/7"],
  2: ["127.0.0.0/8", "::1/128"],
  3: ["169.254.0.0/16", "0.0.0.0/8", "fe80::/10", "::/128"],
};

const lists = { 1: listOf(networks[1]), 2: listOf(networks[2]), 3: listOf(networks[3]) };

function listOf(all: readonly string[]): BlockList {
  const list = new BlockList();
  for (const network of all) {
    const [address = "", length = ""] = network.split("/");
    list.addSubnet(address, Number(length), address.includes(":") ? "ipv6" : "ipv4");
  }
  return list;
}
