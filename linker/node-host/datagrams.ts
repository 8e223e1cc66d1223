import { createSocket, type Socket } from "node:dgram";
import { isIPv4 } from "node:net";
import { DENIED, IN_USE, INVALID, READABLE, WOULD_BLOCK } from "./abi.ts";

/** Datagrams that are kept for the image; more are lost, as is UDP's way. */
const receiveLimit = 1024;

interface Datagram {
  readonly data: Buffer;
  readonly address: string;
  readonly port: number;
}

/** A bound UDP socket, for IPv4 and IPv6. */
export class Datagrams {
  onDropped = () => {};
  readonly #socket: Socket;
  readonly #tell: (flags: number) => void;
  readonly #waiting: Datagram[] = [];
  #last: Datagram | null = null;
  #wantsRead = true;

  private constructor(socket: Socket, tell: (flags: number) => void) {
    this.#socket = socket;
    this.#tell = tell;
  }

  static open(port: number, tell: (flags: number) => void): Datagrams | number {
    if (port < 0 || port > 65535) return INVALID;
    const socket = createSocket({
      type: "udp6",
      // Addresses are numbers already: an answer at once makes bind and its error synchronous.
      lookup: (host, _options, callback) => callback(null, host, 6),
    });
    let failure: number | null = null;
    socket.on("error", (error: NodeJS.ErrnoException) => {
      failure = error.code === "EACCES" ? DENIED : error.code === "EADDRINUSE" ? IN_USE : INVALID;
    });
    socket.bind({ port, address: "::", exclusive: true });
    return failure ?? new Datagrams(socket, tell);
  }

  begin(): void {
    this.#socket.on("message", (data, { address, port }) => {
      if (this.#waiting.length >= receiveLimit) return;
      this.#waiting.push({ data, address, port });
      if (!this.#wantsRead) return;
      this.#wantsRead = false;
      this.#tell(READABLE);
    });
  }

  receive(target: Uint8Array): number {
    const datagram = this.#waiting.shift();
    if (datagram === undefined) {
      this.#wantsRead = true;
      return WOULD_BLOCK;
    }
    this.#last = datagram;
    const data = datagram.data.subarray(0, target.length);
    target.set(data);
    return data.length;
  }

  send(address: string, port: number, data: Uint8Array): number {
    if (port < 1 || port > 65535) return INVALID;
    const mapped = isIPv4(address) ? `::ffff:${address}` : address;
    // What goes wrong from here on is lost, as on the wire.
    this.#socket.send(Buffer.from(data), port, mapped, () => {});
    return data.length;
  }

  close(): void {
    this.#socket.close();
    this.onDropped();
  }

  remote(): { readonly address: string; readonly port: number } | null {
    return this.#last;
  }

  localPort(): number {
    return this.#socket.address().port;
  }
}
