import { buffer } from "config";
import * as event from "event";
import { localAddress } from "./address";
import { CLOSED, RESET } from "./reason";

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

/** One side of a connection. All is told in tasks of its own, never inside a call of the other side. */
export class Connection implements event.Task {
  isGone: bool = false;
  private handler: Handler | null = null;
  private peer: Connection | null = null;
  /** Bytes from the peer that are not told yet. */
  private received: Uint8Array = new Uint8Array(0);
  private length: i32 = 0;
  private opens: bool = false;
  private blocked: bool = false;
  private paused: bool = false;
  private ourEnd: bool = false;
  private peerEnd: bool = false;
  private endTold: bool = false;
  private reason: i32 = CLOSED;
  private deferred: bool = false;

  constructor(
    private ourPort: u16,
    private peerPort: u16,
  ) {}

  /** Takes bytes to send and says how many, as far as there is room on the way. */
  write(data: Uint8Array): i32 {
    if (this.isGone || this.ourEnd || data.length == 0) return 0;
    const peer = this.peer;
    if (peer === null) {
      this.blocked = true;
      return 0;
    }
    if (peer.isGone) {
      this.lose(RESET);
      return 0;
    }
    const taken = min(buffer - peer.length, data.length);
    if (taken < data.length) this.blocked = true;
    if (taken > 0) peer.receive(data.subarray(0, taken));
    return taken;
  }

  /** Ends our side after all that was taken; the peer's side goes on. */
  shutdown(): void {
    if (this.isGone || this.ourEnd) return;
    this.ourEnd = true;
    this.blocked = false;
    const peer = this.peer;
    if (peer !== null) peer.hearEnd();
    if (this.endTold) this.lose(CLOSED);
  }

  /** Ends both sides after all that was taken. No more data is told. */
  close(): void {
    if (this.isGone) return;
    this.shutdown();
    this.lose(CLOSED);
  }

  /** Breaks the connection off. Nothing more is told. */
  abort(): void {
    this.handler = null;
    if (this.isGone) return;
    this.isGone = true;
    const peer = this.peer;
    if (peer !== null) peer.lose(RESET);
  }

  /** Stops telling of data until `resume`; the peer is slowed down. */
  pause(): void {
    this.paused = true;
  }

  /** Tells of data again. */
  resume(): void {
    if (!this.paused) return;
    this.paused = false;
    this.later();
  }

  /** The peer's address, 4 or 16 octets. */
  get remoteAddress(): Uint8Array {
    return localAddress();
  }

  /** The peer's port. */
  get remotePort(): u16 {
    return this.peerPort;
  }

  /** Our port. */
  get localPort(): u16 {
    return this.ourPort;
  }

  /** Joins the sides: of a server's connection and of the client's that it is for. */
  join(client: Connection): void {
    this.peer = client;
    client.peer = this;
    client.opens = true;
    client.later();
  }

  /** Tells `handler` from now on. */
  begin(handler: Handler): void {
    this.handler = handler;
    this.later();
  }

  /** Ends it; the handler is told after this round. */
  lose(reason: i32): void {
    if (this.isGone) return;
    this.isGone = true;
    this.reason = reason;
    this.later();
  }

  run(): void {
    this.deferred = false;
    this.tellOpen();
    this.tellData();
    this.tellRoom();
    this.tellEnd();
    const handler = this.handler;
    if (!this.isGone || handler === null) return;
    this.handler = null;
    handler.onClose(this, this.reason);
  }

  private tellOpen(): void {
    const handler = this.handler;
    if (!this.opens || this.isGone || handler === null) return;
    this.opens = false;
    handler.onOpen(this);
  }

  private tellData(): void {
    const handler = this.handler;
    const length = this.length;
    if (this.isGone || this.paused || length == 0 || handler === null) return;
    handler.onData(this, this.received.subarray(0, length));
    // More may have come meanwhile.
    this.received.copyWithin(0, length, this.length);
    this.length -= length;
    const peer = this.peer;
    if (peer !== null && peer.blocked) peer.later();
    if (this.length > 0) this.later();
  }

  private tellRoom(): void {
    const handler = this.handler;
    const peer = this.peer;
    if (!this.blocked || this.isGone || peer === null || handler === null) return;
    if (peer.length >= buffer) return;
    this.blocked = false;
    handler.onWritable(this);
  }

  private tellEnd(): void {
    const handler = this.handler;
    if (!this.peerEnd || this.endTold || this.paused || this.length > 0) return;
    if (this.isGone || handler === null) return;
    this.endTold = true;
    handler.onEnd(this);
    if (this.ourEnd) this.lose(CLOSED);
  }

  private receive(data: Uint8Array): void {
    const length = this.length + data.length;
    if (length > this.received.length) {
      const larger = new Uint8Array(min(max(length, 2 * this.received.length), buffer));
      larger.set(this.received.subarray(0, this.length));
      this.received = larger;
    }
    this.received.set(data, this.length);
    this.length = length;
    this.later();
  }

  private hearEnd(): void {
    this.peerEnd = true;
    this.later();
  }

  private later(): void {
    if (this.deferred) return;
    this.deferred = true;
    event.defer(this);
  }
}
