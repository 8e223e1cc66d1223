import * as tcp from "tcp";
import { Sha256 } from "./sha256";

/** One request of HTTP/1.1, answered as `main` says; the connection ends with the answer. */
export class Exchange implements tcp.Handler {
  private head: string = "";
  private isHead: bool = true;
  /** Octets of the request that are still to come. */
  private due: u64 = 0;
  private isSummed: bool = false;
  private sum: Sha256 = new Sha256();
  private sent: u64 = 0;
  private total: u64 = 0;
  private rest: Uint8Array = new Uint8Array(0);

  onOpen(connection: tcp.Connection): void {}

  onData(connection: tcp.Connection, data: Uint8Array): void {
    let from = 0;
    while (this.isHead && from < data.length) {
      this.head += String.fromCharCode(data[from++]);
      if (this.head.endsWith("\r\n\r\n")) this.begin(connection);
    }
    if (this.isHead || from == data.length) return;
    const body = data.subarray(from);
    if (this.isSummed) this.sum.add(body);
    this.due -= body.length;
    if (this.due == 0) this.answer(connection);
  }

  onWritable(connection: tcp.Connection): void {
    if (this.rest.length > 0) this.rest = this.rest.subarray(connection.write(this.rest));
    if (this.rest.length > 0) return;
    while (this.sent < this.total) {
      const at = <i32>(this.sent % PERIOD);
      const length = <i32>min<u64>(this.total - this.sent, PERIOD - at);
      const taken = connection.write(stream.subarray(at, at + length));
      this.sent += taken;
      if (taken < length) return;
    }
    connection.close();
  }

  onEnd(connection: tcp.Connection): void {}
  onClose(connection: tcp.Connection, reason: i32): void {}

  private begin(connection: tcp.Connection): void {
    this.isHead = false;
    const lines = this.head.split("\r\n");
    const words = lines[0].split(" ");
    if (words[0] == "GET") {
      this.total = U64.parseInt(words[1].slice(1));
      this.write(
        connection,
        `HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: ${this.total}\r\n\r\n`,
      );
      return;
    }
    this.isSummed = words[0] == "PUT";
    for (let index = 1; index < lines.length; index++) {
      const colon = lines[index].indexOf(":");
      if (colon < 0 || lines[index].slice(0, colon).toLowerCase() != "content-length") continue;
      this.due = U64.parseInt(lines[index].slice(colon + 1).trim());
    }
    if (this.due == 0) this.answer(connection);
  }

  private answer(connection: tcp.Connection): void {
    const sum = this.sum.end();
    this.write(
      connection,
      `HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: ${sum.length}\r\n\r\n${sum}`,
    );
  }

  private write(connection: tcp.Connection, text: string): void {
    this.rest = Uint8Array.wrap(String.UTF8.encode(text));
    this.onWritable(connection);
  }
}

/** A prime, so that a piece that is lost or doubled is seen whatever its size. */
const PERIOD: i32 = 65521;

/** The octets that are sent, again and again: of the generator of Numerical Recipes, the third octet each. */
const stream: Uint8Array = makeStream();

function makeStream(): Uint8Array {
  const octets = new Uint8Array(PERIOD);
  let state: u32 = 1;
  for (let index = 0; index < PERIOD; index++) {
    state = state * 1664525 + 1013904223;
    octets[index] = <u8>(state >> 16);
  }
  return octets;
}
