import { port, stays } from "config";
import { log } from "console";
import * as tcp from "tcp";
import * as udp from "udp";
import { EchoAcceptor } from "./echo";

export function main(): void {
  listener = tcp.listen(port, new EchoAcceptor());
  log(`listens ${listener !== null} again ${tcp.listen(port, new EchoAcceptor()) !== null}`);
  tcp.connect(local(), port, new Client());
  tcp.connect(local(), 1, new Refused());
  server = udp.bind(port, new Mirror());
  const socket = udp.bind(0, new Asker());
  if (socket !== null) socket.send(local(), port, text("a datagram"));
}

let listener: tcp.Listener | null = null;
let server: udp.Socket | null = null;

export function text(content: string): Uint8Array {
  return Uint8Array.wrap(String.UTF8.encode(content));
}

function local(): Uint8Array {
  const address = new Uint8Array(4);
  address[0] = 127;
  address[3] = 1;
  return address;
}

/** Sends 300,000 bytes as fast as they are taken, pauses in between, and checks what comes back. */
class Client implements tcp.Handler {
  private sent: i32 = 0;
  private received: i32 = 0;
  private isRight: bool = true;
  private chunk: Uint8Array = new Uint8Array(10007);

  onOpen(connection: tcp.Connection): void {
    log(`open to ${connection.remotePort}`);
    this.onWritable(connection);
  }

  onWritable(connection: tcp.Connection): void {
    while (this.sent < TOTAL) {
      const length = min(this.chunk.length, TOTAL - this.sent);
      for (let index = 0; index < length; index++) this.chunk[index] = <u8>(this.sent + index);
      const taken = connection.write(this.chunk.subarray(0, length));
      this.sent += taken;
      if (taken < length) return;
    }
    connection.shutdown();
  }

  onData(connection: tcp.Connection, data: Uint8Array): void {
    for (let index = 0; index < data.length; index++) {
      if (data[index] != <u8>(this.received + index)) this.isRight = false;
    }
    this.received += data.length;
    connection.pause();
    connection.resume();
  }

  onEnd(connection: tcp.Connection): void {
    log(`echoed ${this.received} ${this.isRight ? "rightly" : "wrongly"}`);
  }

  onClose(connection: tcp.Connection, reason: i32): void {
    log(`client gone ${reason == tcp.CLOSED}`);
    const open = listener;
    if (!stays && open !== null) open.close();
  }
}

class Refused implements tcp.Handler {
  onOpen(connection: tcp.Connection): void {
    log("must not open");
  }

  onWritable(connection: tcp.Connection): void {}
  onData(connection: tcp.Connection, data: Uint8Array): void {}
  onEnd(connection: tcp.Connection): void {}

  onClose(connection: tcp.Connection, reason: i32): void {
    log(`refused ${reason == tcp.REFUSED}`);
  }
}

class Mirror implements udp.Handler {
  onDatagram(socket: udp.Socket, address: Uint8Array, port: u16, data: Uint8Array): void {
    socket.send(address, port, data);
  }
}

class Asker implements udp.Handler {
  onDatagram(socket: udp.Socket, address: Uint8Array, from: u16, data: Uint8Array): void {
    const answer = String.UTF8.decode(data.slice().buffer);
    log(`udp ${answer} from ${address.join(".")} ${from == port}`);
    socket.close();
    const bound = server;
    if (!stays && bound !== null) bound.close();
  }
}

const TOTAL: i32 = 300000;
