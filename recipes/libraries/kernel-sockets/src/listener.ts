import { backlog } from "config";
import * as event from "event";
import { Connection, Handler } from "./connection";
import * as host from "./host/socket";

/** What is told of a listener. */
export interface Acceptor {
  /** A connection came. Answer with its handler, or null to break it off. */
  onAccept(connection: Connection): Handler | null;
}

/** A listening port. */
export class Listener implements event.Watcher, event.Task {
  private open: bool = true;
  private deferred: bool = false;

  private constructor(
    private handle: i32,
    private acceptor: Acceptor,
  ) {}

  /** Null when the host does not give the port. */
  static open(port: u16, acceptor: Acceptor): Listener | null {
    const handle = host.tcpListen(port, backlog);
    if (handle < 0) return null;
    const listener = new Listener(handle, acceptor);
    event.watch(handle, listener);
    return listener;
  }

  /** Accepts no more; connections that are open stay. */
  close(): void {
    if (!this.open) return;
    this.open = false;
    event.unwatch(this.handle);
    host.close(this.handle);
  }

  /** The local port. */
  get port(): u16 {
    return <u16>host.localPort(this.handle);
  }

  onReady(flags: u32): void {
    this.accept();
  }

  run(): void {
    this.deferred = false;
    this.accept();
  }

  /** Accepts what waits, up to a limit; the rest has its turn after the others. */
  private accept(): void {
    for (let count = 0; count < ACCEPTS_PER_ROUND; count++) {
      if (!this.open) return;
      const handle = host.tcpAccept(this.handle);
      if (handle < 0) return;
      const connection = new Connection(handle, null, true);
      const handler = this.acceptor.onAccept(connection);
      if (handler === null) connection.abort();
      else connection.begin(handler);
    }
    if (this.deferred) return;
    this.deferred = true;
    event.defer(this);
  }
}

const ACCEPTS_PER_ROUND: i32 = 64;
