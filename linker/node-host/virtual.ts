import type { HostModule } from "./abi.ts";
import { clockModule } from "./clock.ts";
import { consoleModule } from "./console.ts";
import { eventModule } from "./event.ts";
import { Image, type ImageParts, type Wish } from "./image.ts";
import { randomModule } from "./random.ts";
import { Ready } from "./ready.ts";
import { type VirtualPeer, VirtualSockets } from "./virtual-socket.ts";

export interface VirtualOptions {
  /** The time of day at virtual time 0, in nanoseconds since 1970; 0 for a host that does not know it. */
  readonly wall?: bigint;
  /** Bytes that a connection takes before the peer has had them. */
  readonly sendBuffer?: number;
}

/**
 * A host without a clock, a kernel or chance: time goes on when the test says so, peers are in memory and act by
 * script. The same calls give the same bytes, every time.
 */
export class VirtualHost {
  /** Monotonic time in nanoseconds. */
  now = 1_000_000_000n;
  /** What the image printed, both streams. */
  printed = "";
  /** How often the image was polled. */
  polls = 0;
  #image: Image | null = null;
  #wish: Wish = { kind: "wait" };
  readonly #ready = new Ready(() => {});
  #sockets: VirtualSockets | null = null;
  #random = 1;

  private constructor() {}

  /** Loads and starts an image, and runs it until it waits. */
  static async start(parts: ImageParts, options: VirtualOptions = {}): Promise<VirtualHost> {
    const host = new VirtualHost();
    const { wall = 0n, sendBuffer = 65536 } = options;
    const { image, wish } = await Image.load(parts, (memory): Record<string, HostModule> => {
      const sockets = new VirtualSockets(memory, host.#ready, sendBuffer);
      host.#sockets = sockets;
      return {
        clock: clockModule({
          monotonic: () => host.now,
          wall: () => (wall === 0n ? 0n : wall + host.now - 1_000_000_000n),
        }),
        console: consoleModule(memory, (_stream, bytes) => {
          host.printed += Buffer.from(bytes).toString();
        }),
        event: eventModule(),
        random: randomModule(memory, (bytes) => host.#fill(bytes)),
        socket: sockets.module(),
      };
    });
    host.#image = image;
    host.#wish = image === null ? wish : image.start(host.now);
    host.settle();
    return host;
  }

  /** The status, once the image has ended; null before. */
  get status(): number | null {
    return this.#wish.kind === "end" ? this.#wish.status : null;
  }

  /** Why it ended against its will. */
  get trap(): string | null {
    return this.#wish.kind === "end" ? this.#wish.message : null;
  }

  /** When the image wants to be polled next; null for when something happens only. */
  get deadline(): bigint | null {
    return this.#wish.kind === "poll" ? this.#wish.deadline : null;
  }

  get memorySize(): number {
    return this.#image?.memorySize ?? 0;
  }

  /** Handles that the image has open. */
  get openHandles(): number {
    return this.#sockets!.count;
  }

  /** A client that connects to a port of the image. Nothing happens before `settle`. */
  connect(port: number): VirtualPeer {
    return this.#sockets!.connect(port);
  }

  /** The peer of the next connection that the image opens to this port, which is refused without one. */
  expectConnection(port: number): VirtualPeer {
    return this.#sockets!.expectConnection(port);
  }

  /** A datagram for a port of the image; lost when nobody has bound it. */
  datagram(to: number, from: { address: Uint8Array; port: number }, data: Uint8Array): void {
    this.#sockets!.datagram(to, from, data);
  }

  /** Datagrams that the image sent. */
  get datagrams(): readonly {
    from: number;
    address: Uint8Array;
    port: number;
    data: Uint8Array;
  }[] {
    return this.#sockets!.sent;
  }

  /** Lets everything happen that happens without time going on. */
  settle(): void {
    while (this.#wish.kind !== "end") {
      this.#sockets!.step();
      const isDue = this.#wish.kind === "poll" && this.#wish.deadline <= this.now;
      if (this.#ready.isEmpty && !isDue) return;
      this.polls++;
      if (this.polls > pollLimit) throw new Error("the image does not come to rest");
      this.#wish = this.#image!.poll(this.now, this.#ready.take());
    }
  }

  /** Lets time go on by milliseconds, with a poll at every deadline on the way. */
  advance(milliseconds: number): void {
    const end = this.now + BigInt(milliseconds) * 1_000_000n;
    this.settle();
    while (this.#wish.kind === "poll" && this.#wish.deadline <= end) {
      this.now = this.#wish.deadline;
      this.settle();
    }
    this.now = end;
    this.settle();
  }

  /** Bytes of a xorshift generator (G. Marsaglia, 2003): the same ones every time. */
  #fill(bytes: Uint8Array): void {
    for (let index = 0; index < bytes.length; index++) {
      this.#random ^= this.#random << 13;
      this.#random ^= this.#random >>> 17;
      this.#random ^= this.#random << 5;
      bytes[index] = this.#random & 0xff;
    }
  }
}

/** More polls than any test needs: a loop without end is found. */
const pollLimit = 50_000_000;
