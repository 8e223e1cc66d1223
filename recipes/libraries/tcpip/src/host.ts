/**
 * The stack as one value without device and clock: frames and the time go in, frames come out through `Link`.
 * RFC 1122's word for what it does is a host: it takes part in the Internet, and forwards nothing.
 */
import * as config from "config";
import { EchoListener } from "./ip/echoes";
import { Neighbour } from "./ip/neighbours";
import { PathMtu } from "./ip/path-mtu";
import { Protocols } from "./ip/protocols";
import { Reassembly } from "./ip/reassembly";
import { Ipv4 } from "./ipv4/ipv4";
import { Ipv6 } from "./ipv6/ipv6";
import { Options } from "./options";
import { SipHash } from "./siphash";
import { Tcp } from "./tcp/tcp";
import { UdpPorts } from "./udp/ports";
import { Ends } from "./wire/ends";
import {
  HEADER as ETHERNET_HEADER,
  EthernetView,
  isGroup,
  putEthernet,
  TYPE_ARP,
  TYPE_IPV4,
  TYPE_IPV6,
} from "./wire/ethernet";
import { HEADER as IPV4_HEADER } from "./wire/ipv4";
import { HEADER as IPV6_HEADER, isMulticast } from "./wire/ipv6";
import { addressOf, copy, put48 } from "./wire/octets";
import { startOf, Window } from "./wire/window";

/** Where frames go to. */
export interface Link {
  /** Takes a frame; false when there is no room now, then `Host#flush` is called later. */
  transmit(frame: Uint8Array): bool;
}

/** How a packet fared. */
export const SENT: i32 = 1;
/** The device has no room now. */
export const BLOCKED: i32 = 0;
/** There is no route. */
export const NO_ROUTE: i32 = -1;

