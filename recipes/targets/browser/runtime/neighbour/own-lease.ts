import type { Leases } from "../../../../../linker/ethernet/dhcp.ts";

/**
 * The one address of a tab that is on a network without a server: the image asks, and its own tab answers. Tabs agree without a
 * word, since each makes its image's address of the card's address, in 10.0.0.0/8; the image asks the network whether
 * another has it (RFC 5227), and declines it then.
 */
export class OwnLease implements Leases {
  #address: number;

  /** @param wanted the address to give; null: one made of the card's */
  constructor(hardware: number, wanted: number | null) {
    this.#address = wanted ?? usable(hardware);
  }

  get(): number {
    return this.#address;
  }

  taken(): void {}

  /** Another has it: one that is far from it, and the same after every reload. */
  declined(): void {
    this.#address = usable(Math.imul(this.#address, 0x9e3779b1) >>> 0);
  }
}

const prefix = 0x0a000000;
export const ownMask = 0xff000000;

/** The neighbour's own address there, which the image takes for its router. */
export const ownAddress = 0x0afffffe;

/** An address of 10.0.0.0/8 with these low 24 bits, but for those that have another meaning. */
function usable(bits: number): number {
  const low = bits % 2 ** 24;
  return prefix + (low === 0 || low >= 0xfffffe ? low ^ 0x555555 : low);
}
