/** Reason of `onClose`: both sides ended as they should. */
export declare const CLOSED: i32;

/** Reason: the peer broke the connection off. */
export declare const RESET: i32;

/** Reason: nobody listens at that port. */
export declare const REFUSED: i32;

/** Reason: there is no way there. */
export declare const UNREACHABLE: i32;

/** Reason: the peer does not answer. */
export declare const TIMED_OUT: i32;

/** What is told of a connection. */
export interface Handler {
  /** A connection asked for by `connect` is there. */
  onOpen(connection: Connection): void;

  /** Bytes came. `data` is valid during the call only; what is needed longer is copied. */
  onData(connection: Connection, data: Uint8Array): void;

  /** After `write` took less than offered: there is room again. */
  onWritable(connection: Connection): void;

  /** The peer will send no more. It may still read: `close` when all is written. */
  onEnd(connection: Connection): void;

  /** The connection is gone, for one of the reasons above. Told once, and last; also after `close`, not after `abort`. */
  onClose(connection: Connection, reason: i32): void;
}

/** What is told of a listener. */
export interface Acceptor {
  /** A connection came. Answer with its handler, or null to break it off. */
  onAccept(connection: Connection): Handler | null;
}

/** A connection. */
export declare class Connection {
  /**
   * Takes bytes to send and says how many, from the front: fewer than offered when the send buffer is full, then
   * `onWritable` follows; 0 once closed. `data` is free again at once.
   */
  write(data: Uint8Array): i32;

  /** Ends our side after all that was taken; the peer's side goes on. */
  shutdown(): void;

  /** Ends both sides after all that was taken. No more data is told. */
  close(): void;

  /** Breaks the connection off. Nothing more is told. */
  abort(): void;

  /** Stops telling of data until `resume`; the peer is slowed down. */
  pause(): void;

  /** Tells of data again. */
  resume(): void;

  /** The peer's address, 4 or 16 octets. */
  get remoteAddress(): Uint8Array;

  /** The peer's port. */
  get remotePort(): u16;

  /** Our port. */
  get localPort(): u16;
}

/** A listening port. */
export declare class Listener {
  /** Accepts no more; connections that are open stay. */
  close(): void;

  /** The local port. */
  get port(): u16;
}

/** Listens at `port`, or a free one for 0; null when it is taken or not allowed. */
export declare function listen(port: u16, acceptor: Acceptor): Listener | null;

/** Connects to `address` (4 or 16 octets); `onOpen` or `onClose` follows. Null when it cannot even be tried. */
export declare function connect(
  address: Uint8Array,
  port: u16,
  handler: Handler,
): Connection | null;
