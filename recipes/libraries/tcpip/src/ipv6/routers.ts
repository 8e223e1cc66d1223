// @seldom
/** The routers of the link and what is reached without them (RFC 4861, sections 5.1 and 6.3). */
import { Host } from "../host";
import { Neighbour } from "../ip/neighbours";
import { NEVER } from "../time";
import { samePrefix } from "../wire/ipv6";

const ROUTER_LIMIT = 4;
const PREFIX_LIMIT = 8;

class Router {
  constructor(
    readonly high: u64,
    readonly low: u64,
    public expires: u64,
  ) {}
}

class Prefix {
  constructor(
    readonly high: u64,
    readonly low: u64,
    readonly length: i32,
    public expires: u64,
  ) {}
}

export class Routers {
  private readonly routers: Router[] = [];
  private readonly prefixes: Prefix[] = [];
  /** The one that is taken while it answers. */
  private chosen: i32 = 0;

  constructor(private readonly host: Host) {}

  /** Whether there is any. */
  get any(): bool {
    return this.routers.length > 0;
  }

  /** A router may be used until `expires`; a time that has come takes it out. */
  set(high: u64, low: u64, expires: u64): void {
    const now = this.host.now;
    for (let i = 0; i < this.routers.length; i++) {
      const router = this.routers[i];
      if (router.low != low || router.high != high) continue;
      router.expires = expires;
      if (expires <= now) this.routers.splice(i, 1);
      return;
    }
    // Further ones are not needed, and may be a flood.
    if (expires > now && this.routers.length < ROUTER_LIMIT) {
      this.routers.push(new Router(high, low, expires));
    }
  }

  /** Addresses of a prefix are on the link until `expires`; a time that has come takes it out (section 6.3.4). */
  setPrefix(high: u64, low: u64, length: i32, expires: u64): void {
    for (let i = 0; i < this.prefixes.length; i++) {
      const prefix = this.prefixes[i];
      if (prefix.length != length || !samePrefix(prefix.high, prefix.low, high, low, length)) {
        continue;
      }
      prefix.expires = expires;
      if (expires <= this.host.now) this.prefixes.splice(i, 1);
      return;
    }
    if (expires > this.host.now && this.prefixes.length < PREFIX_LIMIT) {
      this.prefixes.push(new Prefix(high, low, length, expires));
    }
  }

  /** Whether an address is reached without a router (section 5.2). */
  onLink(high: u64, low: u64): bool {
    for (let i = 0; i < this.prefixes.length; i++) {
      const prefix = this.prefixes[i];
      if (samePrefix(prefix.high, prefix.low, high, low, prefix.length)) return true;
    }
    return false;
  }

  /** The next hop to what is not on the link; null when there is none. */
  next(): Neighbour | null {
    if (this.routers.length == 0) return null;
    const router = this.routers[this.chosen % this.routers.length];
    return this.host.ipv6.neighbours.at(router.high, router.low);
  }

  /** A neighbour does not answer: section 6.3.6, another one is taken in turn. */
  onLost(neighbour: Neighbour): void {
    if (this.routers.length == 0) return;
    const router = this.routers[this.chosen % this.routers.length];
    if (router.low == neighbour.low && router.high == neighbour.high) this.chosen++;
  }

  pollAt(): u64 {
    let at = NEVER;
    for (let i = 0; i < this.routers.length; i++) at = min<u64>(at, this.routers[i].expires);
    for (let i = 0; i < this.prefixes.length; i++) at = min<u64>(at, this.prefixes[i].expires);
    return at;
  }

  poll(): void {
    const now = this.host.now;
    for (let i = this.routers.length - 1; i >= 0; i--) {
      if (this.routers[i].expires <= now) this.routers.splice(i, 1);
    }
    for (let i = this.prefixes.length - 1; i >= 0; i--) {
      if (this.prefixes[i].expires <= now) this.prefixes.splice(i, 1);
    }
  }
}
