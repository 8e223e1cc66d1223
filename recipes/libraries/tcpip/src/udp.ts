/** The interface `udp`, by our own stack. */
import * as config from "config";
import { network } from "./network";
import { Receiver } from "./udp/ports";
import { Ends } from "./wire/ends";
import { addressOf } from "./wire/octets";
import { Window } from "./wire/window";

export interface Handler {
  onDatagram(socket: Socket, address: Uint8Array, port: u16, data: Uint8Array): void;
}

export class Socket implements Receiver {
  private bound: u16 = 0;
  private readonly window: Window = new Window();
  /** Addresses of senders, of each family. */
  private readonly sender4: Uint8Array = new Uint8Array(4);
  private readonly sender16: Uint8Array = new Uint8Array(config.ipv6 ? 16 : 0);
  /** Those of the datagram that came last: an answer goes out from where the question went to (RFC 1122, section 4.1.3.5). */
  private readonly latest: Ends = new Ends();
  private readonly target: Ends = new Ends();

  constructor(private readonly handler: Handler) {}

  /** For `bind` alone: takes the port. */
  open(port: u16): bool {
    const net = network();
    if (net == null) return false;
    this.bound = net.host.udp.bind(port, this);
    return this.bound != 0;
  }

  onDatagram(ends: Ends, port: u16, owner: ArrayBuffer, at: usize, length: i32): void {
    const sender = ends.six ? this.sender16 : this.sender4;
    ends.putRemote(addressOf(sender));
    this.latest.copy(ends);
    this.handler.onDatagram(this, sender, port, this.window.aim(owner, at, length));
    this.window.release();
  }

  send(address: Uint8Array, port: u16, data: Uint8Array): bool {
    const net = network()!;
    const target = this.target;
    if (this.bound == 0 || !target.readRemote(addressOf(address), address.length)) return false;
    const host = net.touch();
    if (target.sameRemote(this.latest) && host.owns(this.latest)) target.copy(this.latest);
    // Without an address only DHCP can speak.
    else if (!host.bind(target)) return false;
    const sent = host.udp.send(this.bound, target, port, addressOf(data), data.length);
    // An address may have been asked for, and then there is a time to wait for.
    net.touched();
    return sent;
  }

  close(): void {
    if (this.bound != 0) network()!.host.udp.release(this.bound);
    this.bound = 0;
  }

  get port(): u16 {
    return this.bound;
  }
}

export function bind(port: u16, handler: Handler): Socket | null {
  const socket = new Socket(handler);
  return socket.open(port) ? socket : null;
}
