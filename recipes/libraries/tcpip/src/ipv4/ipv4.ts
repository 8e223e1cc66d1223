/** IPv4 as a host without forwarding has it (RFC 791; RFC 1122, section 3). */
import { Host, NO_ROUTE, SENT } from "../host";
import { Neighbour, Neighbours } from "../ip/neighbours";
import { HEADROOM } from "../ip/reassembly";
import { addressChanged } from "../tcp/reports";
import { REQUEST as ARP_REQUEST } from "../wire/arp";
import { Ends } from "../wire/ends";
import { BROADCAST, isGroup, TYPE_IPV4 } from "../wire/ethernet";
import { PORT_UNREACHABLE, PROTOCOL_UNREACHABLE, UNREACHABLE } from "../wire/icmpv4";
import {
  DONT_FRAGMENT,
  HEADER,
  ICMP,
  Ipv4View,
  MORE_FRAGMENTS,
  putIpv4,
  TCP,
  UDP,
} from "../wire/ipv4";
import { copy } from "../wire/octets";
import { startOf } from "../wire/window";
import { Arp } from "./arp";
import { Icmp } from "./icmp";

const TIME_TO_LIVE: u32 = 64;

export class Ipv4 {
  /** Our address; 0 while there is none. */
  address: u32 = 0;
  mask: u32 = 0;
  /** The router for all that is not on the link; 0 for none. */
  gateway: u32 = 0;
  readonly arp: Arp;
  readonly neighbours: Neighbours;
  readonly icmp: Icmp;
  private readonly packet: Ipv4View = new Ipv4View();
  /** Those of the packet that is dealt with. */
  private readonly ends: Ends = new Ends();
  private readonly broadcast: Neighbour;
  private identification: u32;

  constructor(
    private readonly host: Host,
    seed: u64,
  ) {
    const arp = new Arp(host);
    const broadcast = new Neighbour(0, 0xffffffff);
    broadcast.hardware = BROADCAST;
    broadcast.resolved = true;
    this.arp = arp;
    this.neighbours = new Neighbours(host, arp, 0);
    this.icmp = new Icmp(host);
    this.broadcast = broadcast;
    this.identification = <u32>seed;
  }

  /** Sets or changes our address; connections of another address end. 0 takes it away. */
  configure(address: u32, prefix: u8, gateway: u32): void {
    const mask = prefix == 0 ? 0 : 0xffffffff << (32 - <u32>prefix);
    if (address == this.address && mask == this.mask && gateway == this.gateway) return;
    const moved = address != this.address;
    this.address = address;
    this.mask = mask;
    this.gateway = gateway;
    this.neighbours.clear();
    if (moved) addressChanged(this.host.tcp);
    // RFC 5227, section 3: an announcement brings the neighbours up to date.
    if (address != 0) this.arp.send(ARP_REQUEST, BROADCAST, address, 0, address);
  }

  onLink(address: u32): bool {
    return this.mask != 0 && (address & this.mask) == (this.address & this.mask);
  }

  /** The neighbour at an address on the link; null when it is not known and not `wanted`. */
  neighbour(address: u32, wanted: bool): Neighbour | null {
    const low: u64 = 0x0000ffff_00000000 | <u64>address;
    return wanted ? this.neighbours.at(0, low) : this.neighbours.find(0, low);
  }

  /** The next hop to `destination` (RFC 1122, section 3.3.1.1), null when there is none. */
  route(destination: u32): Neighbour | null {
    if (this.toMany(destination)) return this.broadcast;
    if (this.address == 0 || destination == this.address || !isUnicast(destination)) return null;
    if (this.onLink(destination)) return this.neighbour(destination, true);
    return this.gateway == 0 ? null : this.neighbour(this.gateway, true);
  }

  receive(at: usize, length: i32, owner: ArrayBuffer, hardware: u64): void {
    const packet = this.packet;
    if (!packet.check(at, length) || packet.sourceRouted) return;
    const source = packet.source;
    const destination = packet.destination;
    // RFC 1122, 3.2.1.3: a source that is a group, or ours, is none.
    if (!isUnicast(source) || this.isBroadcast(source) || source == this.address) return;
    const group = this.toMany(destination);
    // Without an address all that the link gave to us is for us: DHCP answers (RFC 2131, section 4.1).
    if (!group && destination != this.address && this.address != 0) return;
    // RFC 1122, 3.3.6: a packet to one host comes in a frame to one host.
    if (!group && isGroup(hardware)) return;
    const ends = this.ends;
    ends.setLocal4(destination);
    ends.setRemote4(source);
    if (packet.moreFragments || packet.fragmentOffset != 0) {
      const whole = this.host.reassembly.add(
        ends,
        packet.protocol,
        packet.identification,
        packet.fragmentOffset,
        packet.moreFragments,
        packet.payload,
        packet.payloadLength,
      );
      if (whole <= 0) return;
      owner = this.host.reassembly.whole;
      at = startOf(owner) + <usize>(HEADROOM - HEADER);
      this.putReassembled(at, whole, packet.identification, packet.protocol, ends);
      packet.check(at, HEADER + whole);
    }
    this.deliver(packet, owner, group);
  }

