/** The largest packets that paths take, where ICMP said that it is less than the link's (RFC 1191). */
import { SECOND } from "../time";
import { MINIMUM_MTU } from "../wire/ipv4";

const LIMIT = 256;
/** RFC 1191, section 6.3: a path may have become wider after ten minutes. */
const AGE: u64 = 600 * SECOND;

export class PathMtu {
  private readonly byAddress: Map<u32, i32> = new Map<u32, i32>();
  private clearedAt: u64 = 0;

  constructor(private readonly linkMtu: i32) {}

  to(address: u32, now: u64): i32 {
    if (this.byAddress.size == 0) return this.linkMtu;
    this.age(now);
    return this.byAddress.has(address) ? this.byAddress.get(address) : this.linkMtu;
  }

  /** Notes what a router said, 0 if it did not say how much it takes; the MTU that is believed in now. */
  learn(address: u32, told: i32, now: u64): i32 {
    const present = this.to(address, now);
    // What is below the minimum, or no less than now, is no honest answer (RFC 5927, section 7).
    const mtu = max<i32>(told == 0 ? MINIMUM_MTU : told, MINIMUM_MTU);
    if (mtu >= present) return present;
    if (this.byAddress.size >= LIMIT) this.byAddress.clear();
    if (this.byAddress.size == 0) this.clearedAt = now;
    this.byAddress.set(address, mtu);
    return mtu;
  }

  private age(now: u64): void {
    if (now - this.clearedAt > AGE) this.byAddress.clear();
  }
}
