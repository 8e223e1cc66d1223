/**
 * The stack as one value without device and clock: frames and the time go in, frames come out through `Link`.
 * RFC 1122's word for what it does is a host: it takes part in the Internet, and forwards nothing.
 */
import { Icmp } from "./ip/icmp";
import { Neighbour, Neighbours } from "./ip/neighbours";
import { Reassembly } from "./ip/reassembly";
import { Options } from "./options";
import { SipHash } from "./siphash";
import { addressChanged } from "./tcp/reports";
import { Tcp } from "./tcp/tcp";
import { UdpPorts } from "./udp/ports";
import { LENGTH as ARP_LENGTH, putArp } from "./wire/arp";
import {
  BROADCAST,
  HEADER as ETHERNET_HEADER,
  EthernetView,
  isGroup,
  putEthernet,
  TYPE_ARP,
  TYPE_IPV4,
} from "./wire/ethernet";
import { PROTOCOL_UNREACHABLE, UNREACHABLE } from "./wire/icmpv4";
import {
  DONT_FRAGMENT,
  ICMP,
  HEADER as IP_HEADER,
  Ipv4View,
  MORE_FRAGMENTS,
  putIpv4,
  TCP,
  UDP,
} from "./wire/ipv4";
import { addressOf, copy, put48 } from "./wire/octets";
import { startOf, Window } from "./wire/window";

/** Where frames go to. */
export interface Link {
  /** Takes a frame; false when there is no room now, then `Host#sendable` is called later. */
  transmit(frame: Uint8Array): bool;
}

/** Learns who uses an address on the link; what address conflict detection (RFC 5227) needs. */
export interface ArpListener {
  onArp(sender: u32, hardware: u64): void;
}

/** How a packet fared. */
export const SENT: i32 = 1;
/** The device has no room now. */
export const BLOCKED: i32 = 0;
/** There is no route. */
export const NO_ROUTE: i32 = -1;

const TIME_TO_LIVE: u32 = 64;

export class Host {
  /** The time of the present call. */
  now: u64 = 0;
  /** Our address; 0 while there is none. */
  address: u32 = 0;
  mask: u32 = 0;
  /** The router for all that is not on the link; 0 for none. */
  gateway: u32 = 0;
  /** Where the transport protocols write what `send` sends: behind the headers of the one frame that is reused. */
  readonly payload: usize;
  arpListener: ArpListener | null = null;

  readonly tcp!: Tcp;
  readonly udp!: UdpPorts;
  readonly icmp!: Icmp;
  readonly neighbours!: Neighbours;
  private readonly reassembly!: Reassembly;
  private readonly hash: SipHash;
  private readonly frame: ArrayBuffer;
  /** Its own, since an address may be asked for while a packet is in `frame`. */
  private readonly arpFrame: ArrayBuffer = new ArrayBuffer(ETHERNET_HEADER + ARP_LENGTH);
  /** For packets that do not fit into one frame; made when one is sent. */
  private large: ArrayBuffer | null = null;
  private readonly window: Window = new Window();
  private readonly ethernet: EthernetView = new EthernetView();
  private readonly packet: Ipv4View = new Ipv4View();
  private readonly broadcast: Neighbour;
  private identification: u32;
  private randomCounter: u64 = 0;

  /** @param key0, key1 unpredictable: all that must not be guessed is derived from them */
  constructor(
    readonly options: Options,
    readonly hardware: u64,
    readonly mtu: i32,
    private readonly link: Link,
    key0: u64,
    key1: u64,
  ) {
    const hash = new SipHash(key0, key1);
    const frame = new ArrayBuffer(ETHERNET_HEADER + mtu);
    const broadcast = new Neighbour(0xffffffff);
    broadcast.hardware = BROADCAST;
    broadcast.resolved = true;
    this.hash = hash;
    this.identification = <u32>hash.of(0, 1);
    this.frame = frame;
    this.payload = startOf(frame) + <usize>(ETHERNET_HEADER + IP_HEADER);
    this.broadcast = broadcast;
    this.neighbours = new Neighbours(this);
    this.reassembly = new Reassembly(this);
    this.icmp = new Icmp(this);
    this.udp = new UdpPorts(this);
    this.tcp = new Tcp(this, hash);
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
    if (moved) addressChanged(this.tcp);
    // RFC 5227, section 3: an announcement brings the neighbours up to date.
    if (address != 0) this.sendArp(1, BROADCAST, address, 0, address);
  }

