import { createServer, type Server, type Socket } from "node:net";
import { DENIED, IN_USE, INVALID, READABLE, WOULD_BLOCK } from "./abi.ts";

/** A TCP port that accepts connections. */
export class Listening {
  onDropped = () => {};
  readonly #server: Server;
  readonly #tell: (flags: number) => void;
  readonly #waiting: Socket[] = [];
  #wantsAccept = true;

  private constructor(server: Server, tell: (flags: number) => void) {
    this.#server = server;
    this.#tell = tell;
  }

  static open(port: number, backlog: number, tell: (flags: number) => void): Listening | number {
    if (port < 0 || port > 65535) return INVALID;
    const server = createServer({ allowHalfOpen: true, pauseOnConnect: true });
    // Its error comes with the next tick; whether the port was had is known at once.
    server.on("error", () => {});
    server.listen({ port, backlog });
    if (server.address() === null) {
      return port > 0 && port < 1024 && process.getuid?.() !== 0 ? DENIED : IN_USE;
    }
    return new Listening(server, tell);
  }

  begin(): void {
    this.#server.on("connection", (socket) => {
      this.#waiting.push(socket);
      if (!this.#wantsAccept) return;
      this.#wantsAccept = false;
      this.#tell(READABLE);
    });
  }

  accept(): Socket | number {
    const socket = this.#waiting.shift();
    if (socket !== undefined) return socket;
    this.#wantsAccept = true;
    return WOULD_BLOCK;
  }

  close(): void {
    this.#server.close();
    for (const socket of this.#waiting) socket.resetAndDestroy();
    this.onDropped();
  }

  remote(): null {
    return null;
  }

  localPort(): number {
    const address = this.#server.address();
    return typeof address === "object" && address !== null ? address.port : INVALID;
  }
}
