// @seldom
/** The largest packets that paths take, where ICMP said that it is less than the link's (RFC 1191, RFC 8201). */
import { SipHash } from "../siphash";
import { SECOND } from "../time";
import { Ends } from "../wire/ends";
import { MINIMUM_MTU } from "../wire/ipv4";
import { MINIMUM_MTU as MINIMUM_MTU_6 } from "../wire/ipv6";

const LIMIT = 256;
/** RFC 1191, section 6.3: a path may have become wider after ten minutes. */
const AGE: u64 = 600 * SECOND;

export class PathMtu {
  /** By a hash of the address that nobody else can compute, so that none is found by chance or design. */
  private readonly byAddress: Map<u64, i32> = new Map<u64, i32>();
  private clearedAt: u64 = 0;

  constructor(private readonly hash: SipHash) {}

  /** The path to the remote end takes packets of so many octets; `link` is what our own link takes. */
  to(ends: Ends, link: i32, now: u64): i32 {
    if (this.byAddress.size == 0) return link;
    if (now - this.clearedAt > AGE) this.byAddress.clear();
    const key = this.key(ends);
    return this.byAddress.has(key) ? min<i32>(this.byAddress.get(key), link) : link;
  }

  /** Notes what a router said, 0 if it did not say how much it takes; the MTU that is believed in now. */
  learn(ends: Ends, told: i32, link: i32, now: u64): i32 {
    const present = this.to(ends, link, now);
    // What is below the minimum, or no less than now, is no honest answer (RFC 5927, section 7; RFC 8201, section 4).
    const minimum = ends.six ? MINIMUM_MTU_6 : MINIMUM_MTU;
    const mtu = max<i32>(told, minimum);
    if (mtu >= present) return present;
    if (this.byAddress.size >= LIMIT) this.byAddress.clear();
    if (this.byAddress.size == 0) this.clearedAt = now;
    this.byAddress.set(this.key(ends), mtu);
    return mtu;
  }

  private key(ends: Ends): u64 {
    return this.hash.of(ends.remoteHigh, ends.remoteLow);
  }
}
