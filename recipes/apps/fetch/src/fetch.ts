import { now } from "event";
import * as tcp from "tcp";
import * as timer from "timer";
import { Crc32 } from "./crc32";
import { Head } from "./head";
import { Location } from "./location";

/** What is told of a request: one of these, once. */
export interface Listener {
  onDone(fetch: Fetch): void;

  /** @param reason for people */
  onFailed(reason: string): void;
}

/**
 * One request of HTTP/1.0, whose answer ends with the connection or with its length. A server that is not there yet
 * is asked again.
 */
export class Fetch implements tcp.Handler, timer.Handler {
  /** The answer's status code. */
  status: i32 = 0;
  /** Octets of its content. */
  length: u64 = 0;
  /** Nanoseconds from the beginning to the last octet. */
  took: u64 = 0;
  private sum: Crc32 = new Crc32();
  private head: Head = new Head();
  private begun: u64 = 0;
  private isOver: bool = false;
  private reason: string = "the time was over before a connection was there";

  constructor(
    private location: Location,
    private listener: Listener,
    private patience: u64,
  ) {}

  begin(): void {
    this.begun = now();
    this.connect();
  }

  /** CRC-32 of the content. */
  get checksum(): u32 {
    return this.sum.value;
  }

  onTimer(timer: timer.Timer): void {
    this.connect();
  }

  onOpen(connection: tcp.Connection): void {
    const location = this.location;
    const authority = location.authority;
    const request = `GET ${location.target} HTTP/1.0\r\nHost: ${authority}\r\nAccept: */*\r\n\r\n`;
    connection.write(Uint8Array.wrap(String.UTF8.encode(request)));
  }

  onWritable(connection: tcp.Connection): void {}

  onData(connection: tcp.Connection, data: Uint8Array): void {
    const content = this.head.take(data);
    if (this.head.isWrong) {
      connection.abort();
      this.fail("the answer is not HTTP");
      return;
    }
    if (content === null) return;
    this.sum.add(content);
    this.length += content.length;
    if (this.length == this.head.length) this.end(connection);
  }

  onEnd(connection: tcp.Connection): void {
    this.end(connection);
  }

  onClose(connection: tcp.Connection, reason: i32): void {
    if (this.isOver) return;
    if (reason == tcp.REFUSED) this.later("the connection was refused");
    else if (reason == tcp.UNREACHABLE) this.later("there is no way to the server");
    else if (reason == tcp.TIMED_OUT && !this.head.isWhole) this.later("there is no answer");
    else
      this.fail(
        `the connection was ${reason == tcp.RESET ? "reset" : "lost"} after ${this.length} bytes`,
      );
  }

  /** The content is there, or the server sends no more of it. */
  private end(connection: tcp.Connection): void {
    if (this.isOver) return;
    const head = this.head;
    const length = head.length;
    connection.close();
    if (!head.isWhole || (length != Head.UNKNOWN && this.length != length)) {
      this.fail(`the answer ended after ${this.length} bytes`);
      return;
    }
    this.isOver = true;
    this.status = head.status;
    this.took = now() - this.begun;
    this.listener.onDone(this);
  }

  private connect(): void {
    const waited = now() - this.begun;
    const location = this.location;
    if (waited > this.patience) this.fail(this.reason);
    else if (tcp.connect(location.address, location.port, this) === null)
      this.later("there is no network");
  }

  private later(reason: string): void {
    this.reason = reason;
    timer.after(RETRY, this);
  }

  private fail(reason: string): void {
    if (this.isOver) return;
    this.isOver = true;
    this.listener.onFailed(reason);
  }
}

/** Nanoseconds from a connection that failed to the next one. */
const RETRY: u64 = 500000000;
