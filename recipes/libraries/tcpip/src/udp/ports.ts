/** UDP (RFC 768; RFC 1122, section 4.1): sockets by port. */
import { Host } from "../host";
import { Ends } from "../wire/ends";
import { UDP } from "../wire/ipv4";
import { copy } from "../wire/octets";
import { HEADER, putUdp, UdpView } from "../wire/udp";

/** What is told of a bound port. */
export interface Receiver {
  /** A datagram came; its data is at `at` during the call only. `owner` is the memory that it is in. */
  onDatagram(ends: Ends, port: u16, owner: ArrayBuffer, at: usize, length: i32): void;
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
  send(port: u16, ends: Ends, destinationPort: u16, data: usize, length: i32): bool {
    if (length > LONGEST || destinationPort == 0) return false;
    const host = this.host;
    const at = host.compose(ends, HEADER + length);
    copy(at + <usize>HEADER, data, length);
    putUdp(at, port, destinationPort, length, ends);
    return host.sendComposed(UDP, ends, HEADER + length);
  }

  /** False when nobody takes datagrams at that port. */
  receive(ends: Ends, at: usize, length: i32, owner: ArrayBuffer): bool {
    const view = this.view;
    if (!view.check(at, length, ends)) return true;
    const port = view.destinationPort;
    if (!this.receivers.has(port)) return false;
    const receiver = this.receivers.get(port);
    receiver.onDatagram(ends, view.sourcePort, owner, view.data, view.dataLength);
    return true;
  }
}
