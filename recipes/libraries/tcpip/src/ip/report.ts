// @seldom
/** Where an ICMP error about a packet of ours goes to. */
import { Host } from "../host";
import { receiveError } from "../tcp/reports";
import { Ends } from "../wire/ends";
import { ECHO_REQUEST } from "../wire/icmpv4";
import { ECHO_REQUEST as ECHO_REQUEST_6 } from "../wire/icmpv6";
import { ICMP, TCP } from "../wire/ipv4";
import { ICMPV6 } from "../wire/ipv6";
import { get8, get16, get32 } from "../wire/octets";

/**
 * Tells the protocol that sent a packet what became of it.
 *
 * @param ends of the packet that is quoted
 * @param from who says so
 * @param at what is quoted after its IP header, `length` octets, at least eight
 * @param mtu for `TOO_BIG`, what the next hop takes
 */
export function deliverTrouble(
  host: Host,
  ends: Ends,
  from: Ends,
  protocol: u32,
  at: usize,
  length: i32,
  trouble: i32,
  mtu: i32,
): void {
  if (protocol == TCP) {
    const local = <u16>get16(at);
    receiveError(host.tcp, ends, <u16>get16(at + 2), local, get32(at + 4), trouble, mtu);
    return;
  }
  const echo = ends.six
    ? protocol == ICMPV6 && get8(at) == ECHO_REQUEST_6
    : protocol == ICMP && get8(at) == ECHO_REQUEST;
  const listener = host.echoListener;
  if (echo && listener != null) {
    listener.onEchoTrouble(ends, get32(at + 4), trouble, from);
    return;
  }
  const receiver = host.protocols.at(protocol);
  if (receiver != null) receiver.onTrouble(ends, trouble, at, length);
}
