/** What is told of a socket. */
export interface Handler {
  /** A datagram came. `address` has 4 or 16 octets; `data` and `address` are valid during the call only. */
  onDatagram(socket: Socket, address: Uint8Array, port: u16, data: Uint8Array): void;
}

/** A bound socket. */
export declare class Socket {
  /** Sends one datagram; false when it was not taken (no room, no route, too long). Never retried, as is UDP's way. */
  send(address: Uint8Array, port: u16, data: Uint8Array): bool;

  /** Unbinds. Nothing is told any more. */
  close(): void;

  /** The local port. */
  get port(): u16;
}

/** Binds `port`, or a free one for 0; null when it is taken or not allowed. */
export declare function bind(port: u16, handler: Handler): Socket | null;
