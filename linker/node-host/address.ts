import { isIPv4, isIPv6 } from "node:net";

/** An address of 4 or 16 octets as text; null for another length. */
export function readAddress(octets: Uint8Array): string | null {
  if (octets.length === 4) return octets.join(".");
  if (octets.length !== 16) return null;
  const view = new DataView(octets.buffer, octets.byteOffset, 16);
  return Array.from({ length: 8 }, (_, index) => view.getUint16(2 * index).toString(16)).join(":");
}

/** Writes an address as octets and says how many, 4 or 16. IPv4 is always 4, also when mapped into IPv6. */
export function writeAddress(text: string, octets: Uint8Array): number {
  const plain = text.replace(/^::ffff:(?=\d+\.)/i, "").replace(/%.*$/, "");
  if (isIPv4(plain)) {
    octets.set(plain.split(".").map(Number));
    return 4;
  }
  if (!isIPv6(plain)) return 0;
  // `::` stands for as many zero groups as are missing (RFC 4291, 2.2); the last two may be dotted.
  const groups = (part: string | undefined) =>
    part === undefined || part === "" ? [] : part.split(":").flatMap(groupsOf);
  const [head, tail] = plain.split("::");
  const front = groups(head);
  const back = groups(tail);
  const middle = new Array<number>(8 - front.length - back.length).fill(0);
  const view = new DataView(octets.buffer, octets.byteOffset, 16);
  for (const [index, group] of [...front, ...middle, ...back].entries()) {
    view.setUint16(2 * index, group);
  }
  return 16;
}

function groupsOf(group: string): number[] {
  if (!isIPv4(group)) return [Number.parseInt(group, 16)];
  const [a, b, c, d] = group.split(".").map(Number) as [number, number, number, number];
  return [a * 256 + b, c * 256 + d];
}
