import { FIRST_FREE_PORT, isLoopback } from "./address";
import { Connection, Handler } from "./connection";
import { Acceptor, Listener } from "./listener";
import { REFUSED, UNREACHABLE } from "./reason";

export { Connection, Handler } from "./connection";
export { Acceptor, Listener } from "./listener";
export { CLOSED, REFUSED, RESET, TIMED_OUT, UNREACHABLE } from "./reason";

/** Listens at `port`, or a free one for 0; null when it is taken or not allowed. */
export function listen(port: u16, acceptor: Acceptor): Listener | null {
  return Listener.open(port, acceptor);
}

/** Connects to `address` (4 or 16 octets); `onOpen` or `onClose` follows. Null when it cannot even be tried. */
export function connect(address: Uint8Array, port: u16, handler: Handler): Connection | null {
  if (address.length != 4 && address.length != 16) return null;
  const connection = new Connection(<u16>nextPort, port);
  nextPort = nextPort == 65535 ? FIRST_FREE_PORT : nextPort + 1;
  connection.begin(handler);
  const listener = Listener.at(port);
  if (!isLoopback(address)) connection.lose(UNREACHABLE);
  else if (listener === null) connection.lose(REFUSED);
  else listener.add(connection);
  return connection;
}

let nextPort: i32 = FIRST_FREE_PORT;