  /** Takes a frame that came in. It may be reused after the call. */
  receive(frame: Uint8Array, now: u64): void {
    this.now = now;
    const ethernet = this.ethernet;
    if (!ethernet.check(addressOf(frame), frame.length)) return;
    const destination = ethernet.destination;
    if (destination != this.hardware && !isGroup(destination)) return;
    const type = ethernet.type;
    if (type == TYPE_IPV4) {
      this.receivePacket(ethernet.payload, ethernet.payloadLength, frame.buffer, destination);
    } else if (type == TYPE_ARP) {
      this.neighbours.receive(ethernet.payload, ethernet.payloadLength);
    }
  }

  /** When `poll` wants to be called, whatever else happens. */
  pollAt(): u64 {
    return min<u64>(
      this.tcp.pollAt(),
      min<u64>(this.neighbours.pollAt(), this.reassembly.pollAt()),
    );
  }

  /** Does what is due at `now`. */
  poll(now: u64): void {
    this.now = now;
    this.neighbours.poll();
    this.reassembly.poll();
    this.tcp.poll();
  }

  /** Sends what the calls before it brought about, all segments and acknowledgments of one event together. */
  flush(now: u64): void {
    this.now = now;
    this.tcp.flush();
  }

  /** Unpredictable. */
  random(): u64 {
    return this.hash.of(this.randomCounter++, 0x72616e646f6d);
  }

  onLink(address: u32): bool {
    return this.mask != 0 && (address & this.mask) == (this.address & this.mask);
  }

  /** The next hop to `destination` (RFC 1122, section 3.3.1.1), null when there is none. */
  route(destination: u32): Neighbour | null {
    if (destination == 0xffffffff || this.isBroadcast(destination)) return this.broadcast;
    if (this.address == 0 || destination == this.address || !isUnicast(destination)) return null;
    if (this.onLink(destination)) return this.neighbours.at(destination);
    return this.gateway == 0 ? null : this.neighbours.at(this.gateway);
  }

  /**
   * Sends the `length` octets at `payload` in one packet. `neighbour` is what `route` said, if it is at hand still.
   */
  send(
    protocol: u32,
    source: u32,
    destination: u32,
    length: i32,
    fragment: u32,
    neighbour: Neighbour | null,
  ): i32 {
    const hop = neighbour == null || neighbour.gone ? this.route(destination) : neighbour;
    if (hop == null) return NO_ROUTE;
    const total = IP_HEADER + length;
    const at = this.payload - <usize>IP_HEADER;
    // RFC 6864, section 4: an atomic packet's identification says nothing.
    const identification = fragment == DONT_FRAGMENT ? 0 : this.identification++ & 0xffff;
    putIpv4(at, total, identification, fragment, TIME_TO_LIVE, protocol, source, destination);
    return this.sendFrame(hop, ETHERNET_HEADER + total);
  }

  /** Where a payload of any length is written that `sendComposed` sends. */
  compose(length: i32): usize {
    if (length <= this.mtu - IP_HEADER) return this.payload;
    let large = this.large;
    if (large == null) {
      large = new ArrayBuffer(65536);
      this.large = large;
    }
    return startOf(large);
  }

  /** Sends what was written at `compose(length)`, in fragments if need be (RFC 791, section 3.2); false when it was not taken. */
  sendComposed(protocol: u32, source: u32, destination: u32, length: i32): bool {
    const most = this.mtu - IP_HEADER;
    if (length <= most) return this.send(protocol, source, destination, length, 0, null) == SENT;
    const hop = this.route(destination);
    if (hop == null) return false;
    const from = startOf(this.large!);
    const identification = this.identification++ & 0xffff;
    const piece = most & ~7;
    const at = this.payload - <usize>IP_HEADER;
    for (let offset = 0; offset < length; offset += piece) {
      const part = min<i32>(piece, length - offset);
      const more = offset + part < length ? MORE_FRAGMENTS : 0;
      copy(this.payload, from + <usize>offset, part);
      const fragment = more | <u32>(offset >> 3);
      putIpv4(
        at,
        IP_HEADER + part,
        identification,
        fragment,
        TIME_TO_LIVE,
        protocol,
        source,
        destination,
      );
      if (this.sendFrame(hop, ETHERNET_HEADER + IP_HEADER + part) != SENT) return false;
    }
    return true;
  }

