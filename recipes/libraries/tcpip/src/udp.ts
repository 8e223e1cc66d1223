/** The interface `udp`, by our own stack. */
import { putAddress, toIpv4 } from "./address";
import { network } from "./network";
import { Receiver } from "./udp/ports";
import { addressOf } from "./wire/octets";
import { Window } from "./wire/window";

export interface Handler {
  onDatagram(socket: Socket, address: Uint8Array, port: u16, data: Uint8Array): void;
}

export class Socket implements Receiver {
  private bound: u16 = 0;
  private readonly window: Window = new Window();
  private readonly sender: Uint8Array = new Uint8Array(4);

  constructor(private readonly handler: Handler) {}

  /** For `bind` alone: takes the port. */
  open(port: u16): bool {
    const net = network();
    if (net == null) return false;
    this.bound = net.host.udp.bind(port, this);
    return this.bound != 0;
  }

  onDatagram(source: u32, port: u16, owner: ArrayBuffer, at: usize, length: i32): void {
    putAddress(this.sender, source);
    this.handler.onDatagram(this, this.sender, port, this.window.aim(owner, at, length));
    this.window.release();
  }

  send(address: Uint8Array, port: u16, data: Uint8Array): bool {
    const remote = toIpv4(address);
    const net = network()!;
    if (remote == 0 || this.bound == 0) return false;
    const host = net.touch();
    // Without an address only DHCP can speak.
    if (host.address == 0) return false;
    const sent = host.udp.send(this.bound, remote, port, addressOf(data), data.length);
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
