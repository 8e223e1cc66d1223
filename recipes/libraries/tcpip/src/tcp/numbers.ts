/** Numbers that an outsider must not guess: initial sequence numbers, timestamps' origins, ports and SYN cookies. */
import { SipHash } from "../siphash";
import { MILLISECOND, SECOND } from "../time";
import { Ends } from "../wire/ends";

/** Segment sizes that a cookie can stand for, in three bits. */
const SIZES: StaticArray<i32> = [536, 1220, 1360, 1400, 1440, 1452, 1460, 8960];
/** The clock of cookies ticks this often; a cookie is good for one to two ticks. */
const TICK: u64 = 64 * SECOND;

export class Numbers {
  constructor(private readonly hash: SipHash) {}

  /** RFC 6528, section 3: a clock of 4 microseconds plus a keyed hash of the connection. */
  initialSequence(ends: Ends, localPort: u16, remotePort: u16, now: u64): u32 {
    return <u32>(now / 4000) + <u32>this.of(ends, localPort, remotePort, 0);
  }

  /** RFC 7323, section 5.4: the origin of a connection's timestamps. The same for all connections of two hosts. */
  timestampOffset(ends: Ends): u32 {
    return <u32>this.of(ends, 0, 0, 1);
  }

  /** RFC 6056, section 3.3.3: where the search for a local port begins. */
  portOffset(ends: Ends, remotePort: u16): u32 {
    return <u32>this.of(ends, 0, remotePort, 2);
  }

  /**
   * A sequence number that stands for the connection that the SYN asks for, when it cannot be kept (RFC 4987, section
   * 3.6; Bernstein's form).
   *
   *     31    27  24                     0
   *    ├ tick ┼ size ┼ hash ─────────────┤
   */
  cookie(ends: Ends, localPort: u16, remotePort: u16, irs: u32, size: i32, now: u64): u32 {
    let index = 0;
    while (index < 7 && SIZES[index + 1] <= size) index++;
    const tick = now / TICK;
    const hash = this.cookieHash(ends, localPort, remotePort, irs, tick, index);
    return ((<u32>(tick & 31)) << 27) | ((<u32>index) << 24) | hash;
  }

  /** The segment size that a cookie stands for; 0 when it is none of ours, or too old. */
  cookieSize(ends: Ends, localPort: u16, remotePort: u16, irs: u32, cookie: u32, now: u64): i32 {
    const age = (now / TICK - <u64>(cookie >> 27)) & 31;
    if (age > 1 || age > now / TICK) return 0;
    const index = <i32>((cookie >> 24) & 7);
    const hash = this.cookieHash(ends, localPort, remotePort, irs, now / TICK - age, index);
    return hash == (cookie & 0xffffff) ? SIZES[index] : 0;
  }

  /** The clock of timestamps: milliseconds (RFC 7323, section 5.4 allows 1 ms to 1 s). */
  timestamp(offset: u32, now: u64): u32 {
    return <u32>(now / MILLISECOND) + offset;
  }

  private cookieHash(
    ends: Ends,
    localPort: u16,
    remotePort: u16,
    irs: u32,
    tick: u64,
    index: i32,
  ): u32 {
    const inner = this.of(ends, localPort, remotePort, 3);
    return <u32>this.hash.of(inner ^ irs, (tick << 3) | <u64>index) & 0xffffff;
  }

  private of(ends: Ends, localPort: u16, remotePort: u16, purpose: u64): u64 {
    // The purpose keeps these hashes apart from each other and from the random numbers of `Host`.
    return this.hash.of(
      this.addresses(ends),
      (purpose << 56) | ((<u64>1) << 48) | ((<u64>localPort) << 16) | remotePort,
    );
  }
  /** A word that stands for both addresses. */
  private addresses(ends: Ends): u64 {
    if (!ends.six) return ((<u64>ends.local4) << 32) | ends.remote4;
    const local = this.hash.of(ends.localHigh, ends.localLow);
    return this.hash.of(local ^ ends.remoteHigh, ends.remoteLow);
  }
}
