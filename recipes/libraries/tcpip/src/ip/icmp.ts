/** ICMP (RFC 792) as RFC 1122, section 3.2.2 wants it of a host: echo, and errors in both directions. */
import { Host } from "../host";
import { receiveError } from "../tcp/reports";
import {
  ECHO_REPLY,
  ECHO_REQUEST,
  FRAGMENTATION_NEEDED,
  HEADER,
  IcmpView,
  putIcmp,
  TIME_EXCEEDED,
  UNREACHABLE,
} from "../wire/icmpv4";
import { ICMP, HEADER as IP_HEADER, Ipv4View, TCP } from "../wire/ipv4";
import { copy, get8, get16, get32 } from "../wire/octets";
import { Rate } from "./rate";

export class Icmp {
  private readonly view: IcmpView = new IcmpView();
  private readonly errors: Rate;
  private readonly echoes: Rate;

  constructor(private readonly host: Host) {
    this.errors = new Rate(host.options.errorRate);
    this.echoes = new Rate(host.options.echoRate);
  }

  receive(packet: Ipv4View): void {
    const view = this.view;
    if (!view.check(packet.payload, packet.payloadLength)) return;
    const type = view.type;
    if (type == ECHO_REQUEST) {
      // RFC 1122, 3.2.2.6: a request to a broadcast address may be discarded, and is.
      if (packet.destination != this.host.address || view.code != 0) return;
      this.answerEcho(packet.source, view);
    } else if (type == UNREACHABLE || type == TIME_EXCEEDED) {
      this.receiveError(view);
    }
  }

  /**
   * Tells the sender of the packet at `at` that it could not be dealt with. Not of errors, not to groups, not more
   * often than the limit allows (RFC 1122, section 3.2.2; RFC 1812, section 4.3.2.8).
   */
  sendError(at: usize, length: i32, type: u32, code: u32): void {
    const host = this.host;
    const source = get32(at + 12);
    if (get32(at + 16) != host.address || (get16(at + 6) & 0x1fff) != 0) return;
    if (get8(at + 9) == ICMP && !isQuery(at, length)) return;
    if (!this.errors.take(host.now)) return;
    const header = <i32>((get8(at) & 15) << 2);
    const quoted = min<i32>(length, header + 8);
    copy(host.payload + <usize>HEADER, at, quoted);
    putIcmp(host.payload, type, code, 0, quoted);
    host.send(ICMP, host.address, source, HEADER + quoted, 0, null);
  }

  private answerEcho(source: u32, view: IcmpView): void {
    const host = this.host;
    if (!this.echoes.take(host.now)) return;
    // RFC 1122, 3.2.2.6: the data is returned whole, identifier and sequence number with it.
    const at = host.compose(HEADER + view.dataLength);
    copy(at + <usize>HEADER, view.data, view.dataLength);
    putIcmp(at, ECHO_REPLY, 0, get32(view.data - 4), view.dataLength);
    host.sendComposed(ICMP, host.address, source, HEADER + view.dataLength);
  }

  /** An error about a packet of ours, whose header and first octets are quoted. */
  private receiveError(view: IcmpView): void {
    const at = view.data;
    const length = view.dataLength;
    if (length < IP_HEADER + 8 || get8(at) >> 4 != 4) return;
    const header = <i32>((get8(at) & 15) << 2);
    if (header < IP_HEADER || length < header + 8) return;
    if (get32(at + 12) != this.host.address || get8(at + 9) != TCP) return;
    const segment = at + <usize>header;
    const needsSmaller = view.type == UNREACHABLE && view.code == FRAGMENTATION_NEEDED;
    receiveError(
      this.host.tcp,
      get32(at + 16),
      <u16>get16(segment + 2),
      <u16>get16(segment),
      get32(segment + 4),
      view.type,
      view.code,
      needsSmaller ? view.nextHopMtu : 0,
    );
  }
}

/** Whether an ICMP packet is a question, and no error message. */
function isQuery(at: usize, length: i32): bool {
  const header = <i32>((get8(at) & 15) << 2);
  return length > header && get8(at + <usize>header) == ECHO_REQUEST;
}
