import { addressOf, setView } from "dns-wire";
import * as udp from "udp";
import { Handler, Query, Stream, Transport } from "./query";

/** Queries over UDP: one datagram, one message. */
export class Datagrams implements udp.Handler {
  private readonly peer: Peer = new Peer();
  private readonly query: Query = new Query(null);

  constructor(private readonly handler: Handler) {}

  onDatagram(socket: udp.Socket, address: Uint8Array, port: u16, data: Uint8Array): void {
    this.peer.set(socket, address, port);
    this.query.read(addressOf(data), data.length, address, this.peer, false, this.handler);
  }
}

/** Who sent a datagram. */
class Peer implements Transport {
  private socket: udp.Socket | null = null;
  private address: Uint8Array = nothing;
  private port: u16 = 0;

  set(socket: udp.Socket, address: Uint8Array, port: u16): void {
    this.socket = socket;
    this.address = address;
    this.port = port;
  }

  send(at: usize, length: i32): bool {
    setView(message, at, length);
    return this.socket!.send(this.address, this.port, message);
  }

  kept(): Transport {
    const peer = new Peer();
    peer.set(this.socket!, this.address.slice(), this.port);
    return peer;
  }

  stream(query: Query, source: Stream): bool {
    return false;
  }
}

const nothing: Uint8Array = new Uint8Array(0);
const message: Uint8Array = new Uint8Array(0);