  /** Sends an ARP packet; false when the device has no room. */
  sendArp(operation: u32, destination: u64, sender: u32, targetHardware: u64, target: u32): bool {
    const at = startOf(this.arpFrame);
    putEthernet(at, destination, this.hardware, TYPE_ARP);
    putArp(at + <usize>ETHERNET_HEADER, operation, this.hardware, sender, targetHardware, target);
    return this.transmit(this.arpFrame, ETHERNET_HEADER + ARP_LENGTH);
  }

  /** Sends a frame that waited for its destination's address. */
  sendQueued(frame: ArrayBuffer, hardware: u64): void {
    put48(startOf(frame), hardware);
    this.transmit(frame, frame.byteLength);
  }

  /** For `Neighbours`: someone spoke on the link. */
  arpSeen(sender: u32, hardware: u64): void {
    const listener = this.arpListener;
    if (listener != null && hardware != this.hardware) listener.onArp(sender, hardware);
  }

  private receivePacket(at: usize, length: i32, owner: ArrayBuffer, hardware: u64): void {
    const packet = this.packet;
    if (!packet.check(at, length) || packet.sourceRouted) return;
    const source = packet.source;
    const destination = packet.destination;
    // RFC 1122, 3.2.1.3: a source that is a group, or ours, is none.
    if (!isUnicast(source) || this.isBroadcast(source) || source == this.address) return;
    const group = destination == 0xffffffff || this.isBroadcast(destination);
    // Without an address all that the link gave to us is for us: DHCP answers (RFC 2131, section 4.1).
    if (!group && destination != this.address && this.address != 0) return;
    // RFC 1122, 3.3.6: a packet to one host comes in a frame to one host.
    if (!group && isGroup(hardware)) return;
    if (packet.moreFragments || packet.fragmentOffset != 0) {
      const whole = this.reassembly.add(packet);
      if (whole == 0) return;
      owner = this.reassembly.whole;
      if (!packet.check(startOf(owner), whole)) return;
    }
    const protocol = packet.protocol;
    if (protocol == TCP) {
      if (!group && this.address != 0) this.tcp.receive(packet, owner);
    } else if (protocol == UDP) {
      this.udp.receive(packet, owner);
    } else if (this.address == 0) {
      return;
    } else if (protocol == ICMP) {
      this.icmp.receive(packet);
    } else {
      // RFC 1122, 3.2.2.1.
      this.icmp.sendError(packet.at, packet.totalLength, UNREACHABLE, PROTOCOL_UNREACHABLE);
    }
  }

  private sendFrame(hop: Neighbour, length: i32): i32 {
    const at = startOf(this.frame);
    if (hop != this.broadcast) this.neighbours.use(hop);
    putEthernet(at, hop.hardware, this.hardware, TYPE_IPV4);
    if (hop.resolved) return this.transmit(this.frame, length) ? SENT : BLOCKED;
    this.neighbours.enqueue(hop, this.frame.slice(0, length));
    return SENT;
  }

  private transmit(frame: ArrayBuffer, length: i32): bool {
    return this.link.transmit(this.window.aim(frame, startOf(frame), length));
  }

  /** Whether it is the broadcast address of our link. */
  private isBroadcast(address: u32): bool {
    return this.mask != 0 && this.mask < 0xfffffffe && address == (this.address | ~this.mask);
  }
}

/** Whether it can be one host's address: not of a group, not reserved, not of this host alone (RFC 1122, 3.2.1.3). */
export function isUnicast(address: u32): bool {
  const first = address >> 24;
  return first != 0 && first != 127 && first < 224;
}
