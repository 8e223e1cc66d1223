import { connect, type Socket } from "node:net";
import { FrameReader } from "../ethernet/framing.ts";
import { StreamOutlet } from "./stream.ts";

/** The other end of a switch's stream: how a program of ours is on a network. */
export class Cable {
  /** Called for every frame that comes; it never changes. */
  onFrame: (frame: Uint8Array) => void = () => {};
  /** Called once, when the switch has gone. */
  onEnd: () => void = () => {};
  readonly #socket: Socket;
  readonly #outlet: StreamOutlet;

  private constructor(socket: Socket) {
    this.#socket = socket;
    this.#outlet = new StreamOutlet(socket);
    const reader = new FrameReader();
    socket.on("data", (chunk) => {
      if (!reader.push(chunk, (frame) => this.onFrame(frame.slice()))) socket.destroy();
    });
    socket.on("error", () => {});
    socket.on("close", () => this.onEnd());
  }

  /** Joins the switch at a Unix socket (a path with a slash in it), or at HOST:PORT. Rejects when there is none. */
  static join(where: string): Promise<Cable> {
    const [, bracketed, plain, port] = /^(?:\[([^\]]+)\]|([^:/]*)):(\d+)$/.exec(where) ?? [];
    const socket =
      port === undefined
        ? connect({ path: where })
        : connect({ host: bracketed ?? plain ?? "", port: Number(port), noDelay: true });
    return new Promise((resolve, reject) => {
      socket.once("error", reject);
      socket.once("connect", () => {
        socket.off("error", reject);
        resolve(new Cable(socket));
      });
    });
  }

  /** Sends a frame, which is free again at once; false when it is lost. */
  send(frame: Uint8Array): boolean {
    return this.#outlet.send(frame);
  }

  close(): void {
    this.onEnd = () => {};
    this.#socket.destroy();
  }
}
