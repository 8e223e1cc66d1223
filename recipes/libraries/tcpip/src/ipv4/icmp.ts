// @seldom
/** ICMP (RFC 792) as RFC 1122, section 3.2.2 wants it of a host: echo, and errors in both directions. */
import { Host } from "../host";
import { Rate } from "../ip/rate";
import { deliverTrouble } from "../ip/report";
import * as trouble from "../ip/trouble";
import { Ends } from "../wire/ends";
import {
  ADMINISTRATIVELY_PROHIBITED,
  ECHO_REPLY,
  ECHO_REQUEST,
  FRAGMENTATION_NEEDED,
  HEADER,
  HOST_PROHIBITED,
  IcmpView,
  IN_TRANSIT,
  NETWORK_PROHIBITED,
  PORT_UNREACHABLE,
  PROTOCOL_UNREACHABLE,
  putIcmp,
  REASSEMBLY,
  TIME_EXCEEDED,
  UNREACHABLE,
} from "../wire/icmpv4";
import { ICMP, HEADER as IP_HEADER, MINIMUM_MTU } from "../wire/ipv4";
import { copy, get8, get16, get32 } from "../wire/octets";

export class Icmp {
  private readonly view: IcmpView = new IcmpView();
  private readonly errors: Rate;
  private readonly echoes: Rate;
  /** Of the packet that an error quotes, or that is answered by one. */
  private readonly quoted: Ends = new Ends();

  constructor(private readonly host: Host) {
    this.errors = new Rate(host.options.errorRate);
    this.echoes = new Rate(host.options.echoRate);
  }

  receive(ends: Ends, at: usize, length: i32, owner: ArrayBuffer): void {
    const view = this.view;
    if (!view.check(at, length)) return;
    const type = view.type;
    if (type == ECHO_REQUEST) {
      // RFC 1122, 3.2.2.6: a request to a broadcast address may be discarded, and is.
      if (ends.local4 != this.host.ipv4.address || view.code != 0) return;
      this.answerEcho(ends, view);
    } else if (type == ECHO_REPLY) {
      const listener = this.host.echoListener;
      if (listener != null) {
        listener.onEchoReply(ends, view.word, owner, view.data, view.dataLength);
      }
    } else if (type == UNREACHABLE || type == TIME_EXCEEDED) {
      this.receiveError(ends, view);
    }
  }

  /**
   * Tells the sender of the packet at `at` that it could not be dealt with. Not of errors, not to groups, not more
   * often than the limit allows (RFC 1122, section 3.2.2; RFC 1812, section 4.3.2.8).
   */
  sendError(at: usize, length: i32, type: u32, code: u32): void {
    const host = this.host;
    const ends = this.quoted;
    ends.setRemote4(get32(at + 12));
    ends.setLocal4(get32(at + 16));
    if (ends.local4 != host.ipv4.address || (get16(at + 6) & 0x1fff) != 0) return;
    if (get8(at + 9) == ICMP && !isQuery(at, length)) return;
    if (!this.errors.take(host.now)) return;
    const header = <i32>((get8(at) & 15) << 2);
    const quoted = min<i32>(length, header + 8);
    copy(host.payload + <usize>HEADER, at, quoted);
    putIcmp(host.payload, type, code, 0, quoted);
    host.send(ICMP, ends, HEADER + quoted, 0, null);
  }

  /** Says that the packet at `at` did not become whole. */
  reassemblyFailed(at: usize, length: i32): void {
    this.sendError(at, length, TIME_EXCEEDED, REASSEMBLY);
  }

  private answerEcho(ends: Ends, view: IcmpView): void {
    const host = this.host;
    if (!this.echoes.take(host.now)) return;
    // RFC 1122, 3.2.2.6: the data is returned whole, identifier and sequence number with it.
    const at = host.compose(ends, HEADER + view.dataLength);
    copy(at + <usize>HEADER, view.data, view.dataLength);
    putIcmp(at, ECHO_REPLY, 0, view.word, view.dataLength);
    host.sendComposed(ICMP, ends, HEADER + view.dataLength);
  }

  /** An error about a packet of ours, whose header and first octets are quoted. */
  private receiveError(from: Ends, view: IcmpView): void {
    const at = view.data;
    const length = view.dataLength;
    if (length < IP_HEADER + 8 || get8(at) >> 4 != 4) return;
    const header = <i32>((get8(at) & 15) << 2);
    if (header < IP_HEADER || length < header + 8) return;
    const ends = this.quoted;
    ends.setLocal4(get32(at + 12));
    ends.setRemote4(get32(at + 16));
    if (ends.local4 != this.host.ipv4.address) return;
    const kind = meaning(view.type, view.code);
    // RFC 1191, section 5: an old router does not say how much it takes.
    const mtu = view.nextHopMtu == 0 ? MINIMUM_MTU : view.nextHopMtu;
    const start = at + <usize>header;
    deliverTrouble(this.host, ends, from, get8(at + 9), start, length - header, kind, mtu);
  }
}

function meaning(type: u32, code: u32): i32 {
  if (type == TIME_EXCEEDED) return code == IN_TRANSIT ? trouble.EXPIRED : trouble.UNREACHABLE;
  if (code == FRAGMENTATION_NEEDED) return trouble.TOO_BIG;
  if (code == PORT_UNREACHABLE || code == PROTOCOL_UNREACHABLE) return trouble.REFUSED;
  const prohibited =
    code == NETWORK_PROHIBITED || code == HOST_PROHIBITED || code == ADMINISTRATIVELY_PROHIBITED;
  return prohibited ? trouble.PROHIBITED : trouble.UNREACHABLE;
}

/** Whether an ICMP packet is a question, and no error message. */
function isQuery(at: usize, length: i32): bool {
  const header = <i32>((get8(at) & 15) << 2);
  return length > header && get8(at + <usize>header) == ECHO_REQUEST;
}
