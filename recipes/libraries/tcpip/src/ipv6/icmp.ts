// @seldom
/** ICMP for IPv6 (RFC 4443): echo, errors in both directions, and the way to what else its messages are for. */
import { Host } from "../host";
import { Rate } from "../ip/rate";
import { deliverTrouble } from "../ip/report";
import * as trouble from "../ip/trouble";
import { Ends } from "../wire/ends";
import { Extensions, PAYLOAD, UNKNOWN_NEXT_HEADER, UNKNOWN_OPTION } from "../wire/extension";
import {
  ECHO_REPLY,
  ECHO_REQUEST,
  HEADER,
  Icmpv6View,
  LISTENER_QUERY,
  NEIGHBOUR_ADVERTISEMENT,
  NEIGHBOUR_SOLICITATION,
  PARAMETER_PROBLEM,
  PORT_UNREACHABLE,
  PROHIBITED,
  putIcmpv6,
  REDIRECT,
  ROUTER_ADVERTISEMENT,
  TIME_EXCEEDED,
  TOO_BIG,
  UNREACHABLE,
} from "../wire/icmpv6";
import { TCP } from "../wire/ipv4";
import {
  ICMPV6,
  HEADER as IP_HEADER,
  Ipv6View,
  isLinkLocal,
  isMulticast,
  MINIMUM_MTU,
} from "../wire/ipv6";
import { copy, get8 } from "../wire/octets";
import { HOP_LIMIT } from "./messenger";

export class Icmpv6 {
  private readonly view: Icmpv6View = new Icmpv6View();
  private readonly errors: Rate;
  private readonly echoes: Rate;
  /** Of the packet that an error quotes, or that is answered by one. */
  private readonly quoted: Ends = new Ends();
  private readonly quotedPacket: Ipv6View = new Ipv6View();
  private readonly quotedChain: Extensions = new Extensions();

  constructor(private readonly host: Host) {
    this.errors = new Rate(host.options.errorRate);
    this.echoes = new Rate(host.options.echoRate);
  }

  receive(ends: Ends, at: usize, length: i32, owner: ArrayBuffer, hopLimit: u32): void {
    const view = this.view;
    if (!view.check(at, length, ends)) return;
    const type = view.type;
    if (type == ECHO_REQUEST) {
      // Section 4.2: one to a group may be discarded, and is.
      if (!isMulticast(ends.localHigh) && ends.remoteHigh != 0) this.answerEcho(ends, view);
    } else if (type == ECHO_REPLY) {
      const listener = this.host.echoListener;
      if (listener != null) {
        listener.onEchoReply(ends, view.word, owner, view.data, view.dataLength);
      }
    } else if (view.isError) {
      this.receiveError(ends, view);
    } else if (type == LISTENER_QUERY) {
      // RFC 3810, section 5.1.14: a query comes from its link.
      if (!isLinkLocal(ends.remoteHigh) || hopLimit != 1) return;
      this.host.ipv6.groups.onQuery(view.word, view.data, view.dataLength);
    } else if (hopLimit == HOP_LIMIT && view.code == 0) {
      // RFC 4861, section 7.1: what a router passed on is none. Redirects (section 8) are not followed.
      if (type == NEIGHBOUR_SOLICITATION) this.host.ipv6.discovery.receiveSolicitation(ends, view);
      else if (type == NEIGHBOUR_ADVERTISEMENT)
        this.host.ipv6.discovery.receiveAdvertisement(ends, view);
      else if (type == ROUTER_ADVERTISEMENT)
        this.host.ipv6.configuration.receiveAdvertisement(ends, view);
    }
  }

  /** Tells the sender that nobody takes what it sent to a port. */
  portUnreachable(ends: Ends, packet: Ipv6View, chain: Extensions): void {
    this.sendError(ends, packet, chain, UNREACHABLE, PORT_UNREACHABLE, 0);
  }

  /** Tells the sender what is wrong with its packet, `pointer` octets into it. */
  parameterProblem(ends: Ends, packet: Ipv6View, chain: Extensions, code: u32, pointer: u32): void {
    this.sendError(ends, packet, chain, PARAMETER_PROBLEM, code, pointer);
  }