export class Host {
  /** The time of the present call. */
  now: u64 = 0;
  /** Where the transport protocols write what `send` sends: behind the headers of the one frame that is reused. */
  readonly payload: usize;
  readonly hash: SipHash;
  readonly paths: PathMtu;
  readonly protocols: Protocols = new Protocols();
  /** Who sent echo requests; null when nobody does. */
  echoListener: EchoListener | null = null;
  readonly reassembly!: Reassembly;
  readonly ipv4!: Ipv4;
  /** Not there where the image has no IPv6. */
  readonly ipv6!: Ipv6;
  readonly udp!: UdpPorts;
  readonly tcp!: Tcp;
  private readonly frame: ArrayBuffer;
  /** For packets that do not fit into one frame; made when one is sent. */
  private large: ArrayBuffer | null = null;
  private readonly window: Window = new Window();
  private readonly ethernet: EthernetView = new EthernetView();
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
    // Room for the longest header before the payload.
    const headers = ETHERNET_HEADER + (config.ipv6 ? IPV6_HEADER : IPV4_HEADER);
    const frame = new ArrayBuffer(headers + mtu);
    this.hash = hash;
    this.paths = new PathMtu(hash);
    this.frame = frame;
    this.payload = startOf(frame) + <usize>headers;
    this.reassembly = new Reassembly(this);
    this.ipv4 = new Ipv4(this, hash.of(0, 1));
    if (config.ipv6) this.ipv6 = new Ipv6(this);
    this.udp = new UdpPorts(this);
    this.tcp = new Tcp(this, hash);
  }

  /** Takes a frame that came in. It may be reused after the call. */
  receive(frame: Uint8Array, now: u64): void {
    this.now = now;
    const ethernet = this.ethernet;
    if (!ethernet.check(addressOf(frame), frame.length)) return;
    const destination = ethernet.destination;
    if (destination != this.hardware && !isGroup(destination)) return;
    const type = ethernet.type;
    const at = ethernet.payload;
    const length = ethernet.payloadLength;
    if (type == TYPE_IPV4) {
      this.ipv4.receive(at, length, frame.buffer, destination);
    } else if (type == TYPE_ARP) {
      this.ipv4.arp.receive(at, length);
    } else if (config.ipv6 && type == TYPE_IPV6) {
      // What a link gives back of ours is not another's.
      if (ethernet.source != this.hardware)
        this.ipv6.incoming.receive(at, length, frame.buffer, destination);
    }
  }

  /** When `poll` wants to be called, whatever else happens. */
  pollAt(): u64 {
    let at = min<u64>(
      this.tcp.pollAt(),
      min<u64>(this.ipv4.neighbours.pollAt(), this.reassembly.pollAt()),
    );
    const listener = this.echoListener;
    if (listener != null) at = min<u64>(at, listener.pollAt());
    return config.ipv6 ? min<u64>(at, this.ipv6.pollAt()) : at;
  }

  /** Does what is due at `now`. */
  poll(now: u64): void {
    this.now = now;
    this.ipv4.neighbours.poll();
    if (config.ipv6) this.ipv6.poll();
    this.reassembly.poll();
    const listener = this.echoListener;
    if (listener != null) listener.poll();
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

  /** Chooses our address for packets to the remote end; false when there is none yet. */
  bind(ends: Ends): bool {
    if (ends.six) return this.ipv6.bind(ends);
    if (this.ipv4.address == 0) return false;
    ends.setLocal4(this.ipv4.address);
    return true;
  }

  /** Whether `ends` has an address of ours. */
  owns(ends: Ends): bool {
    return ends.six
      ? this.ipv6.addresses.owns(ends.localHigh, ends.localLow)
      : ends.local4 == this.ipv4.address;
  }

  /** Whether an address that would do may be there soon. */
  settling(ends: Ends): bool {
    return ends.six ? this.ipv6.settling : this.ipv4.address == 0;
  }

  /** Whether the remote end is a group, or all hosts of the link. */
  toMany(ends: Ends): bool {
    return ends.six ? isMulticast(ends.remoteHigh) : this.ipv4.toMany(ends.remote4);
  }

  /** The next hop to the remote end, null when there is none. */
  route(ends: Ends): Neighbour | null {
    return ends.six ? this.ipv6.route(ends) : this.ipv4.route(ends.remote4);
  }

  /** A transport protocol gets no answer by way of `neighbour`. */
  doubt(ends: Ends, neighbour: Neighbour): void {
    if (ends.six) this.ipv6.neighbours.doubt(neighbour);
    else this.ipv4.neighbours.doubt(neighbour);
  }

  /** A transport protocol gets forward by way of `neighbour` (RFC 4861, section 7.3.1). */
  confirm(ends: Ends, neighbour: Neighbour): void {
    if (ends.six) this.ipv6.neighbours.confirm(neighbour);
  }

  /** What follows the IP header of one packet at most, on our link. */
  most(ends: Ends): i32 {
    return ends.six ? this.ipv6.mtu - IPV6_HEADER : this.mtu - IPV4_HEADER;
  }

  /** … and on the path to the remote end. */
  mostTo(ends: Ends): i32 {
    return ends.six
      ? this.paths.to(ends, this.ipv6.mtu, this.now) - IPV6_HEADER
      : this.paths.to(ends, this.mtu, this.now) - IPV4_HEADER;
  }

  /** A router takes packets of `told` octets at most; what is believed now of what follows their header. */
  learnPath(ends: Ends, told: i32): i32 {
    return ends.six
      ? this.paths.learn(ends, told, this.ipv6.mtu, this.now) - IPV6_HEADER
      : this.paths.learn(ends, told, this.mtu, this.now) - IPV4_HEADER;
  }

  /**
   * Sends the `length` octets at `payload` in one packet. `neighbour` is what `route` said, if it is at hand still.
   *
   * @param fragment flags and offset of IPv4
   */
  send(protocol: u32, ends: Ends, length: i32, fragment: u32, neighbour: Neighbour | null): i32 {
    return ends.six
      ? this.ipv6.send(protocol, ends, length, neighbour)
      : this.ipv4.send(protocol, ends, length, fragment, neighbour);
  }

  /** Where a payload of any length is written that `sendComposed` sends. */
  compose(ends: Ends, length: i32): usize {
    if (length <= this.mostComposed(ends)) return this.payload;
    let large = this.large;
    if (large == null) {
      large = new ArrayBuffer(65536);
      this.large = large;
    }
    return startOf(large);
  }

  /** Sends what was written at `compose(ends, length)`, in fragments if need be; false when it was not taken. */
  sendComposed(protocol: u32, ends: Ends, length: i32): bool {
    if (length <= this.mostComposed(ends)) {
      return this.send(protocol, ends, length, 0, null) == SENT;
    }
    const from = startOf(this.large!);
    return ends.six
      ? this.ipv6.sendFragments(protocol, ends, from, length)
      : this.ipv4.sendFragments(protocol, ends, from, length);
  }

  /** For `Reassembly`: a packet whose first fragments are `length` octets at `at` is given up. */
  reassemblyFailed(ends: Ends, protocol: u32, identification: u32, at: usize, length: i32): void {
    if (ends.six) this.ipv6.incoming.reassemblyFailed(ends, protocol, at, length);
    else this.ipv4.reassemblyFailed(ends, protocol, identification, at, length);
  }

  /** Sends the packet of `length` octets at `at`, which is in the one frame, to a neighbour. */
  sendPacket(hop: Neighbour, type: u32, at: usize, length: i32): i32 {
    const start = at - <usize>ETHERNET_HEADER;
    const whole = ETHERNET_HEADER + length;
    putEthernet(start, hop.hardware, this.hardware, type);
    if (hop.resolved) return this.transmit(this.frame, start, whole) ? SENT : BLOCKED;
    const kept = new ArrayBuffer(whole);
    copy(startOf(kept), start, whole);
    hop.enqueue(kept);
    return SENT;
  }

  /** Sends a frame that waited for its destination's address. */
  sendQueued(frame: ArrayBuffer, hardware: u64): void {
    put48(startOf(frame), hardware);
    this.transmit(frame, startOf(frame), frame.byteLength);
  }

  /** Sends the `length` octets at `start`, which are in `owner`, as a frame; false when there is no room. */
  transmit(owner: ArrayBuffer, start: usize, length: i32): bool {
    return this.link.transmit(this.window.aim(owner, start, length));
  }

  /** IPv4 leaves it to routers to cut what is too large for a path; IPv6 does not (RFC 8200, section 5). */
  private mostComposed(ends: Ends): i32 {
    return ends.six ? this.mostTo(ends) : this.most(ends);
  }
}
