import * as event from "event";
import * as host from "./host/socket";

/** What is told of a socket. */
export interface Handler {
  /** A datagram came. `address` has 4 or 16 octets; `data` and `address` are valid during the call only. */
  onDatagram(socket: Socket, address: Uint8Array, port: u16, data: Uint8Array): void;
}

/** A bound socket. */
export class Socket implements event.Watcher, event.Task {
  private open: bool = true;
  private deferred: bool = false;

  private constructor(
    private handle: i32,
    private handler: Handler,
  ) {}

  /** Null when the host does not give the port. */
  static bind(port: u16, handler: Handler): Socket | null {
    const handle = host.udpOpen(port);
    if (handle < 0) return null;
    const socket = new Socket(handle, handler);
    event.watch(handle, socket);
    return socket;
  }

  /** Sends one datagram; false when it was not taken (no room, no route, too long). Never retried, as is UDP's way. */
  send(address: Uint8Array, port: u16, data: Uint8Array): bool {
    if (!this.open) return false;
    const sent = host.udpSend(
      this.handle,
      address.dataStart,
      address.length,
      port,
      data.dataStart,
      data.length,
    );
    return sent >= 0;
  }

  /** Unbinds. Nothing is told any more. */
  close(): void {
    if (!this.open) return;
    this.open = false;
    event.unwatch(this.handle);
    host.close(this.handle);
  }

  /** The local port. */
  get port(): u16 {
    return this.open ? <u16>host.localPort(this.handle) : 0;
  }

  onReady(flags: u32): void {
    this.receive();
  }

  run(): void {
    this.deferred = false;
    this.receive();
  }

  /** Receives what is there, up to a limit; the rest has its turn after the others. */
  private receive(): void {
    for (let count = 0; count < DATAGRAMS_PER_ROUND; count++) {
      if (!this.open) return;
      const length = host.udpReceive(this.handle, datagram.dataStart, datagram.length);
      if (length < 0) return;
      const addressLength = host.peer(this.handle, sender.dataStart);
      const port = <u16>host.peerPort(this.handle);
      this.handler.onDatagram(
        this,
        sender.subarray(0, max(addressLength, 0)),
        port,
        datagram.subarray(0, length),
      );
    }
    if (this.deferred) return;
    this.deferred = true;
    event.defer(this);
  }
}

/** Binds `port`, or a free one for 0; null when it is taken or not allowed. */
export function bind(port: u16, handler: Handler): Socket | null {
  return Socket.bind(port, handler);
}

const DATAGRAMS_PER_ROUND: i32 = 64;

/** The longest payload over IPv4 or IPv6 without jumbograms (RFC 768; RFC 8200, 3). */
const datagram: Uint8Array = new Uint8Array(65535);
const sender: Uint8Array = new Uint8Array(16);
