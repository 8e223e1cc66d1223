import { headerTimeout, idleTimeout } from "config";
import * as event from "event";
import * as tcp from "tcp";
import * as timer from "timer";
import { Body, empty } from "./body";
import { Chunked } from "./chunked";
import { COMPLETE, Head, MORE } from "./head";
import { Request } from "./request";
import { Response } from "./response";
import { Sender, SenderOwner } from "./sender";
import { Server } from "./server";
import { reasonPhrase } from "./status";

/** One connection of a client: makes requests of its bytes. The answers are the sender's. */
export class Connection implements tcp.Handler, timer.Handler, SenderOwner {
  private sender: Sender;
  private state: i32 = HEAD;
  private head: Head = new Head();
  /** The copy of the head whose body comes. */
  private headBytes: Uint8Array = empty;
  private body: Body = new Body();
  private chunked: Chunked = new Chunked();
  /** What came and could not be read yet: a head that is not whole, requests for which there is no room. */
  private held: Uint8Array = empty;
  private heldLength: i32 = 0;
  /** The client sends no more. */
  private isEnded: bool = false;
  private isReading: bool = false;
  /** When the present head began to come; 0 while it has not. */
  private headStart: u64 = 0;
  /** When what is waited for is late. */
  private deadline: u64 = 0;
  private watchdog: timer.Timer | null = null;
  private watchdogTime: u64 = 0;

  constructor(
    private server: Server,
    private connection: tcp.Connection,
  ) {
    const sender = new Sender(connection);
    this.sender = sender;
    sender.tell(this);
    this.expectBy(event.now() + <u64>headerTimeout * MILLISECOND);
  }

  onOpen(connection: tcp.Connection): void {}

  onData(connection: tcp.Connection, data: Uint8Array): void {
    if (this.heldLength == 0) {
      this.read(data, data.length);
    } else {
      this.hold(data, 0, data.length);
      this.read(this.held, this.heldLength);
    }
  }

  onWritable(connection: tcp.Connection): void {
    this.sender.onWritable();
    this.onProgress();
  }

  onEnd(connection: tcp.Connection): void {
    this.isEnded = true;
    if (this.state == LINGERING || this.sender.isIdle) this.connection.close();
  }

  onClose(connection: tcp.Connection, reason: i32): void {
    this.end();
  }

  /** Answers were sent: there may be room for requests that are held. */
  onProgress(): void {
    if (this.isReading || this.state == LINGERING || this.state == GONE) return;
    this.read(this.held, this.heldLength);
    if (this.isEnded && this.sender.isIdle) this.connection.close();
  }

  /**
   * The last answer was sent. To close with bytes unread would make the kernel reset the connection, and the client
   * could lose the answer (RFC 9112, 9.6): the client's end is waited for, for a while.
   */
  onLastSent(): void {
    this.state = LINGERING;
    this.held = empty;
    this.heldLength = 0;
    if (this.isEnded) {
      this.connection.close();
      return;
    }
    this.connection.shutdown();
    this.connection.resume();
    this.expectBy(event.now() + LINGER_TIME);
  }

  onTimer(watchdog: timer.Timer): void {
    this.watchdog = null;
    if (event.now() < this.deadline) {
      this.expectBy(this.deadline);
    } else if (this.sender.isBlocked) {
      this.connection.abort();
      this.end();
    } else if (this.state == LINGERING || (this.state == HEAD && this.headStart == 0)) {
      this.connection.close();
    } else {
      this.refuse(408);
    }
  }

  /** Makes requests of bytes up to `end`, as long as there is room for them, and holds what is left. */
  private read(bytes: Uint8Array, end: i32): void {
    this.isReading = true;
    let position = 0;
    let wantsMore = false;
    while (position < end && this.reads && this.sender.hasRoom && !wantsMore) {
      this.sender.hold();
      while (position < end && this.reads && this.sender.hasRoom) {
        const next = this.step(bytes, position, end);
        wantsMore = next == position;
        if (wantsMore) break;
        position = next;
      }
      // All answers that are ready go out together; that may make room for more requests.
      this.sender.release();
    }
    this.isReading = false;
    if (!this.reads) position = end;
    this.hold(bytes, position, end);
    if (this.state == LINGERING || this.state == GONE) return;
    if (this.sender.hasRoom) this.connection.resume();
    else this.connection.pause();
    this.expectNext();
  }

  /** Whether bytes that come have a meaning. */
  private get reads(): bool {
    return this.state <= CHUNKED;
  }

