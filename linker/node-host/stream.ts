import { connect, type Socket } from "node:net";
import {
  CLOSED,
  DENIED,
  HANGUP,
  INVALID,
  READABLE,
  REFUSED,
  TIMED_OUT,
  UNREACHABLE,
  WOULD_BLOCK,
  WRITABLE,
} from "./abi.ts";

/** Bytes that are kept for the image before the peer is slowed down. */
const receiveLimit = 256 * 1024;

/** Bytes that Node may keep to send. */
const sendLimit = 256 * 1024;

/** A TCP connection, with the edges of docs/abi.md. */
export class Stream {
  onDropped = () => {};
  readonly #socket: Socket;
  readonly #tell: (flags: number) => void;
  readonly #received: Buffer[] = [];
  #receivedLength = 0;
  #open: boolean;
  #ended = false;
  /** Error result, once the connection is broken. */
  #failure: number | null = null;
  /** The image found nothing to read, or no room to write, since it was last told. */
  #wantsRead = true;
  #wantsWrite = true;

  private constructor(socket: Socket, open: boolean, tell: (flags: number) => void) {
    this.#socket = socket;
    this.#open = open;
    this.#tell = tell;
  }

  /** @param socket as `Listening` gave it: paused */
  static accepted(socket: Socket, tell: (flags: number) => void): Stream {
    return new Stream(socket, true, tell);
  }

  static connect(host: string, port: number, tell: (flags: number) => void): Stream | number {
    if (port < 1 || port > 65535) return INVALID;
    return new Stream(connect({ host, port, allowHalfOpen: true }), false, tell);
  }

  /** Listens to Node's events, once the handle is there to be told of. */
  begin(): void {
    const socket = this.#socket;
    socket.setNoDelay(true);
    socket.on("connect", () => {
      this.#open = true;
      this.#tellWritable(0);
    });
    socket.on("data", (data: Buffer) => {
      this.#received.push(data);
      this.#receivedLength += data.length;
      if (this.#receivedLength >= receiveLimit) socket.pause();
      this.#tellReadable(0);
    });
    socket.on("drain", () => this.#tellWritable(0));
    socket.on("end", () => {
      this.#ended = true;
      this.#tellReadable(HANGUP);
    });
    socket.on("error", (error: NodeJS.ErrnoException) => this.#fail(resultOf(error)));
    socket.on("close", () => {
      if (!this.#ended) this.#fail(CLOSED);
    });
    socket.resume();
  }

  read(target: Uint8Array): number {
    let length = 0;
    while (length < target.length) {
      const chunk = this.#received[0];
      if (chunk === undefined) break;
      const part = chunk.subarray(0, target.length - length);
      target.set(part, length);
      length += part.length;
      if (part.length === chunk.length) this.#received.shift();
      else this.#received[0] = chunk.subarray(part.length);
    }
    this.#receivedLength -= length;
    if (this.#receivedLength < receiveLimit) this.#socket.resume();
    if (length < target.length) this.#wantsRead = true;
    if (length > 0) {
      // The end follows the bytes: it has to be told again, because this read was short.
      if (length < target.length && (this.#ended || this.#failure !== null)) this.#tellReadable(0);
      return length;
    }
    if (this.#failure !== null) return this.#failure;
    return this.#ended ? 0 : WOULD_BLOCK;
  }

  write(data: Uint8Array): number {
    if (this.#failure !== null) return this.#failure;
    const room = this.#open ? sendLimit - this.#socket.writableLength : 0;
    const length = Math.max(0, Math.min(room, data.length));
    if (length < data.length) this.#wantsWrite = true;
    if (length === 0) return data.length === 0 ? 0 : WOULD_BLOCK;
    // Node keeps what it is given; the image's memory is the image's.
    this.#socket.write(Buffer.from(data.subarray(0, length)));
    return length;
  }

  shutdown(): void {
    this.#socket.end();
  }

  /** Sends what was taken, then the end. What still comes is thrown away. */
  close(): void {
    this.#socket.removeAllListeners("data").resume();
    this.#socket.end();
    this.#socket.once("end", () => this.#socket.destroy());
    this.onDropped();
    if (this.#ended) this.#socket.destroySoon();
  }

  reset(): void {
    this.#socket.resetAndDestroy();
    this.onDropped();
  }

  remote(): { readonly address: string; readonly port: number } | null {
    const { remoteAddress: address, remotePort: port } = this.#socket;
    return address === undefined || port === undefined ? null : { address, port };
  }

  localPort(): number {
    return this.#socket.localPort ?? INVALID;
  }

  #fail(result: number): void {
    if (this.#failure !== null) return;
    this.#failure = result;
    this.#wantsRead = true;
    this.#wantsWrite = true;
    this.#tell(READABLE | WRITABLE | HANGUP);
  }

  #tellReadable(more: number): void {
    if (!this.#wantsRead && more === 0) return;
    this.#wantsRead = false;
    this.#tell(READABLE | more);
  }

  #tellWritable(more: number): void {
    if (!this.#wantsWrite) return;
    this.#wantsWrite = false;
    this.#tell(WRITABLE | more);
  }
}

function resultOf(error: NodeJS.ErrnoException): number {
  switch (error.code ?? "") {
    case "ECONNREFUSED":
      return REFUSED;
    case "ENETUNREACH":
    case "EHOSTUNREACH":
    case "EADDRNOTAVAIL":
      return UNREACHABLE;
    case "EACCES":
    case "EPERM":
      return DENIED;
    case "ETIMEDOUT":
      return TIMED_OUT;
    default:
      return CLOSED;
  }
}
