import { connections, idleTimeout, pipelined } from "config";
import { addressOf, copy, get16, put16, setView } from "dns-wire";
import * as event from "event";
import * as tcp from "tcp";
import * as timer from "timer";
import { Handler, Query, Stream, Transport } from "./query";

/** Accepts the connections of one port. */
export class Acceptor implements tcp.Acceptor {
  private count: i32 = 0;

  constructor(readonly handler: Handler) {}

  onAccept(connection: tcp.Connection): tcp.Handler | null {
    if (this.count >= connections) return null;
    this.count++;
    return new Connection(this, connection);
  }

  onGone(): void {
    this.count--;
  }
}

/**
 * Queries over TCP (RFC 7766): messages with their length in two octets before them, many in one connection. They are
 * read one after another; a kept query's answer may overtake (RFC 7766, 6.2.1.1). What the peer does not read stops the
 * reading of more, so that a connection holds one answer, and what came in one piece, at most.
 */
class Connection implements tcp.Handler, timer.Handler, Transport {
  private readonly query: Query = new Query(null);
  private readonly address: Uint8Array;
  /** What came and is not read yet: a part of a message, or messages that wait for room. */
  private input: Uint8Array = nothing;
  /** What the connection did not take yet. */
  private output: Uint8Array = nothing;
  /** Kept queries that are not answered yet. */
  private waiting: i32 = 0;
  private streamed: Query | null = null;
  private source: Stream | null = null;
  /** The peer sends no more. */
  private ended: bool = false;
  private gone: bool = false;
  /** When something whole came or went last. */
  private active: u64 = event.now();
  private idle: timer.Timer | null = null;

  constructor(
    private readonly acceptor: Acceptor,
    private readonly connection: tcp.Connection,
  ) {
    this.address = connection.remoteAddress;
    this.idle = timer.after(TIMEOUT, this);
  }

  onOpen(connection: tcp.Connection): void {}

  onData(connection: tcp.Connection, data: Uint8Array): void {
    if (this.input.length > 0) {
      const joined = new Uint8Array(this.input.length + data.length);
      joined.set(this.input);
      joined.set(data, this.input.length);
      this.input = nothing;
      this.read(joined, true);
    } else {
      this.read(data, false);
    }
  }

  onWritable(connection: tcp.Connection): void {
    const taken = connection.write(this.output);
    if (taken > 0) this.active = event.now();
    this.output = taken == this.output.length ? nothing : this.output.subarray(taken);
    if (this.output.length == 0) this.goOn();
  }

  onEnd(connection: tcp.Connection): void {
    this.ended = true;
    this.closeIfDone();
  }

  onClose(connection: tcp.Connection, reason: i32): void {
    this.leave();
  }

  /** Sends a message with its length before it. */
  send(at: usize, length: i32): bool {
    if (this.gone) return false;
    this.active = event.now();
    put16(at - 2, <u32>length);
    setView(message, at - 2, length + 2);
    const taken = this.output.length > 0 ? 0 : this.connection.write(message);
    if (taken == length + 2) return true;
    const left = new Uint8Array(this.output.length + length + 2 - taken);
    left.set(this.output);
    copy(addressOf(left) + this.output.length, at - 2 + taken, length + 2 - taken);
    this.output = left;
    return true;
  }

  kept(): Transport {
    this.waiting++;
    return new Kept(this);
  }

  /** A kept query was answered. */
  answered(): void {
    this.waiting--;
    if (!this.gone) this.goOn();
  }

  stream(query: Query, source: Stream): bool {
    if (this.source !== null) return false;
    this.streamed = query.copyFor(this);
    this.source = source;
    return true;
  }

  /** RFC 7766, 6.2.3: a connection without queries is closed, and so is one whose peer does not read. */
  onTimer(expired: timer.Timer): void {
    if (this.gone) return;
    const due = this.active + TIMEOUT;
    if (due > event.now()) {
      this.idle = timer.after(due - event.now(), this);
      return;
    }
    if (this.output.length > 0) {
      this.connection.abort();
      this.leave();
    } else {
      this.connection.close();
    }
  }

  /** Whether it is no time for another query. */
  private get isFull(): bool {
    return this.output.length > 0 || this.waiting >= pipelined || this.source !== null;
  }

  /** Reads the messages of `data`; the rest waits as `input`. */
  private read(data: Uint8Array, isOwn: bool): void {
    let position = 0;
    while (!this.gone && !this.isFull && position + 2 <= data.length) {
      const length = <i32>get16(addressOf(data) + position);
      if (position + 2 + length > data.length) break;
      this.active = event.now();
      const at = addressOf(data) + position + 2;
      this.query.read(at, length, this.address, this, true, this.acceptor.handler);
      position += 2 + length;
      this.pull();
    }
    if (this.gone) return;
    if (position == data.length) this.input = nothing;
    else this.input = position == 0 && isOwn ? data : data.slice(position);
    if (this.isFull) this.connection.pause();
    this.closeIfDone();
  }

  /** There is room again. */
  private goOn(): void {
    this.pull();
    if (this.isFull) return;
    this.connection.resume();
    const input = this.input;
    this.input = nothing;
    this.read(input, true);
  }

  /** Has the stream write while there is room. */
  private pull(): void {
    while (!this.gone && this.output.length == 0) {
      const source = this.source;
      if (source === null || source.onRoom(this.streamed!)) {
        if (source === null) return;
        continue;
      }
      this.source = null;
      this.streamed = null;
    }
  }

  private closeIfDone(): void {
    if (!this.ended || this.output.length > 0 || this.waiting > 0 || this.gone) return;
    if (this.source === null && !this.hasWhole()) this.connection.close();
  }

  /** Whether a whole message waits. */
  private hasWhole(): bool {
    const input = this.input;
    return input.length >= 2 && input.length >= 2 + <i32>get16(addressOf(input));
  }

  private leave(): void {
    if (this.gone) return;
    this.gone = true;
    this.output = nothing;
    this.input = nothing;
    this.source = null;
    this.streamed = null;
    const idle = this.idle;
    if (idle !== null) idle.cancel();
    this.acceptor.onGone();
  }
}

/** A query of a connection that is answered later. */
class Kept implements Transport {
  private isAnswered: bool = false;

  constructor(private readonly connection: Connection) {}

  send(at: usize, length: i32): bool {
    const sent = this.connection.send(at, length);
    this.answer();
    return sent;
  }

  kept(): Transport {
    return this;
  }

  stream(query: Query, source: Stream): bool {
    const streams = this.connection.stream(query, source);
    if (streams) this.answer();
    return streams;
  }

  private answer(): void {
    if (this.isAnswered) return;
    this.isAnswered = true;
    this.connection.answered();
  }
}

const TIMEOUT: u64 = <u64>idleTimeout * 1000000;
const nothing: Uint8Array = new Uint8Array(0);
const message: Uint8Array = new Uint8Array(0);
