// @seldom
/**
 * ARP for IPv4 over Ethernet (RFC 826).
 *
 *     0    2    4  5  6    8            14        18           24        28
 *    ├hard┼prot┼6─┼4─┼ op ┼ sender MAC ─┼ sender ─┼ target MAC ┼ target ─┤
 */
import { get8, get16, get32, get48, put8, put16, put32, put48 } from "./octets";

export const LENGTH: i32 = 28;
export const REQUEST: u32 = 1;
export const REPLY: u32 = 2;

/** A packet that was checked to be of IPv4 over Ethernet and whole. */
export class ArpView {
  private at: usize = 0;

  check(at: usize, length: i32): bool {
    this.at = at;
    return (
      length >= LENGTH &&
      get16(at) == 1 &&
      get16(at + 2) == 0x0800 &&
      get8(at + 4) == 6 &&
      get8(at + 5) == 4
    );
  }

  get operation(): u32 {
    return get16(this.at + 6);
  }

  get senderHardware(): u64 {
    return get48(this.at + 8);
  }

  get sender(): u32 {
    return get32(this.at + 14);
  }

  get target(): u32 {
    return get32(this.at + 24);
  }
}

export function putArp(
  at: usize,
  operation: u32,
  senderHardware: u64,
  sender: u32,
  targetHardware: u64,
  target: u32,
): void {
  put16(at, 1);
  put16(at + 2, 0x0800);
  put8(at + 4, 6);
  put8(at + 5, 4);
  put16(at + 6, operation);
  put48(at + 8, senderHardware);
  put32(at + 14, sender);
  put48(at + 18, targetHardware);
  put32(at + 24, target);
}
