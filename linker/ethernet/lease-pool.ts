import { type Leases, leaseSeconds } from "./dhcp.ts";

/** Addresses of a network that are given away, and the switch's own. Addresses of IPv4 are numbers of 32 bits. */
export interface AddressRange {
  readonly mask: number;
  /** The switch's own, the network's first. */
  readonly station: number;
  readonly first: number;
  readonly last: number;
}

/**
 * The upper half of a network, so that the lower one is free for addresses that people choose, without the last two: in a browser's tab
 * one of them is the page's own, for requests to the image (recipes/targets/browser/runtime/neighbour). `prefix` is 16 to 28.
 */
export function rangeOf(address: number, prefix: number): AddressRange {
  const size = 2 ** (32 - prefix);
  const network = Math.floor(address / size) * size;
  return {
    mask: 2 ** 32 - size,
    station: network + 1,
    first: network + size / 2,
    last: network + size - 4,
  };
}

/** Milliseconds that an offer waits to be taken. */
const offered = 60_000;
/** And that an address is left alone which somebody has who did not ask. */
const avoided = 600_000;

/** Nobody's: an address at which a client found another host. */
const stranger = -1;

/**
 * Leases that begin and end. A client's first choice follows from its hardware address alone, so that it mostly has the
 * same address again after the server forgot everything.
 */
export class LeasePool implements Leases {
  readonly #range: AddressRange;
  readonly #now: () => number;
  /** By address: whose it is, and until when, in milliseconds. */
  readonly #holders = new Map<number, { hardware: number; until: number }>();
  readonly #addresses = new Map<number, number>();

  /** @param now the time in milliseconds */
  constructor(range: AddressRange, now: () => number) {
    this.#range = range;
    this.#now = now;
  }

  get(hardware: number): number | undefined {
    const held = this.find(hardware);
    if (held !== undefined) return held;
    const { first, last } = this.#range;
    const size = last - first + 1;
    const start = mixed(hardware) % size;
    for (let step = 0; step < size; step++) {
      const address = first + ((start + step) % size);
      const holder = this.#holders.get(address);
      if (holder !== undefined && holder.until > this.#now()) continue;
      if (holder !== undefined && this.#addresses.get(holder.hardware) === address) {
        this.#addresses.delete(holder.hardware);
      }
      this.#hold(address, hardware, offered);
      return address;
    }
    return undefined;
  }

  taken(hardware: number): void {
    const address = this.find(hardware);
    if (address !== undefined) this.#hold(address, hardware, leaseSeconds * 1000);
  }

  declined(hardware: number): void {
    const address = this.find(hardware);
    if (address === undefined) return;
    this.#addresses.delete(hardware);
    this.#holders.set(address, { hardware: stranger, until: this.#now() + avoided });
  }

  /** The address that a client has, if any. */
  find(hardware: number): number | undefined {
    const address = this.#addresses.get(hardware);
    if (address === undefined) return undefined;
    const { until } = this.#holders.get(address)!;
    return until > this.#now() ? address : undefined;
  }

  #hold(address: number, hardware: number, time: number): void {
    this.#holders.set(address, { hardware, until: this.#now() + time });
    this.#addresses.set(hardware, address);
  }
}

/** FNV-1a (RFC 9923) over six octets: neighbours in number are not neighbours in address. */
function mixed(hardware: number): number {
  let hash = 0x811c9dc5;
  for (let power = 40; power >= 0; power -= 8) {
    hash = Math.imul(hash ^ (Math.floor(hardware / 2 ** power) % 256), 0x01000193);
  }
  return hash >>> 0;
}
