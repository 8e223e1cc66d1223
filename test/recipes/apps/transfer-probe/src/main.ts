import { log } from "console";
import * as tcp from "tcp";
import * as udp from "udp";
import { Exchange } from "./exchange";

/**
 * The other end of transfers that a test makes with curl. Port 80: `GET /N` has N octets of a known stream for an
 * answer, `PUT` the SHA-256 of what was sent; `POST` only takes it. UDP port 7: every datagram comes back.
 */
export function main(): void {
  const listens = tcp.listen(80, new Acceptor()) !== null;
  const echoes = udp.bind(7, new Echo()) !== null;
  log(`transfer-probe: ${listens && echoes ? "ready" : "no ports"}`);
}

class Acceptor implements tcp.Acceptor {
  onAccept(connection: tcp.Connection): tcp.Handler | null {
    return new Exchange();
  }
}

class Echo implements udp.Handler {
  onDatagram(socket: udp.Socket, address: Uint8Array, port: u16, data: Uint8Array): void {
    socket.send(address, port, data);
  }
}
