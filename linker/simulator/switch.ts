import type { Channel } from "./channel.ts";

/** Something that a channel leads to. */
export interface Endpoint {
  /** A frame arrives; it never changes. */
  receive(frame: Uint8Array): void;
  /** The channel for what it sends; set when it is joined to another end. */
  out: Channel | null;
}

/** A switch that learns which address is behind which port (IEEE 802.1D, 7.8), without delay of its own. */
export class Switch {
  readonly #ports: Port[] = [];
  readonly #known = new Map<number, Port>();

  /** A new port, to be joined to something. */
  port(): Endpoint {
    const port = new Port(this);
    this.#ports.push(port);
    return port;
  }

  /** For its ports: sends a frame on to where its destination was seen, or to all other ports. */
  forward(frame: Uint8Array, from: Port): void {
    if (frame.length < 14) return;
    const source = addressAt(frame, 6);
    if (!isGroup(frame[6]!)) this.#known.set(source, from);
    const to = isGroup(frame[0]!) ? undefined : this.#known.get(addressAt(frame, 0));
    if (to === from) return;
    if (to !== undefined) to.out?.send(frame);
    else for (const port of this.#ports) if (port !== from) port.out?.send(frame);
  }
}

class Port implements Endpoint {
  out: Channel | null = null;
  readonly #switch: Switch;

  constructor(owner: Switch) {
    this.#switch = owner;
  }

  receive(frame: Uint8Array): void {
    this.#switch.forward(frame, this);
  }
}

/** Six octets as one number, which 53 bits hold. */
export function addressAt(frame: Uint8Array, at: number): number {
  let address = 0;
  for (let index = at; index < at + 6; index++) address = address * 256 + frame[index]!;
  return address;
}

/** Whether the first octet of an address says that it is many stations' (IEEE 802, 8.2). */
function isGroup(first: number): boolean {
  return (first & 1) === 1;
}
