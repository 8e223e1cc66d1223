import { Image, type ImageParts, type Wish } from "../../linker/node-host/image.ts";
import { Store } from "./store.ts";

/** Handles begin where the runtime's do. */
const firstHandle = 64;

/** One end of an event channel that the image has. */
interface Port {
  readonly domain: number;
  /** What the other side does when it is notified. */
  told: () => void;
}

/** A page that the image has given to another domain. */
interface Grant {
  readonly domain: number;
  readonly address: number;
  /** The other domain has it mapped. */
  held: boolean;
}

/**
 * An image as a domain of a simulated Xen: docs/abi.md, channel and grant, with a xenstore that answers at once. Time stands still:
 * nothing happens but what a test does.
 */
export class Domain {
  readonly store = new Store();
  /** All that it printed. */
  printed = "";
  /** By port, which is the handle here. */
  readonly ports = new Map<number, Port>();
  /** By reference. */
  readonly grants = new Map<number, Grant>();
  #image: Image | null = null;
  #memory: () => Uint8Array = () => new Uint8Array();
  #pending = new Set<number>();
  #nextHandle = firstHandle;
  #nextReference = 8;
  wish: Wish = { kind: "wait" };

  /** @param prepare says what is in the store before the image starts */
  static async start(parts: ImageParts, prepare: (domain: Domain) => void): Promise<Domain> {
    const domain = new Domain();
    prepare(domain);
    const { image, wish } = await Image.load(parts, (memory) => domain.#modules(memory));
    domain.wish = wish;
    if (image !== null) {
      domain.#image = image;
      domain.wish = image.start(1n);
      domain.run();
    }
    return domain;
  }

  get memory(): DataView {
    const bytes = this.#memory();
    return new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  }

  bytes(address: number, length: number): Uint8Array {
    return this.#memory().subarray(address, address + length);
  }

  /** The other side of a channel notifies the image. */
  notify(port: number): void {
    this.#pending.add(port);
  }

  /** Lets the image deal with all that has happened, until it waits. */
  run(): void {
    for (let round = 0; ; round++) {
      if (round > 10_000) throw new Error("the image never rests");
      const due = this.wish.kind === "poll" && this.wish.deadline <= 1n;
      if (this.wish.kind === "end" || (this.#pending.size === 0 && !due)) return;
      const records = [...this.#pending].map((handle) => [handle, 1] as const);
      this.#pending.clear();
      this.wish = this.#image!.poll(1n, records);
    }
  }

  #open(port: Port): number {
    const handle = this.#nextHandle++;
    this.ports.set(handle, port);
    return handle;
  }

  #modules(memory: () => Uint8Array) {
    this.#memory = memory;
    const word = (address: number) => this.memory.getUint32(address, true);
    return {
      console: {
        write: (_stream: number, address: number, length: number) => {
          this.printed += Buffer.from(this.bytes(address, length)).toString();
        },
      },
      clock: { monotonic: () => 1n, wall: () => 0n },
      // The same numbers each time.
      random: {
        fill: (address: number, length: number) => this.bytes(address, length).fill(0x5a),
      },
      event: {
        exit: (status: number) => {
          throw new Error(`exit ${status}`);
        },
      },
      channel: {
        store: (address: number) => {
          const handle = this.#open({
            domain: 0,
            told: () => {
              if (this.store.serve(this.memory, address)) this.notify(handle);
            },
          });
          this.store.changed = () => this.ports.get(handle)?.told();
          return handle;
        },
        listen: (domain: number) => this.#open({ domain, told: () => {} }),
        connect: () => -3,
        port: (handle: number) => handle,
        notify: (handle: number) => this.ports.get(handle)?.told(),
        wait: (handle: number, _time: bigint) => {
          this.ports.get(handle)?.told();
          return this.#pending.delete(handle) ? 0 : -7;
        },
        close: (handle: number) => {
          this.ports.delete(handle);
        },
        load: (address: number) => word(address),
        publish: (address: number, value: number) =>
          this.memory.setUint32(address, value >>> 0, true),
      },
      grant: {
        give: (domain: number, address: number) => {
          if (address % 4096 !== 0) throw new Error(`a grant at ${address}`);
          this.grants.set(this.#nextReference, { domain, address, held: false });
          return this.#nextReference++;
        },
        revoke: (reference: number) => {
          if (this.grants.get(reference)?.held === true) return -5;
          return this.grants.delete(reference) ? 0 : -9;
        },
        map: () => -6,
        unmap: () => -9,
      },
    };
  }
}
