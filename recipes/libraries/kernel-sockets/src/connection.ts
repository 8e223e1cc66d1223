import * as event from "event";
import { WOULD_BLOCK } from "./errors";
import * as host from "./host/socket";
import { CLOSED, reasonOf } from "./reason";

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

/** A connection. The host keeps what was taken until the peer has it. */
export class Connection implements event.Watcher, event.Task {
  /** A read is to be tried: the host reported it, or the last one filled the buffer. */
  private readable: bool = false;
  /** `write` took less than offered, so that the handler waits to be told. */
  private blocked: bool = false;
  private paused: bool = false;
  /** The peer's end was told. */
  private ended: bool = false;
  private ourEnd: bool = false;
  private gone: bool = false;
  private deferred: bool = false;
  /** What `onClose` is to be told once the stack is unwound. */
  private reason: i32 = UNTOLD;

  /** @param open false while the host still connects */
  constructor(
    private handle: i32,
    private handler: Handler | null,
    private open: bool,
  ) {
    if (!open) event.watch(handle, this);
  }

  /** Tells `handler` from now on: what an acceptor has answered. */
  begin(handler: Handler): void {
    this.handler = handler;
    if (!this.gone) event.watch(this.handle, this);
  }

  /**
   * Takes bytes to send and says how many, from the front: fewer than offered when the send buffer is full, then
   * `onWritable` follows; 0 once closed. `data` is free again at once.
   */
  write(data: Uint8Array): i32 {
    if (this.gone || this.ourEnd || data.length == 0) return 0;
    if (this.blocked || !this.open) {
      this.blocked = true;
      return 0;
    }
    const taken = host.tcpWrite(this.handle, data.dataStart, data.length);
    if (taken == data.length) return taken;
    if (taken >= 0 || taken == WOULD_BLOCK) {
      this.blocked = true;
      return max(taken, 0);
    }
    // The handler is told after it has returned from what it does now.
    this.loseLater(reasonOf(taken));
    return 0;
  }

  /** Ends our side after all that was taken; the peer's side goes on. */
  shutdown(): void {
    if (this.gone || this.ourEnd) return;
    this.ourEnd = true;
    this.blocked = false;
    host.tcpShutdown(this.handle);
    if (this.ended) this.loseLater(CLOSED);
  }

  /** Ends both sides after all that was taken. No more data is told. */
  close(): void {
    if (!this.gone) this.loseLater(CLOSED);
  }

  /** Breaks the connection off. Nothing more is told. */
  abort(): void {
    this.handler = null;
    if (this.gone) return;
    this.gone = true;
    event.unwatch(this.handle);
    host.reset(this.handle);
  }

  /** Stops telling of data until `resume`; the peer is slowed down. */
  pause(): void {
    this.paused = true;
  }

  /** Tells of data again. */
  resume(): void {
    if (!this.paused) return;
    this.paused = false;
    if (this.readable) this.later();
  }

  /** The peer's address, 4 or 16 octets. */
  get remoteAddress(): Uint8Array {
    const octets = new Uint8Array(16);
    const length = this.gone ? 0 : host.peer(this.handle, octets.dataStart);
    return octets.slice(0, max(length, 0));
  }

  /** The peer's port. */
  get remotePort(): u16 {
    return this.gone ? 0 : <u16>host.peerPort(this.handle);
  }

  /** Our port. */
  get localPort(): u16 {
    return this.gone ? 0 : <u16>host.localPort(this.handle);
  }

  /** Flags are hints: what is really there is found by trying. */
  onReady(flags: u32): void {
    const handler = this.handler;
    if (handler === null) return;
    if (!this.open && (flags & event.WRITABLE) != 0 && (flags & event.HANGUP) == 0) {
      this.open = true;
      handler.onOpen(this);
    }
    if (this.open && this.blocked && (flags & event.WRITABLE) != 0) {
      this.blocked = false;
      handler.onWritable(this);
    }
    if ((flags & (event.READABLE | event.HANGUP)) != 0) {
      this.readable = true;
      this.read();
    }
  }

  run(): void {
    this.deferred = false;
    const handler = this.handler;
    if (this.gone) {
      this.handler = null;
      if (handler !== null && this.reason != UNTOLD) handler.onClose(this, this.reason);
    } else if (this.readable) {
      this.read();
    }
  }

  /** Reads what is there, up to a limit; the rest has its turn after the others. */
  private read(): void {
    for (let count = 0; count < READS_PER_ROUND; count++) {
      const handler = this.handler;
      if (handler === null || this.gone || this.paused || this.ended || !this.readable) return;
      const length = host.tcpRead(this.handle, received.dataStart, CAPACITY);
      if (length >= 0 && !this.open) {
        // Data or the end came together with the connection.
        this.open = true;
        handler.onOpen(this);
      }
      if (length > 0) {
        // The host reports the next bytes only after a read that was not filled (docs/abi.md, edges).
        if (length < CAPACITY) this.readable = false;
        handler.onData(this, received.subarray(0, length));
      } else if (length == 0) {
        this.readable = false;
        this.ended = true;
        handler.onEnd(this);
        if (this.ourEnd) this.loseLater(CLOSED);
      } else if (length == WOULD_BLOCK) {
        this.readable = false;
      } else {
        this.loseLater(reasonOf(length));
      }
    }
    if (this.readable) this.later();
  }

  /** Frees the handle now, tells the handler after this round. */
  private loseLater(reason: i32): void {
    if (this.gone) return;
    this.gone = true;
    this.reason = reason;
    event.unwatch(this.handle);
    host.close(this.handle);
    this.later();
  }

  private later(): void {
    if (this.deferred) return;
    this.deferred = true;
    event.defer(this);
  }
}

const READS_PER_ROUND: i32 = 4;
const CAPACITY: i32 = 65536;

/** `reason` while the connection is there. */
const UNTOLD: i32 = -1;

/** All connections receive into it; a handler copies what it keeps. */
const received: Uint8Array = new Uint8Array(CAPACITY);
