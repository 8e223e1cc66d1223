/** IPv6 as a host without forwarding has it (RFC 8200; RFC 4861, section 5.2; RFC 8504). */
import { Host, NO_ROUTE, SENT } from "../host";
import { Neighbour, Neighbours } from "../ip/neighbours";
import { addressChanged } from "../tcp/reports";
import { SECOND } from "../time";
import { Ends } from "../wire/ends";
import { TYPE_IPV6 } from "../wire/ethernet";
import { FRAGMENT_HEADER, FRAGMENT_NEXT, putFragment } from "../wire/extension";
import {
  groupHardware,
  HEADER,
  isLinkLocal,
  isMulticast,
  MINIMUM_MTU,
  putIpv6,
} from "../wire/ipv6";
import { copy } from "../wire/octets";
import { Addresses, Own } from "./addresses";
import { Configuration } from "./configuration";
import { Discovery } from "./discovery";
import { Groups } from "./groups";
import { Icmpv6 } from "./icmp";
import { Incoming } from "./incoming";
import { Messenger } from "./messenger";
import { Routers } from "./routers";

/** RFC 4861, section 10: DELAY_FIRST_PROBE_TIME, REACHABLE_TIME. */
const PROBE_DELAY: u64 = 5 * SECOND;
const REACHABLE_TIME: u64 = 30 * SECOND;

export class Ipv6 {
  /** The most that the link takes, as routers say or as it is. */
  mtu: i32;
  hopLimit: u32 = 64;
  /** Whether it is in use. */
  started: bool = false;
  readonly addresses: Addresses;
  readonly routers: Routers;
  readonly neighbours: Neighbours;
  readonly groups: Groups;
  readonly discovery: Discovery;
  readonly configuration: Configuration;
  readonly icmp: Icmpv6;
  readonly incoming: Incoming;
  /** The next hop to a group. */
  private readonly group: Neighbour = new Neighbour(0, 0);

  constructor(private readonly host: Host) {
    const messenger = new Messenger(host);
    const discovery = new Discovery(host, messenger);
    const neighbours = new Neighbours(host, discovery, PROBE_DELAY);
    neighbours.reachableTime = REACHABLE_TIME;
    this.mtu = host.mtu;
    this.addresses = new Addresses(host);
    this.routers = new Routers(host);
    this.groups = new Groups(host, messenger);
    this.discovery = discovery;
    this.configuration = new Configuration(host, messenger);
    this.neighbours = neighbours;
    this.icmp = new Icmpv6(host);
    this.incoming = new Incoming(host);
    this.group.resolved = true;
  }

  /**
   * Begins with the address of the link, and asks routers for more if `automatic`. Does nothing on a link that IPv6 cannot
   * be used on (RFC 8200, section 5).
   */
  start(automatic: bool): void {
    if (this.started || this.host.mtu < MINIMUM_MTU) return;
    this.started = true;
    this.configuration.start(automatic);
  }

  /** Uses an address that a person chose, its network without a router, and all else by `gateway` if there is one. */
  configure(high: u64, low: u64, prefix: i32, gatewayHigh: u64, gatewayLow: u64): void {
    if (!this.started) return;
    this.routers.setPrefix(high, low, prefix, u64.MAX_VALUE);
    if (gatewayHigh != 0) this.routers.set(gatewayHigh, gatewayLow, u64.MAX_VALUE);
    this.addresses.add(new Own(high, low, prefix, false));
  }

  /** The link came back. */
  restart(): void {
    if (this.started) this.configuration.restart();
  }

  /** Whether there may be more addresses or routers soon. */
  get settling(): bool {
    // The link may be down, and come up.
    if (!this.started) return this.host.mtu >= MINIMUM_MTU;
    return this.addresses.checking || this.configuration.soliciting;
  }

  /** There will be no more of them for now: who waits is told. */
  settled(): void {
    addressChanged(this.host.tcp);
  }

  /** Chooses our address for packets to the remote end; false when there is none yet. */
  bind(ends: Ends): bool {
    if (!this.addresses.bind(ends)) return false;
    // What is beyond the link is worth waiting for an address that is good there.
    const near = isLinkLocal(ends.remoteHigh) || isMulticast(ends.remoteHigh);
    if (near || !isLinkLocal(ends.localHigh) || !this.settling) return true;
    ends.setLocal(0, 0);
    return false;
  }

  /** The next hop to the remote end (RFC 4861, section 5.2), null when there is none. */
  route(ends: Ends): Neighbour | null {
    const high = ends.remoteHigh;
    const low = ends.remoteLow;
    if (isMulticast(high)) {
      this.group.hardware = groupHardware(low);
      return this.group;
    }
    if (this.addresses.at(high, low) != null) return null;
    if (isLinkLocal(high) || this.routers.onLink(high, low)) return this.neighbours.at(high, low);
    return this.routers.next();
  }

  /** Sends the `length` octets at the host's `payload` in one packet. */
  send(protocol: u32, ends: Ends, length: i32, neighbour: Neighbour | null): i32 {
    const hop = neighbour == null || neighbour.gone ? this.route(ends) : neighbour;
    if (hop == null) return NO_ROUTE;
    const at = this.host.payload - <usize>HEADER;
    this.put(at, length, protocol, this.hopLimit, ends);
    if (hop != this.group) this.neighbours.use(hop);
    return this.host.sendPacket(hop, TYPE_IPV6, at, HEADER + length);
  }

  /** Sends the `length` octets at `from` in fragments (RFC 8200, section 4.5); false when they were not taken. */
  sendFragments(protocol: u32, ends: Ends, from: usize, length: i32): bool {
    const host = this.host;
    // RFC 7739: not to be guessed.
    const identification = <u32>host.random();
    const piece = (host.mostTo(ends) - FRAGMENT_HEADER) & ~7;
    for (let offset = 0; offset < length; offset += piece) {
      const part = min<i32>(piece, length - offset);
      putFragment(host.payload, protocol, offset, offset + part < length, identification);
      copy(host.payload + <usize>FRAGMENT_HEADER, from + <usize>offset, part);
      if (this.send(FRAGMENT_NEXT, ends, FRAGMENT_HEADER + part, null) != SENT) return false;
    }
    return true;
  }

  pollAt(): u64 {
    return min<u64>(
      min<u64>(this.neighbours.pollAt(), this.addresses.pollAt()),
      min<u64>(this.configuration.pollAt(), min<u64>(this.routers.pollAt(), this.groups.pollAt())),
    );
  }

  poll(): void {
    this.addresses.poll();
    this.configuration.poll();
    this.routers.poll();
    this.groups.poll();
    this.neighbours.poll();
  }

  private put(at: usize, length: i32, protocol: u32, hopLimit: u32, ends: Ends): void {
    putIpv6(
      at,
      length,
      protocol,
      hopLimit,
      ends.localHigh,
      ends.localLow,
      ends.remoteHigh,
      ends.remoteLow,
    );
  }
}
