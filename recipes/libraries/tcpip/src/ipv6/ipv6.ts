/** IPv6 as a host without forwarding has it (RFC 8200; RFC 4861, section 5.2; RFC 8504). */
import { Host, NO_ROUTE, SENT } from "../host";
import { Neighbour, Neighbours } from "../ip/neighbours";
import { BAD_LENGTH, TOO_LONG } from "../ip/reassembly";
import { addressChanged } from "../tcp/reports";
import { SECOND } from "../time";
import { Ends } from "../wire/ends";
import { isGroup, TYPE_IPV6 } from "../wire/ethernet";
import {
  ERRONEOUS_FIELD,
  Extensions,
  FRAGMENT_HEADER,
  FRAGMENT_NEXT,
  FRAGMENTED,
  PAYLOAD,
  PROBLEM,
  putFragment,
  UNKNOWN_NEXT_HEADER,
} from "../wire/extension";
import { REASSEMBLY } from "../wire/icmpv6";
import { TCP, UDP } from "../wire/ipv4";
import {
  groupHardware,
  HEADER,
  ICMPV6,
  Ipv6View,
  isLinkLocal,
  isMulticast,
  MINIMUM_MTU,
  NO_NEXT_HEADER,
  putIpv6,
} from "../wire/ipv6";
import { copy } from "../wire/octets";
import { HEADER as TCP_HEADER } from "../wire/tcp";
import { startOf } from "../wire/window";
import { Addresses, Own } from "./addresses";
import { Configuration } from "./configuration";
import { Discovery } from "./discovery";
import { Groups } from "./groups";
import { Icmpv6 } from "./icmp";
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
  private readonly packet: Ipv6View = new Ipv6View();
  private readonly chain: Extensions = new Extensions();
  /** Of a first fragment. */
  private readonly rest: Extensions = new Extensions();
  /** Those of the packet that is dealt with. */
  private readonly ends: Ends = new Ends();
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

  receive(at: usize, length: i32, owner: ArrayBuffer, hardware: u64): void {
    const packet = this.packet;
    if (!packet.check(at, length)) return;
    const ends = this.ends;
    ends.setLocal(packet.destinationHigh, packet.destinationLow);
    ends.setRemote(packet.sourceHigh, packet.sourceLow);
    if (!this.isForUs(ends, isGroup(hardware))) return;
    const chain = this.chain;
    let kind = chain.read(at, packet.nextHeader, packet.payloadLength);
    if (kind == FRAGMENTED) {
      const whole = this.reassemble(ends, chain);
      if (whole == 0) return;
      owner = this.host.reassembly.whole;
      this.putReassembled(startOf(owner), whole, this.host.reassembly.protocol, ends);
      packet.check(startOf(owner), HEADER + whole);
      kind = chain.read(packet.at, packet.nextHeader, whole);
    }
    if (kind == PAYLOAD) this.deliver(chain, owner);
    else if (kind == PROBLEM) this.problem(chain.code, chain.pointer);
  }

  /** For `Reassembly`: the packet's first octets are at `at`, after room for a header. */
  reassemblyFailed(ends: Ends, protocol: u32, at: usize, length: i32): void {
    const header = at - <usize>HEADER;
    this.putReassembled(header, length, protocol, ends);
    this.packet.check(header, HEADER + length);
    if (this.chain.read(header, protocol, length) != PAYLOAD) return;
    this.icmp.reassemblyFailed(ends, this.packet, this.chain, REASSEMBLY);
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

  private isForUs(ends: Ends, toGroup: bool): bool {
    // A group sends nothing, and below ::/64 are no hosts of other machines, but who has no address yet.
    if (isMulticast(ends.remoteHigh) || (ends.remoteHigh == 0 && ends.remoteLow != 0)) return false;
    if (this.addresses.owns(ends.remoteHigh, ends.remoteLow)) return false;
    if (isMulticast(ends.localHigh)) return this.groups.has(ends.localHigh, ends.localLow);
    // RFC 4862, section 5.4: what is not ours yet takes nothing.
    return !toGroup && this.addresses.owns(ends.localHigh, ends.localLow);
  }

  /** Length of the packet's data if it is whole now, else 0. */
  private reassemble(ends: Ends, chain: Extensions): i32 {
    const at = chain.payload;
    const length = chain.payloadLength;
    // RFC 7112: all headers are in the first fragment, or nobody could tell what it is.
    if (chain.fragmentOffset == 0 && !this.reachesTransport(chain)) return 0;
    const whole = this.host.reassembly.add(
      ends,
      chain.protocol,
      chain.identification,
      chain.fragmentOffset,
      chain.moreFragments,
      at,
      length,
    );
    if (whole > 0) return whole;
    // Section 4.5: the payload length, or the fragment's offset, is pointed at.
    if (whole == BAD_LENGTH) this.problem(ERRONEOUS_FIELD, 4);
    else if (whole == TOO_LONG) {
      const offsetAt = <u32>(at - this.packet.at) - <u32>FRAGMENT_HEADER + 2;
      this.problem(ERRONEOUS_FIELD, offsetAt);
    }
    return 0;
  }

  private reachesTransport(chain: Extensions): bool {
    const rest = this.rest;
    const found = rest.read(chain.payload - <usize>HEADER, chain.protocol, chain.payloadLength);
    return found == PAYLOAD && rest.payloadLength >= (rest.protocol == TCP ? TCP_HEADER : 8);
  }

  private deliver(chain: Extensions, owner: ArrayBuffer): void {
    const host = this.host;
    const ends = this.ends;
    const at = chain.payload;
    const length = chain.payloadLength;
    const protocol = chain.protocol;
    // Who has no address speaks neighbour discovery only.
    if (ends.remoteHigh == 0 && protocol != ICMPV6) return;
    if (protocol == TCP) {
      if (!isMulticast(ends.localHigh)) host.tcp.receive(ends, at, length, owner);
    } else if (protocol == UDP) {
      const taken = host.udp.receive(ends, at, length, owner);
      if (!taken) this.icmp.portUnreachable(ends, this.packet, chain);
    } else if (protocol == ICMPV6) {
      this.icmp.receive(ends, at, length, owner, this.packet.hopLimit);
    } else if (protocol != NO_NEXT_HEADER) {
      const receiver = host.protocols.at(protocol);
      if (receiver != null) receiver.onPacket(ends, owner, at, length);
      else this.problem(UNKNOWN_NEXT_HEADER, chain.protocolAt);
    }
  }

  private problem(code: u32, pointer: u32): void {
    this.icmp.parameterProblem(this.ends, this.packet, this.chain, code, pointer);
  }

  /** Writes the header of a packet that came in fragments: the other end is its source. */
  private putReassembled(at: usize, length: i32, protocol: u32, ends: Ends): void {
    putIpv6(
      at,
      length,
      protocol,
      64,
      ends.remoteHigh,
      ends.remoteLow,
      ends.localHigh,
      ends.localLow,
    );
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
