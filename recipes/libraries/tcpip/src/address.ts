/** Addresses as the interfaces have them, octets, and as the stack has them. */
import { addressOf, get8, get32, put32 } from "./wire/octets";

/** The IPv4 address of 4 octets, or of 16 that stand for one (RFC 4291, section 2.5.5.2); 0 when it is none. */
export function toIpv4(octets: Uint8Array): u32 {
  const at = addressOf(octets);
  if (octets.length == 4) return get32(at);
  if (octets.length != 16) return 0;
  for (let i: usize = 0; i < 10; i++) {
    if (get8(at + i) != 0) return 0;
  }
  return get8(at + 10) == 0xff && get8(at + 11) == 0xff ? get32(at + 12) : 0;
}

/** Writes an address into its 4 octets. */
export function putAddress(octets: Uint8Array, address: u32): void {
  put32(addressOf(octets), address);
}
