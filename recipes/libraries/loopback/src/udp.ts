import { datagrams } from "config";
import * as event from "event";
import { FIRST_FREE_PORT, isLoopback, localAddress } from "./address";

/** What is told of a socket. */
export interface Handler {
  /** A datagram came. `address` has 4 or 16 octets; `data` and `address` are valid during the call only. */
  onDatagram(socket: Socket, address: Uint8Array, port: u16, data: Uint8Array): void;
}

/** A bound socket. */
export class Socket implements event.Task {
  private open: bool = true;
  private waiting: Datagram[] = [];

  private constructor(
    private number: u16,
    private handler: Handler,
  ) {}

  /** Null when the port is taken. */
  static bind(port: u16, handler: Handler): Socket | null {
    const number = port != 0 ? port : freePort();
    if (number == 0 || sockets.has(number)) return null;
    const socket = new Socket(number, handler);
    sockets.set(number, socket);
    return socket;
  }

  /** Sends one datagram; false when it was not taken (no room, no route, too long). Never retried, as is UDP's way. */
  send(address: Uint8Array, port: u16, data: Uint8Array): bool {
    if (!this.open || data.length > LONGEST || !isLoopback(address)) return false;
    // To a port that nobody has bound it is lost on the way.
    return !sockets.has(port) || sockets.get(port).receive(new Datagram(this.number, data.slice()));
  }

  /** Unbinds. Nothing is told any more. */
  close(): void {
    if (!this.open) return;
    this.open = false;
    sockets.delete(this.number);
  }

  /** The local port. */
  get port(): u16 {
    return this.number;
  }

  run(): void {
    const received = this.waiting;
    this.waiting = [];
    for (let index = 0; index < received.length && this.open; index++) {
      const datagram = received[index];
      this.handler.onDatagram(this, localAddress(), datagram.port, datagram.data);
    }
  }

  private receive(datagram: Datagram): bool {
    if (this.waiting.length >= datagrams) return false;
    this.waiting.push(datagram);
    if (this.waiting.length == 1) event.defer(this);
    return true;
  }
}

/** Binds `port`, or a free one for 0; null when it is taken or not allowed. */
export function bind(port: u16, handler: Handler): Socket | null {
  return Socket.bind(port, handler);
}

class Datagram {
  constructor(
    readonly port: u16,
    readonly data: Uint8Array,
  ) {}
}

/** The longest payload over IPv4 (RFC 768, RFC 791). */
const LONGEST: i32 = 65507;

/** By port. */
const sockets: Map<u16, Socket> = new Map<u16, Socket>();

function freePort(): u16 {
  for (let port = FIRST_FREE_PORT; port < 65536; port++) {
    if (!sockets.has(<u16>port)) return <u16>port;
  }
  return 0;
}
