/** Addresses as the interfaces have them, octets, and as the stack has them. */
import { Ends } from "./wire/ends";
import { addressOf, put32, put64 } from "./wire/octets";

/** The remote end at an address of 4 octets or 16; null when nothing can go there. */
export function endsTo(octets: Uint8Array): Ends | null {
  const ends = new Ends();
  return ends.readRemote(addressOf(octets), octets.length) ? ends : null;
}

/** The octets of the other's address, 4 or 16. */
export function remoteOctets(ends: Ends): Uint8Array {
  return ends.six ? octets6(ends.remoteHigh, ends.remoteLow) : octets4(ends.remote4);
}

/** The octets of our address, 4 or 16. */
export function localOctets(ends: Ends): Uint8Array {
  return ends.six ? octets6(ends.localHigh, ends.localLow) : octets4(ends.local4);
}

export function octets4(address: u32): Uint8Array {
  const octets = new Uint8Array(4);
  put32(addressOf(octets), address);
  return octets;
}

export function octets6(high: u64, low: u64): Uint8Array {
  const octets = new Uint8Array(16);
  put64(addressOf(octets), high);
  put64(addressOf(octets) + 8, low);
  return octets;
}
