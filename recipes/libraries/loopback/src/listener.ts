import * as event from "event";
import { FIRST_FREE_PORT } from "./address";
import { Connection, Handler } from "./connection";
import { REFUSED, RESET } from "./reason";

/** What is told of a listener. */
export interface Acceptor {
  /** A connection came. Answer with its handler, or null to break it off. */
  onAccept(connection: Connection): Handler | null;
}

/** A listening port. */
export class Listener implements event.Task {
  private waiting: Connection[] = [];

  private constructor(
    private number: u16,
    private acceptor: Acceptor,
  ) {}

  /** Null when the port is taken. */
  static open(port: u16, acceptor: Acceptor): Listener | null {
    const number = port != 0 ? port : freePort();
    if (number == 0 || listeners.has(number)) return null;
    const listener = new Listener(number, acceptor);
    listeners.set(number, listener);
    return listener;
  }

  static at(port: u16): Listener | null {
    return listeners.has(port) ? listeners.get(port) : null;
  }

  /** Accepts no more; connections that are open stay. */
  close(): void {
    if (Listener.at(this.number) !== this) return;
    listeners.delete(this.number);
    while (this.waiting.length > 0) this.waiting.shift().lose(REFUSED);
  }

  /** The local port. */
  get port(): u16 {
    return this.number;
  }

  /** A client wants to be connected. */
  add(client: Connection): void {
    this.waiting.push(client);
    if (this.waiting.length == 1) event.defer(this);
  }

  run(): void {
    const clients = this.waiting;
    this.waiting = [];
    for (let index = 0; index < clients.length; index++) {
      const client = clients[index];
      if (client.isGone) continue;
      const server = new Connection(this.number, client.localPort);
      server.join(client);
      const handler = this.acceptor.onAccept(server);
      if (handler === null) client.lose(RESET);
      else server.begin(handler);
    }
  }
}

/** By port. */
const listeners: Map<u16, Listener> = new Map<u16, Listener>();

function freePort(): u16 {
  for (let port = FIRST_FREE_PORT; port < 65536; port++) {
    if (!listeners.has(<u16>port)) return <u16>port;
  }
  return 0;
}
