import { log } from "console";
import * as udp from "udp";

/** Sends back every datagram that comes to port 7 (RFC 862). */
export function main(): void {
  log(`echo: ${udp.bind(7, new Echo()) !== null ? "ready" : "not possible"}`);
}

class Echo implements udp.Handler {
  onDatagram(socket: udp.Socket, address: Uint8Array, port: u16, data: Uint8Array): void {
    socket.send(address, port, data);
  }
}
