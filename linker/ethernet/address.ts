/** Addresses as numbers: Ethernet's of 48 bits, which JavaScript's hold exactly, and IPv4's of 32. */

/** The address at a place of a frame: its destination is at 0, its source at 6. */
export function addressAt(frame: Uint8Array, at: number): number {
  let address = 0;
  for (let index = at; index < at + 6; index++) address = address * 256 + frame[index]!;
  return address;
}

/** Writes an address of Ethernet to a place of a frame. */
export function setAddress(frame: Uint8Array, at: number, address: number): void {
  for (let index = at + 5, rest = address; index >= at; index--) {
    frame[index] = rest % 256;
    rest = Math.floor(rest / 256);
  }
}

/** Whether the first octet of an address says that it is many stations' (IEEE 802, 8.2). */
export function isGroup(first: number): boolean {
  return (first & 1) === 1;
}

/** `02:00:00:00:00:01`. */
export function formatAddress(address: number): string {
  return address
    .toString(16)
    .padStart(12, "0")
    .replace(/..(?!$)/g, "$&:");
}

/** An address of IPv4 as people write it. */
export function dotted(address: number): string {
  return [24, 16, 8, 0].map((shift) => (address >>> shift) & 255).join(".");
}