  reassemblyFailed(ends: Ends, packet: Ipv6View, chain: Extensions, code: u32): void {
    this.sendError(ends, packet, chain, TIME_EXCEEDED, code, 0);
  }

  /** Section 2.4, (c), (e) and (f): when an error is told, and what it quotes. */
  private sendError(
    ends: Ends,
    packet: Ipv6View,
    chain: Extensions,
    type: u32,
    code: u32,
    word: u32,
  ): void {
    const host = this.host;
    const answer = this.quoted;
    if (ends.remoteHigh == 0 || isMulticast(ends.remoteHigh)) return;
    answer.copy(ends);
    if (isMulticast(ends.localHigh)) {
      const option = type == PARAMETER_PROBLEM && code == UNKNOWN_OPTION && chain.evenGroups;
      if (!option || !host.ipv6.bind(answer)) return;
    }
    if (chain.protocol == ICMPV6 && chain.payloadLength > 0) {
      const kind = get8(chain.payload);
      if (kind < ECHO_REQUEST || kind == REDIRECT) return;
    }
    if (!this.errors.take(host.now)) return;
    const quoted = min<i32>(packet.totalLength, MINIMUM_MTU - IP_HEADER - HEADER);
    copy(host.payload + <usize>HEADER, packet.at, quoted);
    putIcmpv6(host.payload, type, code, word, quoted, answer);
    host.send(ICMPV6, answer, HEADER + quoted, 0, null);
  }

  private answerEcho(ends: Ends, view: Icmpv6View): void {
    const host = this.host;
    if (!this.echoes.take(host.now)) return;
    const at = host.compose(ends, HEADER + view.dataLength);
    copy(at + <usize>HEADER, view.data, view.dataLength);
    putIcmpv6(at, ECHO_REPLY, 0, view.word, view.dataLength, ends);
    host.sendComposed(ICMPV6, ends, HEADER + view.dataLength);
  }

  /** An error about a packet of ours, as much of which is quoted as fitted. */
  private receiveError(from: Ends, view: Icmpv6View): void {
    const packet = this.quotedPacket;
    const chain = this.quotedChain;
    const at = view.data;
    if (!packet.checkQuoted(at, view.dataLength)) return;
    const ends = this.quoted;
    ends.setLocal(packet.sourceHigh, packet.sourceLow);
    ends.setRemote(packet.destinationHigh, packet.destinationLow);
    if (!ends.six || !this.host.owns(ends)) return;
    const whole = chain.read(at, packet.nextHeader, view.dataLength - IP_HEADER);
    if (whole != PAYLOAD || chain.payloadLength < 8) return;
    const kind = meaning(view.type, view.code);
    const mtu = <i32>min<u32>(view.word, 65535);
    // RFC 8201, section 4: of any protocol's packet. TCP makes sure first that it is its own.
    if (kind == trouble.TOO_BIG && chain.protocol != TCP) this.host.learnPath(ends, mtu);
    deliverTrouble(
      this.host,
      ends,
      from,
      chain.protocol,
      chain.payload,
      chain.payloadLength,
      kind,
      mtu,
    );
  }
}

function meaning(type: u32, code: u32): i32 {
  if (type == TOO_BIG) return trouble.TOO_BIG;
  if (type == TIME_EXCEEDED) return code == 0 ? trouble.EXPIRED : trouble.UNREACHABLE;
  // RFC 5461, section 2: an unknown next header is what a protocol that is unreachable is to IPv4.
  if (type == PARAMETER_PROBLEM) {
    return code == UNKNOWN_NEXT_HEADER ? trouble.REFUSED : trouble.UNREACHABLE;
  }
  if (code == PORT_UNREACHABLE) return trouble.REFUSED;
  // Sections 3.1, codes 1, 5 and 6: a policy, of whatever kind.
  return code == PROHIBITED || code >= 5 ? trouble.PROHIBITED : trouble.UNREACHABLE;
}
