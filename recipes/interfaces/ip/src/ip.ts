/** Trouble of `onTrouble`: there is no way there, which may pass. */
export declare const UNREACHABLE: i32;

/** Trouble: nobody takes the protocol there. */
export declare const REFUSED: i32;

/** Trouble: a filter on the way does not let it pass. */
export declare const PROHIBITED: i32;

/** Trouble: it went through too many routers. */
export declare const EXPIRED: i32;

/** Trouble: it is larger than the path takes. */
export declare const TOO_BIG: i32;

/** What is told of a protocol. */
export interface Handler {
  /**
   * A packet of the protocol came for us. `source` and `destination` have 4 or 16 octets; `data` is what follows the
   * headers of IP, put together if it came in fragments. All are valid during the call only. What the protocol has of
   * checksums is its own affair.
   */
  onPacket(socket: Socket, source: Uint8Array, destination: Uint8Array, data: Uint8Array): void;

  /**
   * ICMP says that a packet of ours did not arrive at `destination`. `data` is the beginning of what was sent, eight octets
   * or more; with `destination` it is valid during the call only. Anybody may have made it up.
   */
  onTrouble(socket: Socket, destination: Uint8Array, trouble: i32, data: Uint8Array): void;
}

/** Who is told of our addresses. */
export interface AddressWatcher {
  /** An address was added, or is gone. */
  onAddresses(): void;
}

/** A protocol that is taken. */
export declare class Socket {
  /**
   * Sends one packet to an address of 4 or 16 octets, in fragments if it must be; false when it was not taken (no room, no
   * address of ours, no route, too long). Never retried.
   */
  send(destination: Uint8Array, data: Uint8Array): bool;

  /** Gives the protocol back. Nothing is told any more. */
  close(): void;

  /** Its number. */
  get protocol(): u8;
}

/** Takes the protocol of that number, of both families; null when it is taken, or one of IP's own. */
export declare function open(protocol: u8, handler: Handler): Socket | null;

/** Our addresses, each of 4 or 16 octets; none until there are some. */
export declare function addresses(): Uint8Array[];

/** Our address for packets to `destination`, which a checksum may be over (RFC 8200, section 8.1); null when there is none. */
export declare function sourceFor(destination: Uint8Array): Uint8Array | null;

/** Tells `watcher` of every change of our addresses from now on. */
export declare function watch(watcher: AddressWatcher): void;
