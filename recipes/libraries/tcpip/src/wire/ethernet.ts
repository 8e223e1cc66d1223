/**
 * Ethernet II frames (IEEE 802.3, clause 3), without preamble and check sequence.
 *
 *     0             6             12      14
 *    ├─ destination ┼─── source ──┼─ type ┼─ payload ─→
 */
import { get16, get48, put16, put48 } from "./octets";

export const HEADER: i32 = 14;
export const BROADCAST: u64 = 0xffffffffffff;
export const TYPE_IPV4: u32 = 0x0800;
export const TYPE_ARP: u32 = 0x0806;
export const TYPE_IPV6: u32 = 0x86dd;

/** A frame that was checked for its length. */
export class EthernetView {
  private at: usize = 0;
  private length: i32 = 0;

  /** False when the frame is too short for its header. */
  check(at: usize, length: i32): bool {
    this.at = at;
    this.length = length;
    return length >= HEADER;
  }

  get destination(): u64 {
    return get48(this.at);
  }

  get source(): u64 {
    return get48(this.at + 6);
  }

  get type(): u32 {
    return get16(this.at + 12);
  }

  get payload(): usize {
    return this.at + <usize>HEADER;
  }

  get payloadLength(): i32 {
    return this.length - HEADER;
  }
}

/** Whether an address is of a group; the broadcast address is one. */
export function isGroup(address: u64): bool {
  return ((address >> 40) & 1) == 1;
}

export function putEthernet(at: usize, destination: u64, source: u64, type: u32): void {
  put48(at, destination);
  put48(at + 6, source);
  put16(at + 12, type);
}
