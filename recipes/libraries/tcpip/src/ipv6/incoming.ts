/** What becomes of packets that come in: whether they are for us, their headers, their fragments, their protocol (RFC 8200). */
import { Host } from "../host";
import { BAD_LENGTH, TOO_LONG } from "../ip/reassembly";
import { Ends } from "../wire/ends";
import { isGroup } from "../wire/ethernet";
import {
  ERRONEOUS_FIELD,
  Extensions,
  FRAGMENT_HEADER,
  FRAGMENTED,
  PAYLOAD,
  PROBLEM,
  UNKNOWN_NEXT_HEADER,
} from "../wire/extension";
import { REASSEMBLY } from "../wire/icmpv6";
import { TCP, UDP } from "../wire/ipv4";
import { HEADER, ICMPV6, Ipv6View, isMulticast, NO_NEXT_HEADER, putIpv6 } from "../wire/ipv6";
import { HEADER as TCP_HEADER } from "../wire/tcp";
import { startOf } from "../wire/window";

export class Incoming {
  private readonly packet: Ipv6View = new Ipv6View();
  private readonly chain: Extensions = new Extensions();
  /** Of a first fragment. */
  private readonly rest: Extensions = new Extensions();
  /** Those of the packet that is dealt with. */
  private readonly ends: Ends = new Ends();

  constructor(private readonly host: Host) {}

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
    this.host.ipv6.icmp.reassemblyFailed(ends, this.packet, this.chain, REASSEMBLY);
  }

  private isForUs(ends: Ends, toGroup: bool): bool {
    // A group sends nothing, and below ::/64 are no hosts of other machines, but who has no address yet.
    if (isMulticast(ends.remoteHigh) || (ends.remoteHigh == 0 && ends.remoteLow != 0)) return false;
    if (this.host.ipv6.addresses.owns(ends.remoteHigh, ends.remoteLow)) return false;
    if (isMulticast(ends.localHigh))
      return this.host.ipv6.groups.has(ends.localHigh, ends.localLow);
    // RFC 4862, section 5.4: what is not ours yet takes nothing.
    return !toGroup && this.host.ipv6.addresses.owns(ends.localHigh, ends.localLow);
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
      if (!taken) this.host.ipv6.icmp.portUnreachable(ends, this.packet, chain);
    } else if (protocol == ICMPV6) {
      this.host.ipv6.icmp.receive(ends, at, length, owner, this.packet.hopLimit);
    } else if (protocol != NO_NEXT_HEADER) {
      const receiver = host.protocols.at(protocol);
      if (receiver != null) receiver.onPacket(ends, owner, at, length);
      else this.problem(UNKNOWN_NEXT_HEADER, chain.protocolAt);
    }
  }

  private problem(code: u32, pointer: u32): void {
    this.host.ipv6.icmp.parameterProblem(this.ends, this.packet, this.chain, code, pointer);
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
}
