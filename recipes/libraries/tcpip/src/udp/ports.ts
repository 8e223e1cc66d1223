/** UDP (RFC 768; RFC 1122, section 4.1): sockets by port. */
import { Host } from "../host";
import { PORT_UNREACHABLE, UNREACHABLE } from "../wire/icmpv4";
import { Ipv4View, UDP } from "../wire/ipv4";
import { copy } from "../wire/octets";
import { HEADER, putUdp, UdpView } from "../wire/udp";

/** What is told of a bound port. */
export interface Receiver {
  /** A datagram came; its data is at `at` during the call only. `owner` is the memory that it is in. */
  onDatagram(source: u32, port: u16, owner: ArrayBuffer, at: usize, length: i32): void;
}

const FIRST_FREE: u32 = 32768;
const FREE_PORTS: u32 = 28232;
const LONGEST: i32 = 65535 - 20 - HEADER;

export class UdpPorts {
  private readonly receivers: Map<u16, Receiver> = new Map<u16, Receiver>();
  private readonly view: UdpView = new UdpView();

  constructor(private readonly host: Host) {}

  /** The port that `receiver` has now: `port`, or for 0 one that is free and not to be guessed (RFC 6056). 0 when there is none. */
  bind(port: u16, receiver: Receiver): u16 {
    let chosen = port;
    if (port == 0) {
      const start = <u32>this.host.random() % FREE_PORTS;
      for (let i: u32 = 0; i < FREE_PORTS; i++) {
        const candidate = <u16>(FIRST_FREE + ((start + i) % FREE_PORTS));
        if (!this.receivers.has(candidate)) {
          chosen = candidate;
          break;
        }
      }
    }
    if (chosen == 0 || this.receivers.has(chosen)) return 0;
    this.receivers.set(chosen, receiver);
    return chosen;
  }

  release(port: u16): void {
    this.receivers.delete(port);
  }

  /** False when the datagram was not taken: too long, no way there, or no room. */
  send(port: u16, destination: u32, destinationPort: u16, data: usize, length: i32): bool {
    if (length > LONGEST || destinationPort == 0) return false;
    const host = this.host;
    const at = host.compose(HEADER + length);
    copy(at + <usize>HEADER, data, length);
    putUdp(at, host.address, port, destination, destinationPort, length);
    return host.sendComposed(UDP, host.address, destination, HEADER + length);
  }

  receive(packet: Ipv4View, owner: ArrayBuffer): void {
    const view = this.view;
    if (!view.check(packet.payload, packet.payloadLength, packet.source, packet.destination))
      return;
    const port = view.destinationPort;
    if (this.receivers.has(port)) {
      this.receivers
        .get(port)
        .onDatagram(packet.source, view.sourcePort, owner, view.data, view.dataLength);
    } else if (this.host.address != 0) {
      // RFC 1122, 4.1.3.1.
      this.host.icmp.sendError(packet.at, packet.totalLength, UNREACHABLE, PORT_UNREACHABLE);
    }
  }
}
