/** The interface `tcp`, by our own stack. */
import { endsTo, remoteOctets } from "./address";
import { network } from "./network";
import { Block, User } from "./tcp/block";
import * as calls from "./tcp/calls";
import { Acceptance, Listening } from "./tcp/listening";
import * as reason from "./tcp/reason";
import { addressOf } from "./wire/octets";

export const CLOSED: i32 = reason.CLOSED;
export const RESET: i32 = reason.RESET;
export const REFUSED: i32 = reason.REFUSED;
export const UNREACHABLE: i32 = reason.UNREACHABLE;
export const TIMED_OUT: i32 = reason.TIMED_OUT;

export interface Handler {
  onOpen(connection: Connection): void;
  onData(connection: Connection, data: Uint8Array): void;
  onWritable(connection: Connection): void;
  onEnd(connection: Connection): void;
  onClose(connection: Connection, reason: i32): void;
}

export interface Acceptor {
  onAccept(connection: Connection): Handler | null;
}

/** What `Tcp` tells of a connection, passed on to its handler. */
class Told implements User {
  connection!: Connection;

  constructor(readonly handler: Handler) {}

  onOpen(_block: Block): void {
    this.handler.onOpen(this.connection);
  }

  onData(_block: Block, data: Uint8Array): void {
    this.handler.onData(this.connection, data);
  }

  onWritable(_block: Block): void {
    this.handler.onWritable(this.connection);
  }

  onEnd(_block: Block): void {
    this.handler.onEnd(this.connection);
  }

  onClose(_block: Block, reason: i32): void {
    this.handler.onClose(this.connection, reason);
  }
}

export class Connection {
  constructor(private readonly block: Block) {}

  write(data: Uint8Array): i32 {
    const net = network()!;
    const taken = calls.write(net.touch().tcp, this.block, addressOf(data), data.length);
    net.touched();
    return taken;
  }

  shutdown(): void {
    const net = network()!;
    calls.shutdown(net.touch().tcp, this.block);
    net.touched();
  }

  close(): void {
    const net = network()!;
    calls.close(net.touch().tcp, this.block);
    net.touched();
  }

  abort(): void {
    const net = network()!;
    calls.abort(net.touch().tcp, this.block);
    net.touched();
  }

  pause(): void {
    this.block.paused = true;
  }

  resume(): void {
    const net = network()!;
    calls.resume(net.touch().tcp, this.block);
    net.touched();
  }

  get remoteAddress(): Uint8Array {
    return remoteOctets(this.block.ends);
  }

  get remotePort(): u16 {
    return this.block.remotePort;
  }

  get localPort(): u16 {
    return this.block.localPort;
  }
}

export class Listener implements Acceptance {
  private listening: Listening | null = null;

  constructor(private readonly acceptor: Acceptor) {}

  /** For `listen` alone: takes the port. */
  open(port: u16): bool {
    const net = network();
    if (net == null) return false;
    this.listening = net.touch().tcp.listeners.listen(net.host.tcp, port, this);
    return this.listening != null;
  }

  onAccept(block: Block): User | null {
    const connection = new Connection(block);
    const handler = this.acceptor.onAccept(connection);
    if (handler == null) return null;
    const told = new Told(handler);
    told.connection = connection;
    return told;
  }

  close(): void {
    const listening = this.listening;
    if (listening == null) return;
    const net = network()!;
    net.touch().tcp.listeners.close(net.host.tcp, listening);
    net.touched();
  }

  get port(): u16 {
    return this.listening!.port;
  }
}

export function listen(port: u16, acceptor: Acceptor): Listener | null {
  const listener = new Listener(acceptor);
  return listener.open(port) ? listener : null;
}

export function connect(address: Uint8Array, port: u16, handler: Handler): Connection | null {
  const net = network();
  const ends = endsTo(address);
  if (net == null || ends == null) return null;
  const told = new Told(handler);
  const block = calls.connect(net.touch().tcp, ends, port, told);
  if (block == null) return null;
  told.connection = new Connection(block);
  net.touched();
  return told.connection;
}
