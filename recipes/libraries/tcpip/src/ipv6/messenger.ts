// @seldom
/** Sends the control messages of IPv6, which do not leave the link. */
import { Host } from "../host";
import { Ends } from "../wire/ends";
import { HEADER as ETHERNET_HEADER, putEthernet, TYPE_IPV6 } from "../wire/ethernet";
import { putRouterAlert, ROUTER_ALERT } from "../wire/extension";
import { HEADER as ICMP_HEADER, putIcmpv6 } from "../wire/icmpv6";
import { groupHardware, ICMPV6, HEADER as IP_HEADER, putIpv6 } from "../wire/ipv6";
import { startOf } from "../wire/window";

/** Longest body of a message: a report of as many groups as an interface is in. */
const LONGEST = 512;
const ICMP_AT = ETHERNET_HEADER + IP_HEADER + ROUTER_ALERT;
/** RFC 4861, section 7.1: who receives less knows that a router has passed it on, and ignores it. */
export const HOP_LIMIT: u32 = 255;

export class Messenger {
  /** Where the body of the next message is written to. */
  readonly body: usize;
  /** Its own, since an address may be asked for while a packet is in the host's frame. */
  private readonly frame: ArrayBuffer = new ArrayBuffer(ICMP_AT + ICMP_HEADER + LONGEST);

  constructor(private readonly host: Host) {
    this.body = startOf(this.frame) + <usize>(ICMP_AT + ICMP_HEADER);
  }

  /** Sends the message whose body is in place; false when the device has no room. */
  send(type: u32, word: u32, length: i32, ends: Ends, hardware: u64): bool {
    const icmp = this.body - <usize>ICMP_HEADER;
    putIcmpv6(icmp, type, 0, word, length, ends);
    const at = icmp - <usize>IP_HEADER;
    this.putHeader(at, ICMP_HEADER + length, ICMPV6, HOP_LIMIT, ends);
    return this.transmit(at, IP_HEADER + ICMP_HEADER + length, hardware);
  }

  /** Sends a report of MLD, which routers are to look at and not to pass on (RFC 2710, section 3). */
  sendReport(type: u32, word: u32, length: i32, ends: Ends): bool {
    const icmp = this.body - <usize>ICMP_HEADER;
    putIcmpv6(icmp, type, 0, word, length, ends);
    const alert = icmp - <usize>ROUTER_ALERT;
    putRouterAlert(alert, ICMPV6);
    const at = alert - <usize>IP_HEADER;
    const payload = ROUTER_ALERT + ICMP_HEADER + length;
    this.putHeader(at, payload, 0, 1, ends);
    return this.transmit(at, IP_HEADER + payload, groupHardware(ends.remoteLow));
  }

  private putHeader(at: usize, length: i32, nextHeader: u32, hopLimit: u32, ends: Ends): void {
    putIpv6(
      at,
      length,
      nextHeader,
      hopLimit,
      ends.localHigh,
      ends.localLow,
      ends.remoteHigh,
      ends.remoteLow,
    );
  }

  private transmit(at: usize, length: i32, hardware: u64): bool {
    const start = at - <usize>ETHERNET_HEADER;
    putEthernet(start, hardware, this.host.hardware, TYPE_IPV6);
    return this.host.transmit(this.frame, start, ETHERNET_HEADER + length);
  }
}
