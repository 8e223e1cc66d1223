/**
 * The two ends of a packet or a connection: our address, and the address of the other one. An IPv4 address is kept as
 * the IPv6 address that stands for it (RFC 4291, section 2.5.5.2), so that one comparison serves both families, and the
 * family is a property of the ends. No such address is taken from an IPv6 packet.
 */
import * as config from "config";
import { get32, get64, put32, put64 } from "./octets";

const MAPPED: u64 = 0x0000ffff_00000000;

export class Ends {
  localHigh: u64 = 0;
  localLow: u64 = 0;
  remoteHigh: u64 = 0;
  remoteLow: u64 = 0;

  /** Whether they are of IPv6. Known to be false where the image has no IPv6. */
  get six(): bool {
    return config.ipv6 && (this.remoteHigh != 0 || this.remoteLow >> 32 != 0xffff);
  }

  /** Whether our address is chosen. */
  get bound(): bool {
    return (this.localHigh | this.localLow) != 0;
  }

  /** Our IPv4 address. */
  get local4(): u32 {
    return <u32>this.localLow;
  }

  /** The other's IPv4 address. */
  get remote4(): u32 {
    return <u32>this.remoteLow;
  }

  setLocal4(address: u32): void {
    this.localHigh = 0;
    this.localLow = MAPPED | address;
  }

  setRemote4(address: u32): void {
    this.remoteHigh = 0;
    this.remoteLow = MAPPED | address;
  }

  setLocal(high: u64, low: u64): void {
    this.localHigh = high;
    this.localLow = low;
  }

  setRemote(high: u64, low: u64): void {
    this.remoteHigh = high;
    this.remoteLow = low;
  }

  copy(other: Ends): void {
    this.setLocal(other.localHigh, other.localLow);
    this.setRemote(other.remoteHigh, other.remoteLow);
  }

  equals(other: Ends): bool {
    return this.hasLocal(other.localHigh, other.localLow) && this.sameRemote(other);
  }

  sameRemote(other: Ends): bool {
    return (
      this.remoteLow == other.remoteLow && (!config.ipv6 || this.remoteHigh == other.remoteHigh)
    );
  }

  hasLocal(high: u64, low: u64): bool {
    return this.localLow == low && (!config.ipv6 || this.localHigh == high);
  }

  /** Reads the other's address from 4 octets, or 16; false when it is none that a packet can go to. */
  readRemote(octets: usize, length: i32): bool {
    if (length == 4) {
      this.setRemote4(get32(octets));
      return this.remote4 != 0;
    }
    if (length != 16) return false;
    this.setRemote(get64(octets), get64(octets + 8));
    if (!this.six)
      return this.remoteHigh == 0 && this.remoteLow >> 32 == 0xffff && this.remote4 != 0;
    // Below ::/64 are the unspecified address, loopback, and forms that stand for IPv4.
    return this.remoteHigh != 0;
  }

  /** Writes the other's address into 4 octets or 16, and says how many. */
  putRemote(octets: usize): i32 {
    if (!this.six) {
      put32(octets, this.remote4);
      return 4;
    }
    put64(octets, this.remoteHigh);
    put64(octets + 8, this.remoteLow);
    return 16;
  }
}
