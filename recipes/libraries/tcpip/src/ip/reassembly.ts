/** Reassembly of IPv4 packets from fragments (RFC 791, section 3.2; RFC 1122, section 3.3.2), within limits. */
import { Host } from "../host";
import { Ranges } from "../ranges";
import { NEVER } from "../time";
import { HEADER as ICMP_HEADER, REASSEMBLY, TIME_EXCEEDED } from "../wire/icmpv4";
import { HEADER, Ipv4View, putIpv4 } from "../wire/ipv4";
import { copy } from "../wire/octets";
import { startOf } from "../wire/window";

/** Fragments of one packet that leave gaps at most. */
const GAP_LIMIT = 64;
const LONGEST = 65535;

class Partial {
  /** A header without options, then the data. */
  buffer: ArrayBuffer = new ArrayBuffer(HEADER + 2048);
  readonly received: Ranges = new Ranges(GAP_LIMIT);
  /** Length of the data, -1 until the last fragment came. */
  length: i32 = -1;

  constructor(
    readonly source: u32,
    readonly destination: u32,
    readonly protocol: u32,
    readonly identification: u32,
    readonly expires: u64,
  ) {}
}

export class Reassembly {
  /** In the order of their beginning, which is that of their end too. */
  private readonly partials: Partial[] = [];
  private memory: i32 = 0;
  /** The packet that `add` completed, a header without options in front. */
  whole: ArrayBuffer = new ArrayBuffer(0);

  constructor(private readonly host: Host) {}

  /** Takes a fragment. Length of the packet if it is whole now, in `whole` until the next call; else 0. */
  add(packet: Ipv4View): i32 {
    const offset = packet.fragmentOffset;
    const length = packet.payloadLength;
    // Only the last fragment may have a length that is no multiple of 8.
    if (length == 0 || (packet.moreFragments && length % 8 != 0)) return 0;
    if (offset + length > LONGEST - HEADER) return 0;
    const partial = this.find(packet);
    if (partial.received.overlaps(<u32>offset, <u32>(offset + length))) {
      // An exact repetition is harmless; all else is an attack or an error, and the packet is given up
      // (RFC 5722 for IPv6, and what hosts do for IPv4).
      if (partial.received.missing(<u32>offset, <u32>(offset + length)) != 0) this.drop(partial);
      return 0;
    }
    if (!packet.moreFragments) {
      if (partial.length >= 0) return this.drop(partial);
      partial.length = offset + length;
    }
    const end =
      partial.received.count == 0 ? 0 : partial.received.upper(partial.received.count - 1);
    if (partial.length >= 0 && (offset + length > partial.length || <i32>end > partial.length)) {
      return this.drop(partial);
    }
    if (!this.reserve(partial, HEADER + offset + length)) return this.drop(partial);
    if (!partial.received.add(<u32>offset, <u32>(offset + length))) return this.drop(partial);
    copy(startOf(partial.buffer) + <usize>(HEADER + offset), packet.payload, length);
    if (<i32>partial.received.total != partial.length) return 0;
    this.whole = partial.buffer;
    const total = HEADER + partial.length;
    putIpv4(
      startOf(this.whole),
      total,
      partial.identification,
      0,
      64,
      partial.protocol,
      partial.source,
      partial.destination,
    );
    this.drop(partial);
    return total;
  }

  pollAt(): u64 {
    return this.partials.length == 0 ? NEVER : this.partials[0].expires;
  }

  poll(): void {
    while (this.partials.length > 0 && this.partials[0].expires <= this.host.now) {
      const partial = this.partials[0];
      // RFC 792: without the first fragment no time exceeded is sent.
      const first = partial.received.count > 0 && partial.received.lower(0) == 0;
      const length = <i32>partial.received.total;
      this.drop(partial);
      if (!first || length < ICMP_HEADER) continue;
      const at = startOf(partial.buffer);
      putIpv4(
        at,
        HEADER + length,
        partial.identification,
        0,
        64,
        partial.protocol,
        partial.source,
        partial.destination,
      );
      this.host.icmp.sendError(at, HEADER + length, TIME_EXCEEDED, REASSEMBLY);
    }
  }

  private find(packet: Ipv4View): Partial {
    for (let i = 0; i < this.partials.length; i++) {
      const partial = this.partials[i];
      if (
        partial.identification == packet.identification &&
        partial.source == packet.source &&
        partial.destination == packet.destination &&
        partial.protocol == packet.protocol
      ) {
        return partial;
      }
    }
    const partial = new Partial(
      packet.source,
      packet.destination,
      packet.protocol,
      packet.identification,
      this.host.now + this.host.options.reassemblyTimeout,
    );
    this.memory += partial.buffer.byteLength;
    this.partials.push(partial);
    this.makeRoom(partial);
    return partial;
  }

  /** Sees to it that a packet's buffer has `size` octets; false when the limit does not allow it. */
  private reserve(partial: Partial, size: i32): bool {
    const present = partial.buffer.byteLength;
    if (size <= present) return true;
    const wanted = max<i32>(size, min<i32>(2 * present, LONGEST));
    const larger = new ArrayBuffer(wanted);
    copy(startOf(larger), startOf(partial.buffer), present);
    partial.buffer = larger;
    this.memory += wanted - present;
    return this.makeRoom(partial);
  }

  /** Gives up the oldest packets but `kept` until the limit holds. */
  private makeRoom(kept: Partial): bool {
    while (this.memory > this.host.options.reassemblyMemory && this.partials[0] != kept) {
      this.drop(this.partials[0]);
    }
    return this.memory <= this.host.options.reassemblyMemory;
  }

  private drop(partial: Partial): i32 {
    this.partials.splice(this.partials.indexOf(partial), 1);
    this.memory -= partial.buffer.byteLength;
    return 0;
  }
}
