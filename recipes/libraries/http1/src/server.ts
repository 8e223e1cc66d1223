import { connections } from "config";
import * as tcp from "tcp";
import { Connection } from "./connection";
import { Request } from "./request";
import { Response } from "./response";

/** Answers requests. */
export interface Handler {
  /**
   * A whole request is there, its body within the server's limit. Answer by one of the `Response`'s ends, now or later;
   * requests of one connection are answered in their order.
   */
  onRequest(request: Request, response: Response): void;
}

/** Accepts the connections of one port. */
export class Server implements tcp.Acceptor {
  private count: i32 = 0;

  constructor(readonly handler: Handler) {}

  onAccept(connection: tcp.Connection): tcp.Handler | null {
    if (this.count >= connections) return null;
    this.count++;
    return new Connection(this, connection);
  }

  /** A connection is gone. */
  onGone(): void {
    this.count--;
  }
}
