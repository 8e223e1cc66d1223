import { SocketAddress } from "node:net";

/** The 4 or 16 octets of an address. */
export function addressOctets(text: string): Uint8Array {
  if (!text.includes(":")) return Uint8Array.from(text.split("."), Number);
  const [head = "", tail] = text.split("::");
  const parts = (half: string) => (half === "" ? [] : half.split(":"));
  const first = parts(head);
  const last = parts(tail ?? "");
  const zeros = Array<string>(8 - first.length - last.length).fill("0");
  const groups = [...first, ...zeros, ...last].map((group) => Number.parseInt(group, 16));
  return Uint8Array.from(groups.flatMap((group) => [group >> 8, group & 255]));
}

/** Its text in the usual form. */
export function addressText(octets: Uint8Array): string {
  if (octets.length === 4) return octets.join(".");
  const bytes = Buffer.from(octets);
  const groups = Array.from({ length: 8 }, (_, i) => bytes.readUInt16BE(2 * i).toString(16));
  return new SocketAddress({ address: groups.join(":"), family: "ipv6" }).address;
}
