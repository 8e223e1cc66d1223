import { log } from "console";
import * as tcp from "tcp";

export class EchoAcceptor implements tcp.Acceptor {
  onAccept(connection: tcp.Connection): tcp.Handler | null {
    return new Echo();
  }
}

/** Sends back what comes, and stops to read while that is not taken. */
export class Echo implements tcp.Handler {
  private rest: Uint8Array = new Uint8Array(0);
  private ends: bool = false;

  onOpen(connection: tcp.Connection): void {}

  onData(connection: tcp.Connection, data: Uint8Array): void {
    const taken = connection.write(data);
    if (taken == data.length) return;
    this.rest = data.slice(taken);
    connection.pause();
  }

  onWritable(connection: tcp.Connection): void {
    this.rest = this.rest.subarray(connection.write(this.rest));
    if (this.rest.length > 0) return;
    if (this.ends) connection.close();
    else connection.resume();
  }

  onEnd(connection: tcp.Connection): void {
    this.ends = true;
    if (this.rest.length == 0) connection.close();
  }

  onClose(connection: tcp.Connection, reason: i32): void {
    log(`server gone ${reason == tcp.CLOSED ? "closed" : "reset"}`);
  }
}
