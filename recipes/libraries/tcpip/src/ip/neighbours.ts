/**
 * Neighbours on the link and their Ethernet addresses, of both families: RFC 4861, section 7.3, and for IPv4 the timeouts,
 * limits and queue of RFC 1122, section 2.3.2. How an address is asked for is up to ARP and neighbour discovery.
 */

import { Host } from "../host";
import { neighbourFailed } from "../tcp/reports";
import { MILLISECOND, NEVER, SECOND } from "../time";
import { BROADCAST } from "../wire/ethernet";

/** Frames that wait for an address, per neighbour; RFC 1122, section 2.3.2.2 asks for at least one. */
const QUEUE_LIMIT = 8;
/** MAX_UNICAST_SOLICIT, MAX_MULTICAST_SOLICIT */
const TRIES = 3;
/** How long a device that is full is left alone. */
const FULL_WAIT: u64 = 5 * MILLISECOND;

/** One neighbour. An IPv4 address is held as in `Ends`. */
export class Neighbour {
  hardware: u64 = 0;
  /** Whether `hardware` is known. */
  resolved: bool = false;
  /** Taken out of the table: whoever holds it must ask for the route again. */
  gone: bool = false;
  /** It is known to be reachable until then; what is older is confirmed when it is used. */
  expires: u64 = 0;
  /** When the next question is due: while its address is asked for or confirmed, or while that is put off. */
  askAt: u64 = NEVER;
  /** Questions that were not answered. */
  tries: i32 = 0;
  lastUsed: u64 = 0;
  /** Whether it says that it is a router (RFC 4861, section 5.1: IsRouter). */
  router: bool = false;
  /** Whole frames but for their destination address. */
  readonly queue: ArrayBuffer[] = [];
  /** The next one whose address has the same low half. */
  next: Neighbour | null = null;

  constructor(
    readonly high: u64,
    readonly low: u64,
  ) {}

  /** Keeps a frame until the address is known. The oldest one makes room (RFC 1122, section 2.3.2.2: the latest is kept). */
  enqueue(frame: ArrayBuffer): void {
    if (this.queue.length == QUEUE_LIMIT) this.queue.shift();
    this.queue.push(frame);
  }
}

/** Asks for addresses. */
export interface Solicitor {
  /** Asks `hardware`, or all for `BROADCAST`; false when the device has no room. */
  solicit(neighbour: Neighbour, hardware: u64): bool;

  /** Nobody answered: the neighbour is out of the table. */
  onLost(neighbour: Neighbour): void;
}

export class Neighbours {
  /** How long an address is believed in. */
  reachableTime: u64;
  /** Between two questions: RFC 1122, section 2.3.2.1 allows one a second; RFC 4861, section 10: RETRANS_TIMER. */
  retransmissionTime: u64 = SECOND;
  private readonly byLow: Map<u64, Neighbour> = new Map<u64, Neighbour>();
  private count: i32 = 0;
  private nextAt: u64 = NEVER;

  /**
   * @param probeDelay how long the confirmation of an address that is used waits for one of a higher layer
   */
  constructor(
    private readonly host: Host,
    private readonly solicitor: Solicitor,
    private readonly probeDelay: u64,
  ) {
    this.reachableTime = host.options.neighbourLifetime;
  }

  /** The neighbour at an address, if there is one. */
  find(high: u64, low: u64): Neighbour | null {
    let neighbour: Neighbour | null = this.byLow.has(low) ? this.byLow.get(low) : null;
    while (neighbour != null && neighbour.high != high) neighbour = neighbour.next;
    return neighbour;
  }

  /** The neighbour at an address, new if it is not known. */
  at(high: u64, low: u64): Neighbour {
    const known = this.find(high, low);
    if (known != null) return known;
    if (this.count >= this.host.options.neighbourLimit) this.evict();
    const neighbour = new Neighbour(high, low);
    neighbour.lastUsed = this.host.now;
    if (this.byLow.has(low)) neighbour.next = this.byLow.get(low);
    this.byLow.set(low, neighbour);
    this.count++;
    return neighbour;
  }

  /** To be called when a frame is sent to `neighbour`: finds out its address, or keeps it fresh. */
  use(neighbour: Neighbour): void {
    const now = this.host.now;
    neighbour.lastUsed = now;
    if (neighbour.askAt != NEVER || (neighbour.resolved && now < neighbour.expires)) return;
    neighbour.tries = 0;
    if (neighbour.resolved && this.probeDelay != 0) this.askLater(neighbour, this.probeDelay);
    else this.ask(neighbour);
  }