  /** Reads one part of a request; answers where it ends, or `position` when it is not whole. */
  private step(bytes: Uint8Array, position: i32, end: i32): i32 {
    if (this.state == HEAD) return this.readHead(bytes, position, end);
    if (this.state == BODY) {
      const missing = this.head.contentLength - this.body.size;
      const next = min(end, position + missing);
      this.body.add(bytes, position, next);
      if (next == position + missing) this.request();
      return next;
    }
    const next = this.chunked.read(bytes, position, end, this.body);
    if (this.chunked.fault != 0) this.refuse(this.chunked.fault);
    else if (this.chunked.isDone) this.request();
    return next;
  }

  private readHead(bytes: Uint8Array, position: i32, end: i32): i32 {
    const head = this.head;
    const result = head.read(bytes, position, end);
    if (result == MORE) {
      if (this.headStart == 0 && !head.isEmpty) this.headStart = max<u64>(event.now(), 1);
      return position;
    }
    this.headStart = 0;
    if (result != COMPLETE) {
      this.refuse(result);
      return end;
    }
    const next = position + head.length;
    this.headBytes = bytes.slice(position, next);
    if (head.isChunked) {
      this.state = CHUNKED;
      this.chunked = new Chunked();
    } else if (head.contentLength > 0) {
      this.state = BODY;
    } else {
      this.request();
      return next;
    }
    // RFC 9110, 10.1.1: not for a body that comes already.
    if (head.expectsContinue && next == end) this.sender.continueRequest();
    return next;
  }

  /** Hands the request over: it is whole. */
  private request(): void {
    const head = this.head;
    const request = new Request(head, this.headBytes, this.body.bytes);
    const response = new Response(this.sender, request);
    const isForServer = head.isForServer;
    this.state = head.keepsAlive ? HEAD : STOPPED;
    if (this.body.size > 0) this.body = new Body();
    this.headBytes = empty;
    head.clear();
    this.sender.forgetContinue();
    this.sender.expect(response);
    if (isForServer) response.end(empty);
    else this.server.handler.onRequest(request, response);
  }

  /** Answers what is no request, and reads no further: where the next one begins is not known. */
  private refuse(code: i32): void {
    this.state = STOPPED;
    const response = new Response(this.sender, null);
    this.sender.forgetContinue();
    this.sender.expect(response);
    response.status(code).text(`${reasonPhrase(code)}\n`);
  }

  /** Keeps bytes for later, behind those that are kept already; `bytes` may be `held` itself. */
  private hold(bytes: Uint8Array, start: i32, end: i32): void {
    if (bytes === this.held) {
      this.heldLength = end - start;
      if (start == end) this.held = empty;
      else if (start > 0) this.held.copyWithin(0, start, end);
      return;
    }
    const length = this.heldLength + (end - start);
    if (length > this.held.length) {
      const larger = new Uint8Array(max(length, 2 * this.held.length));
      larger.set(this.held);
      this.held = larger;
    }
    if (start < end) this.held.set(bytes.subarray(start, end), this.heldLength);
    this.heldLength = length;
  }

  /** Sets the deadline for what is waited for now. */
  private expectNext(): void {
    const now = event.now();
    if (this.sender.isBlocked || this.state == BODY || this.state == CHUNKED) {
      this.expectBy(now + <u64>idleTimeout * MILLISECOND);
    } else if (this.headStart != 0) {
      this.expectBy(this.headStart + <u64>headerTimeout * MILLISECOND);
    } else if (this.sender.waiting > 0) {
      // The handler may take its time.
      this.expectBy(NEVER);
    } else {
      this.expectBy(now + <u64>idleTimeout * MILLISECOND);
    }
  }

  /** The timer is set anew for an earlier deadline only; for a later one it finds out when it rings. */
  private expectBy(deadline: u64): void {
    this.deadline = deadline;
    if (deadline == NEVER) return;
    const watchdog = this.watchdog;
    if (watchdog !== null) {
      if (this.watchdogTime <= deadline) return;
      watchdog.cancel();
    }
    this.watchdogTime = deadline;
    this.watchdog = timer.after(deadline - event.now(), this);
  }

  private end(): void {
    if (this.state == GONE) return;
    this.state = GONE;
    this.sender.drop();
    const watchdog = this.watchdog;
    if (watchdog !== null) watchdog.cancel();
    this.watchdog = null;
    this.server.onGone();
  }
}

const MILLISECOND: u64 = 1000000;
const NEVER: u64 = u64.MAX_VALUE;

/** How long the client's end is waited for, in nanoseconds. */
const LINGER_TIME: u64 = 2000 * MILLISECOND;

// States; in the first three, bytes that come have a meaning.
const HEAD: i32 = 0;
const BODY: i32 = 1;
const CHUNKED: i32 = 2;
/** No more requests are read; answers are still to be sent. */
const STOPPED: i32 = 3;
/** All is sent; the client's end is waited for. */
const LINGERING: i32 = 4;
const GONE: i32 = 5;
