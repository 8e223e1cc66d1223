import * as ethernet from "../ethernet/switch.ts";
import type { Channel } from "./channel.ts";

/** Something that a channel leads to. */
export interface Endpoint {
  /** A frame arrives; it never changes. */
  receive(frame: Uint8Array): void;
  /** The channel for what it sends; set when it is joined to another end. */
  out: Channel | null;
}

/** A switch whose ports are ends of channels. It forgets no station, and lets every flood pass. */
export class Switch {
  readonly #switch = new ethernet.Switch(ethernet.unlimited);

  /** A new port, to be joined to something. */
  port(): Endpoint {
    const endpoint: Endpoint = { out: null, receive: (frame) => port.receive(frame, 0) };
    const port = this.#switch.attach({ send: (frame) => endpoint.out?.send(frame) ?? true });
    return endpoint;
  }
}