  /** A transport protocol gets no answer by way of `neighbour`: its address is confirmed (RFC 1122, section 2.3.2.1, (3)). */
  doubt(neighbour: Neighbour): void {
    neighbour.expires = 0;
  }

  /** It answers: a transport protocol got forward by way of it, or it was asked (RFC 4861, section 7.3.1). */
  confirm(neighbour: Neighbour): void {
    if (neighbour.gone || !neighbour.resolved) return;
    neighbour.expires = this.host.now + this.reachableTime;
    neighbour.askAt = NEVER;
  }

  /** Its address was learned without having been asked for: it is used, and then confirmed. */
  learn(neighbour: Neighbour, hardware: u64): void {
    if (neighbour.resolved && neighbour.hardware == hardware) return;
    neighbour.expires = 0;
    neighbour.askAt = NEVER;
    this.settle(neighbour, hardware);
  }

  /** Its address was asked for, and this is the answer. */
  resolve(neighbour: Neighbour, hardware: u64): void {
    neighbour.resolved = true;
    this.confirm(neighbour);
    this.settle(neighbour, hardware);
  }

  pollAt(): u64 {
    return this.nextAt;
  }

  poll(): void {
    const now = this.host.now;
    if (now < this.nextAt) return;
    this.nextAt = NEVER;
    const all = this.all();
    for (let i = 0; i < all.length; i++) {
      const neighbour = all[i];
      if (neighbour.askAt <= now && !neighbour.gone) {
        if (neighbour.tries < TRIES) this.ask(neighbour);
        else this.lose(neighbour);
      }
      if (neighbour.askAt < this.nextAt) this.nextAt = neighbour.askAt;
    }
  }

  /** Forgets all, as when our own address changes. */
  clear(): void {
    const all = this.all();
    for (let i = 0; i < all.length; i++) all[i].gone = true;
    this.byLow.clear();
    this.count = 0;
    this.nextAt = NEVER;
  }

  private settle(neighbour: Neighbour, hardware: u64): void {
    neighbour.hardware = hardware;
    neighbour.resolved = true;
    const queue = neighbour.queue;
    if (queue.length > 0) this.use(neighbour);
    while (queue.length > 0) this.host.sendQueued(queue.shift(), hardware);
  }

  private ask(neighbour: Neighbour): void {
    neighbour.tries++;
    // An address that is only to be confirmed is asked for at its owner, the last time at all.
    const unicast = neighbour.resolved && neighbour.tries < TRIES;
    const sent = this.solicitor.solicit(neighbour, unicast ? neighbour.hardware : BROADCAST);
    // A question that the device had no room for was none.
    if (!sent) neighbour.tries--;
    this.askLater(neighbour, sent ? this.retransmissionTime : FULL_WAIT);
  }

  private askLater(neighbour: Neighbour, wait: u64): void {
    neighbour.askAt = this.host.now + wait;
    if (neighbour.askAt < this.nextAt) this.nextAt = neighbour.askAt;
  }

  private lose(neighbour: Neighbour): void {
    this.remove(neighbour);
    neighbour.queue.length = 0;
    this.solicitor.onLost(neighbour);
    neighbourFailed(this.host.tcp, neighbour);
  }

  private evict(): void {
    const all = this.all();
    let oldest = all[0];
    for (let i = 1; i < all.length; i++) {
      if (all[i].lastUsed < oldest.lastUsed) oldest = all[i];
    }
    this.remove(oldest);
  }

  private remove(neighbour: Neighbour): void {
    neighbour.gone = true;
    neighbour.askAt = NEVER;
    this.count--;
    const first = this.byLow.get(neighbour.low);
    const next = neighbour.next;
    if (first != neighbour) {
      let before = first;
      while (before.next != neighbour) before = before.next!;
      before.next = next;
    } else if (next == null) {
      this.byLow.delete(neighbour.low);
    } else {
      this.byLow.set(neighbour.low, next);
    }
    neighbour.next = null;
  }

  private all(): Neighbour[] {
    const all: Neighbour[] = [];
    const firsts = this.byLow.values();
    for (let i = 0; i < firsts.length; i++) {
      let neighbour: Neighbour | null = firsts[i];
      while (neighbour != null) {
        all.push(neighbour);
        neighbour = neighbour.next;
      }
    }
    return all;
  }
}
