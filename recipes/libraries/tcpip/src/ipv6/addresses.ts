// @seldom
/**
 * Our addresses: how they begin, by duplicate address detection (RFC 4862, section 5.4), how they end, and which one is
 * taken for a packet (RFC 6724, section 5).
 */
import { Host } from "../host";
import { addressChanged } from "../tcp/reports";
import { NEVER } from "../time";
import { Ends } from "../wire/ends";
import { commonPrefix, isLinkLocal, isMulticast, solicitedNode } from "../wire/ipv6";

/** Addresses at most, that of the link included. */
const LIMIT = 8;

/** Who is told of addresses that others may use. */
export interface AddressListener {
  onAddress(high: u64, low: u64, prefix: i32): void;

  /** An address is not ours any more. */
  onAddressGone(): void;

  /** Another host has it: it is not ours. */
  onDuplicate(high: u64, low: u64): void;
}

export class Own {
  /** Not ours yet: whether another host has it is being found out. */
  tentative: bool = true;
  /** Questions of that kind that are still to be sent. */
  checks: i32 = 0;
  checkAt: u64 = NEVER;
  /** Beyond this it is not taken for what is new (section 5.5.4: deprecated). */
  preferredUntil: u64 = NEVER;
  validUntil: u64 = NEVER;
  /** How often it was made anew since another host had it (RFC 7217, section 5: DAD_Counter). */
  attempt: u32 = 0;

  constructor(
    readonly high: u64,
    readonly low: u64,
    /** Octets that it shares with all of its network; made from an advertised prefix if `automatic`. */
    readonly prefix: i32,
    readonly automatic: bool,
  ) {}
}

export class Addresses {
  listener: AddressListener | null = null;
  private readonly list: Own[] = [];

  constructor(private readonly host: Host) {}

  /** The address, if it is ours or may become so. */
  at(high: u64, low: u64): Own | null {
    for (let i = 0; i < this.list.length; i++) {
      const own = this.list[i];
      if (own.low == low && own.high == high) return own;
    }
    return null;
  }

  /** Whether it is ours. */
  owns(high: u64, low: u64): bool {
    const own = this.at(high, low);
    return own != null && !own.tentative;
  }

  /** The address that was made from a prefix of 64 bits. */
  automatic(high: u64): Own | null {
    for (let i = 0; i < this.list.length; i++) {
      if (this.list[i].automatic && this.list[i].high == high) return this.list[i];
    }
    return null;
  }

  /** Whether some address is being checked. */
  get checking(): bool {
    for (let i = 0; i < this.list.length; i++) {
      if (this.list[i].tentative) return true;
    }
    return false;
  }

  /** How many there are, tentative ones too. */
  get count(): i32 {
    return this.list.length;
  }

  /** Address `index` below `count`. */
  item(index: i32): Own {
    return this.list[index];
  }

  /** Begins to use an address; null when there are too many. */
  add(own: Own): Own | null {
    if (this.list.length == LIMIT) return null;
    const host = this.host;
    this.list.push(own);
    // Section 5.4.2: what is said of the address is heard from now on.
    host.ipv6.groups.join(solicitedNode(own.low));
    own.checks = host.options.duplicateChecks;
    own.checkAt = host.now;
    this.check(own);
    return own;
  }

  remove(own: Own): void {
    this.list.splice(this.list.indexOf(own), 1);
    this.host.ipv6.groups.leave(solicitedNode(own.low));
    addressChanged(this.host.tcp);
    const listener = this.listener;
    if (listener != null && !own.tentative) listener.onAddressGone();
  }

  /** Another host has a tentative address, or wants it too. */
  conflict(own: Own): void {
    this.remove(own);
    const listener = this.listener;
    if (listener != null) listener.onDuplicate(own.high, own.low);
    this.host.ipv6.configuration.onDuplicate(own);
  }

  /** Chooses our address for packets to the remote end; false when there is none. */
  bind(ends: Ends): bool {
    let best: Own | null = null;
    let bestScore = -1;
    for (let i = 0; i < this.list.length; i++) {
      const own = this.list[i];
      if (own.tentative) continue;
      const score = this.score(own, ends.remoteHigh, ends.remoteLow);
      if (score > bestScore) {
        best = own;
        bestScore = score;
      }
    }
    if (best == null) return false;
    ends.setLocal(best.high, best.low);
    return true;
  }

  /** … of those of the link; also for one that is good elsewhere only. */
  bindLinkLocal(ends: Ends): bool {
    for (let i = 0; i < this.list.length; i++) {
      const own = this.list[i];
      if (own.tentative || !isLinkLocal(own.high)) continue;
      ends.setLocal(own.high, own.low);
      return true;
    }
    return false;
  }

  pollAt(): u64 {
    let at = NEVER;
    for (let i = 0; i < this.list.length; i++) {
      at = min<u64>(at, min<u64>(this.list[i].checkAt, this.list[i].validUntil));
    }
    return at;
  }

  poll(): void {
    const now = this.host.now;
    for (let i = this.list.length - 1; i >= 0; i--) {
      const own = this.list[i];
      if (own.validUntil <= now) this.remove(own);
      else if (own.checkAt <= now) this.check(own);
    }
  }

  /** Asks for the address once more, or takes it if nobody has answered (section 5.4.5). */
  private check(own: Own): void {
    const host = this.host;
    if (own.checks > 0) {
      own.checks--;
      host.ipv6.discovery.askForDuplicates(own.high, own.low);
      own.checkAt = host.now + host.ipv6.neighbours.retransmissionTime;
      return;
    }
    own.tentative = false;
    own.checkAt = NEVER;
    host.ipv6.configuration.onAddress(own);
    addressChanged(host.tcp);
    const listener = this.listener;
    if (listener != null) listener.onAddress(own.high, own.low, own.prefix);
  }

  /** Rules 1, 2, 3 and 8 of RFC 6724, section 5, each worth more than all that follow. */
  private score(own: Own, high: u64, low: u64): i32 {
    const same = own.high == high && own.low == low ? 1024 : 0;
    const onLink = isLinkLocal(high) || (isMulticast(high) && ((high >> 48) & 15) == 2);
    const scope = isLinkLocal(own.high) == onLink ? 512 : 0;
    const preferred = own.preferredUntil > this.host.now ? 256 : 0;
    return same + scope + preferred + commonPrefix(own.high, own.low, high, low);
  }
}
