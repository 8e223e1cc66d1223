// @seldom
/** Reassembly of packets from fragments (RFC 791, section 3.2; RFC 1122, section 3.3.2; RFC 8200, section 4.5), within limits. */
import { Host } from "../host";
import { Ranges } from "../ranges";
import { NEVER } from "../time";
import { Ends } from "../wire/ends";
import { HEADER as IPV4_HEADER } from "../wire/ipv4";
import { copy } from "../wire/octets";
import { startOf } from "../wire/window";

/** Room for a header before the data of what was put together. */
export const HEADROOM: i32 = 40;

/** What `add` says of fragments that nobody may send. */
export const BAD_LENGTH: i32 = -1;
export const TOO_LONG: i32 = -2;

/** Fragments of one packet that leave gaps at most. */
const GAP_LIMIT = 64;
/** A packet's data at most: what the length field of its header can say. */
const LONGEST = 65535;

class Partial {
  /** Room for a header, then the data. */
  buffer: ArrayBuffer = new ArrayBuffer(HEADROOM + 2048);
  readonly ends: Ends = new Ends();
  readonly received: Ranges = new Ranges(GAP_LIMIT);
  /** Length of the data, -1 until the last fragment came. */
  length: i32 = -1;

  constructor(
    ends: Ends,
    /** That of the first fragment. */
    public protocol: u32,
    readonly identification: u32,
    readonly expires: u64,
  ) {
    this.ends.copy(ends);
  }
}

export class Reassembly {
  /** In the order of their beginning, which is that of their end too. */
  private readonly partials: Partial[] = [];
  private memory: i32 = 0;
  /** The packet that `add` completed: its data, after room for a header. */
  whole: ArrayBuffer = new ArrayBuffer(0);
  /** Its protocol. */
  protocol: u32 = 0;

  constructor(private readonly host: Host) {}

  /**
   * Takes the `length` octets of a fragment at `at`, which belong `offset` octets into the data of their packet. The length
   * of the data if it is whole now, in `whole` until the next call; 0 if it is not, or one of the faults above.
   */
  add(
    ends: Ends,
    protocol: u32,
    identification: u32,
    offset: i32,
    more: bool,
    at: usize,
    length: i32,
  ): i32 {
    if (length == 0) return 0;
    // Only the last fragment may have a length that is no multiple of 8.
    if (more && length % 8 != 0) return BAD_LENGTH;
    if (offset + length > (ends.six ? LONGEST : LONGEST - IPV4_HEADER)) return TOO_LONG;
    const partial = this.find(ends, protocol, identification);
    if (offset == 0) partial.protocol = protocol;
    if (partial.received.overlaps(<u32>offset, <u32>(offset + length))) {
      // An exact repetition is harmless; all else is an attack or an error, and the packet is given up
      // (RFC 5722 for IPv6, and what hosts do for IPv4).
      if (partial.received.missing(<u32>offset, <u32>(offset + length)) != 0) this.drop(partial);
      return 0;
    }
    if (!more) {
      if (partial.length >= 0) return this.drop(partial);
      partial.length = offset + length;
    }
    const end =
      partial.received.count == 0 ? 0 : partial.received.upper(partial.received.count - 1);
    if (partial.length >= 0 && (offset + length > partial.length || <i32>end > partial.length)) {
      return this.drop(partial);
    }
    if (!this.reserve(partial, HEADROOM + offset + length)) return this.drop(partial);
    if (!partial.received.add(<u32>offset, <u32>(offset + length))) return this.drop(partial);
    copy(startOf(partial.buffer) + <usize>(HEADROOM + offset), at, length);
    if (<i32>partial.received.total != partial.length) return 0;
    this.whole = partial.buffer;
    this.protocol = partial.protocol;
    this.drop(partial);
    return partial.length;
  }

  pollAt(): u64 {
    return this.partials.length == 0 ? NEVER : this.partials[0].expires;
  }

  /** Gives up what is too old. RFC 792, RFC 4443, section 3.3: without the first fragment nobody is told. */
  poll(): void {
    while (this.partials.length > 0 && this.partials[0].expires <= this.host.now) {
      const partial = this.partials[0];
      const first = partial.received.count > 0 && partial.received.lower(0) == 0;
      const length = first ? <i32>partial.received.upper(0) : 0;
      this.drop(partial);
      if (!first || length < 8) continue;
      const at = startOf(partial.buffer) + <usize>HEADROOM;
      this.host.reassemblyFailed(
        partial.ends,
        partial.protocol,
        partial.identification,
        at,
        length,
      );
    }
  }

  private find(ends: Ends, protocol: u32, identification: u32): Partial {
    for (let i = 0; i < this.partials.length; i++) {
      const partial = this.partials[i];
      // RFC 8200, section 4.5: only the first fragment's protocol counts; RFC 791: it is part of the name.
      if (
        partial.identification == identification &&
        partial.ends.equals(ends) &&
        (ends.six || partial.protocol == protocol)
      ) {
        return partial;
      }
    }
    const partial = new Partial(
      ends,
      protocol,
      identification,
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
    const wanted = max<i32>(size, min<i32>(2 * present, HEADROOM + LONGEST));
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
