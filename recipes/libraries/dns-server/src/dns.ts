import * as tcp from "tcp";
import * as udp from "udp";
import { Acceptor } from "./connection";
import { Datagrams } from "./datagrams";
import { Handler } from "./query";

export { Handler, Query, Stream } from "./query";
export { ADDITIONAL, ANSWER, AUTHORITY, Response } from "./response";

/** Serves `handler` over UDP and TCP at `port`; false when the port cannot be had. */
export function serve(port: u16, handler: Handler): bool {
  const socket = udp.bind(port, new Datagrams(handler));
  if (socket === null) return false;
  if (tcp.listen(port, new Acceptor(handler)) !== null) return true;
  socket.close();
  return false;
}
