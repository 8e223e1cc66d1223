import { Connection, Handler } from "./connection";
import * as host from "./host/socket";
import { Acceptor, Listener } from "./listener";

export { Connection, Handler } from "./connection";
export { Acceptor, Listener } from "./listener";
export { CLOSED, REFUSED, RESET, TIMED_OUT, UNREACHABLE } from "./reason";

/** Listens at `port`, or a free one for 0; null when it is taken or not allowed. */
export function listen(port: u16, acceptor: Acceptor): Listener | null {
  return Listener.open(port, acceptor);
}

/** Connects to `address` (4 or 16 octets); `onOpen` or `onClose` follows. Null when it cannot even be tried. */
export function connect(address: Uint8Array, port: u16, handler: Handler): Connection | null {
  const handle = host.tcpConnect(address.dataStart, address.length, port);
  return handle < 0 ? null : new Connection(handle, handler, false);
}
