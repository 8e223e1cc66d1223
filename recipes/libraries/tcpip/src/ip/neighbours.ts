/**
 * Neighbours on the link and their Ethernet addresses, found by ARP (RFC 826, with the timeouts, limits and queue of
 * RFC 1122, section 2.3.2).
 */
import { Host } from "../host";
import { neighbourFailed } from "../tcp/reports";
import { MILLISECOND, NEVER, SECOND } from "../time";
import { ArpView, REPLY, REQUEST } from "../wire/arp";
import { BROADCAST, isGroup } from "../wire/ethernet";

/** Frames that wait for an address, per neighbour; RFC 1122, section 2.3.2.2 asks for at least one. */
const QUEUE_LIMIT = 8;
const TRIES = 3;
/** How long a device that is full is left alone. */
const FULL_WAIT: u64 = 5 * MILLISECOND;

export class Neighbour {
  hardware: u64 = 0;
  /** Whether `hardware` is known. */
  resolved: bool = false;
  /** Taken out of the table: whoever holds it must ask for the route again. */
  gone: bool = false;
  /** When the address is to be confirmed. */
  expires: u64 = 0;
  /** When the next question is due, while one is under way. */
  askAt: u64 = NEVER;
  tries: i32 = 0;
  lastUsed: u64 = 0;
  /** Whole frames but for their destination address. */
  readonly queue: ArrayBuffer[] = [];

  constructor(readonly address: u32) {}
}

export class Neighbours {
  private readonly byAddress: Map<u32, Neighbour> = new Map<u32, Neighbour>();
  private readonly view: ArpView = new ArpView();
  private nextAt: u64 = NEVER;

  constructor(private readonly host: Host) {}

  /** The neighbour at `address`, asked for if it is not known. */
  at(address: u32): Neighbour {
    if (this.byAddress.has(address)) return this.byAddress.get(address);
    if (this.byAddress.size >= this.host.options.neighbourLimit) this.evict();
    const neighbour = new Neighbour(address);
    neighbour.lastUsed = this.host.now;
    this.byAddress.set(address, neighbour);
    return neighbour;
  }

  /** To be called when a frame is sent to `neighbour`: keeps its address fresh. */
  use(neighbour: Neighbour): void {
    const now = this.host.now;
    neighbour.lastUsed = now;
    if (neighbour.askAt == NEVER && (!neighbour.resolved || now >= neighbour.expires)) {
      neighbour.tries = 0;
      this.ask(neighbour);
    }
  }

  /** A transport protocol gets no answer by way of `neighbour`: its address is confirmed (RFC 1122, section 2.3.2.1, (3)). */
  doubt(neighbour: Neighbour): void {
    if (neighbour.expires != u64.MAX_VALUE) neighbour.expires = 0;
  }

  /** Keeps a frame until the address is known. The oldest one makes room (RFC 1122, section 2.3.2.2: the latest is kept). */
  enqueue(neighbour: Neighbour, frame: ArrayBuffer): void {
    if (neighbour.queue.length == QUEUE_LIMIT) neighbour.queue.shift();
    neighbour.queue.push(frame);
  }

  receive(at: usize, length: i32): void {
    const view = this.view;
    if (!view.check(at, length)) return;
    const sender = view.sender;
    const hardware = view.senderHardware;
    const host = this.host;
    if (isGroup(hardware) || hardware == 0) return;
    host.arpSeen(sender, hardware);
    if (host.address == 0 || sender == host.address) return;
    const forUs = view.target == host.address;
    // RFC 826, packet reception: a known pair is merged whatever the operation is…
    const known = this.byAddress.has(sender);
    if (known) {
      this.resolve(this.byAddress.get(sender), hardware);
    } else if (forUs && view.operation == REQUEST && host.onLink(sender)) {
      // … and a new one is only learned when we are the target.
      this.resolve(this.at(sender), hardware);
    }
    if (forUs && view.operation == REQUEST) {
      host.sendArp(REPLY, hardware, host.address, hardware, sender);
    }
  }

  pollAt(): u64 {
    return this.nextAt;
  }

  poll(): void {
    const now = this.host.now;
    if (now < this.nextAt) return;
    this.nextAt = NEVER;
    const all = this.byAddress.values();
    for (let i = 0; i < all.length; i++) {
      const neighbour = all[i];
      if (neighbour.askAt <= now) {
        if (neighbour.tries < TRIES) this.ask(neighbour);
        else this.remove(neighbour);
      }
      if (neighbour.askAt < this.nextAt) this.nextAt = neighbour.askAt;
    }
  }

  /** Forgets all, as when our own address changes. */
  clear(): void {
    const all = this.byAddress.values();
    for (let i = 0; i < all.length; i++) all[i].gone = true;
    this.byAddress.clear();
    this.nextAt = NEVER;
  }

  private resolve(neighbour: Neighbour, hardware: u64): void {
    neighbour.hardware = hardware;
    neighbour.resolved = true;
    neighbour.askAt = NEVER;
    neighbour.expires = this.host.now + this.host.options.neighbourLifetime;
    while (neighbour.queue.length > 0) this.host.sendQueued(neighbour.queue.shift(), hardware);
  }

  /** RFC 1122, section 2.3.2.1: no more than one question a second for one address. */
  private ask(neighbour: Neighbour): void {
    neighbour.tries++;
    // An address that is only to be confirmed is asked for at its owner, the last time at all.
    const unicast = neighbour.resolved && neighbour.tries < TRIES;
    const destination = unicast ? neighbour.hardware : BROADCAST;
    const sent = this.host.sendArp(REQUEST, destination, this.host.address, 0, neighbour.address);
    // A question that the device had no room for was none.
    if (!sent) neighbour.tries--;
    neighbour.askAt = this.host.now + (sent ? SECOND : FULL_WAIT);
    if (neighbour.askAt < this.nextAt) this.nextAt = neighbour.askAt;
  }

  private remove(neighbour: Neighbour): void {
    neighbour.gone = true;
    neighbour.askAt = NEVER;
    neighbour.queue.length = 0;
    this.byAddress.delete(neighbour.address);
    neighbourFailed(this.host.tcp, neighbour);
  }

  private evict(): void {
    const all = this.byAddress.values();
    let oldest = all[0];
    for (let i = 1; i < all.length; i++) {
      if (all[i].lastUsed < oldest.lastUsed) oldest = all[i];
    }
    oldest.gone = true;
    this.byAddress.delete(oldest.address);
  }
}