  /** Tells the sender of a packet that is not whole that it is given up. Its data is at `at`, after room for a header. */
  reassemblyFailed(ends: Ends, protocol: u32, identification: u32, at: usize, length: i32): void {
    const header = at - <usize>HEADER;
    this.putReassembled(header, length, identification, protocol, ends);
    this.icmp.reassemblyFailed(header, HEADER + length);
  }

  /** Sends the `length` octets at the host's `payload` in one packet. */
  send(protocol: u32, ends: Ends, length: i32, fragment: u32, neighbour: Neighbour | null): i32 {
    const hop = neighbour == null || neighbour.gone ? this.route(ends.remote4) : neighbour;
    if (hop == null) return NO_ROUTE;
    // RFC 6864, section 4: an atomic packet's identification says nothing.
    const identification = fragment == DONT_FRAGMENT ? 0 : this.identification++ & 0xffff;
    return this.sendPacket(hop, protocol, ends, length, identification, fragment);
  }

  /** Sends the `length` octets at `from` in fragments (RFC 791, section 3.2); false when they were not taken. */
  sendFragments(protocol: u32, ends: Ends, from: usize, length: i32): bool {
    const hop = this.route(ends.remote4);
    if (hop == null) return false;
    const identification = this.identification++ & 0xffff;
    const piece = (this.host.mtu - HEADER) & ~7;
    for (let offset = 0; offset < length; offset += piece) {
      const part = min<i32>(piece, length - offset);
      const more = offset + part < length ? MORE_FRAGMENTS : 0;
      copy(this.host.payload, from + <usize>offset, part);
      const fragment = more | <u32>(offset >> 3);
      if (this.sendPacket(hop, protocol, ends, part, identification, fragment) != SENT)
        return false;
    }
    return true;
  }

  private sendPacket(
    hop: Neighbour,
    protocol: u32,
    ends: Ends,
    length: i32,
    identification: u32,
    fragment: u32,
  ): i32 {
    const at = this.host.payload - <usize>HEADER;
    const total = HEADER + length;
    putIpv4(at, total, identification, fragment, TIME_TO_LIVE, protocol, ends.local4, ends.remote4);
    if (hop != this.broadcast) this.neighbours.use(hop);
    return this.host.sendPacket(hop, TYPE_IPV4, at, total);
  }

  private deliver(packet: Ipv4View, owner: ArrayBuffer, group: bool): void {
    const host = this.host;
    const ends = this.ends;
    const at = packet.payload;
    const length = packet.payloadLength;
    const protocol = packet.protocol;
    if (protocol == TCP) {
      if (!group && this.address != 0) host.tcp.receive(ends, at, length, owner);
    } else if (protocol == UDP) {
      const taken = host.udp.receive(ends, at, length, owner);
      // RFC 1122, 4.1.3.1.
      if (!taken) this.sendError(packet, PORT_UNREACHABLE);
    } else if (protocol == ICMP) {
      if (this.address != 0) this.icmp.receive(ends, at, length, owner);
    } else {
      const receiver = host.protocols.at(protocol);
      if (receiver != null) receiver.onPacket(ends, owner, at, length);
      // RFC 1122, 3.2.2.1.
      else this.sendError(packet, PROTOCOL_UNREACHABLE);
    }
  }

  private sendError(packet: Ipv4View, code: u32): void {
    if (this.address != 0) this.icmp.sendError(packet.at, packet.totalLength, UNREACHABLE, code);
  }

  private putReassembled(
    at: usize,
    length: i32,
    identification: u32,
    protocol: u32,
    ends: Ends,
  ): void {
    const total = HEADER + length;
    putIpv4(at, total, identification, 0, TIME_TO_LIVE, protocol, ends.remote4, ends.local4);
  }

  /** Whether it is the address of all hosts of the link. */
  toMany(address: u32): bool {
    return address == 0xffffffff || this.isBroadcast(address);
  }

  /** Whether it is the broadcast address of our network. */
  private isBroadcast(address: u32): bool {
    return this.mask != 0 && this.mask < 0xfffffffe && address == (this.address | ~this.mask);
  }
}

/** Whether it can be one host's address: not of a group, not reserved, not of this host alone (RFC 1122, 3.2.1.3). */
export function isUnicast(address: u32): bool {
  const first = address >> 24;
  return first != 0 && first != 127 && first < 224;
}
