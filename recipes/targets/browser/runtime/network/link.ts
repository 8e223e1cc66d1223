/** Milliseconds between attempts: twice as long after each that failed. */
const firstPause = 500;
const longestPause = 15_000;

/** Octets that wait for a slow link; what comes then is lost, as in any switch whose queue is full. */
const queue = 4 << 20;

export interface LinkListener {
  receive(frame: Uint8Array): void;
  /** At the start and whenever it comes up or goes down. */
  changed(isUp: boolean): void;
}

/** A cable to `unipkg switch`: a WebSocket (RFC 6455) with a frame in each message. It comes up again by itself. */
export class Link {
  readonly #address: string;
  readonly #listener: LinkListener;
  #socket: WebSocket | null = null;
  #pause = firstPause;
  #timer: ReturnType<typeof setTimeout> | undefined;

  constructor(address: string, listener: LinkListener) {
    this.#address = address;
    this.#listener = listener;
    listener.changed(false);
    this.#connect();
  }

  /** Sends a frame, or loses it: while the link is down, or when too much waits. */
  send(frame: Uint8Array<ArrayBuffer>): void {
    const socket = this.#socket;
    if (socket?.readyState !== WebSocket.OPEN || socket.bufferedAmount > queue) return;
    socket.send(frame);
  }

  close(): void {
    clearTimeout(this.#timer);
    const socket = this.#socket;
    this.#socket = null;
    socket?.close();
  }

  #connect(): void {
    const socket = new WebSocket(this.#address);
    this.#socket = socket;
    socket.binaryType = "arraybuffer";
    socket.onopen = () => {
      if (socket !== this.#socket) return;
      this.#pause = firstPause;
      this.#listener.changed(true);
    };
    socket.onmessage = ({ data }: MessageEvent<unknown>) => {
      if (socket === this.#socket && data instanceof ArrayBuffer) {
        this.#listener.receive(new Uint8Array(data));
      }
    };
    // An attempt that fails ends in this, too.
    socket.onclose = () => {
      if (socket !== this.#socket) return;
      this.#listener.changed(false);
      this.#timer = setTimeout(() => this.#connect(), this.#pause);
      this.#pause = Math.min(this.#pause * 2, longestPause);
    };
  }
}
