/** Addresses as the interfaces have them, octets, and as the stack has them. */
import { Ends } from "./wire/ends";
import { addressOf } from "./wire/octets";

/** The remote end at an address of 4 octets or 16; null when nothing can go there. */
export function endsTo(octets: Uint8Array): Ends | null {
  const ends = new Ends();
  return ends.readRemote(addressOf(octets), octets.length) ? ends : null;
}

/** The octets of the remote end's address, 4 or 16. */
export function remoteOctets(ends: Ends): Uint8Array {
  const octets = new Uint8Array(ends.six ? 16 : 4);
  ends.putRemote(addressOf(octets));
  return octets;
}

/** The octets of an IPv6 address. */
export function octetsOf(high: u64, low: u64): Uint8Array {
  const ends = new Ends();
  ends.setRemote(high, low);
  return remoteOctets(ends);
}
