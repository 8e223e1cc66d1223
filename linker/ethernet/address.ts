/** Addresses of Ethernet as numbers of 48 bits, which JavaScript's hold exactly. */

/** The address at a place of a frame: its destination is at 0, its source at 6. */
export function addressAt(frame: Uint8Array, at: number): number {
  let address = 0;
  for (let index = at; index < at + 6; index++) address = address * 256 + frame[index]!;
  return address;
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
