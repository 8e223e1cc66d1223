import { addressOf, get16, put16 } from "dns-wire";
import * as tcp from "tcp";
import { Question } from "./question";

/** One question over a TCP connection of its own (RFC 7766): its length in two octets, then the message. */
export class Stream implements tcp.Handler {
  private connection: tcp.Connection | null = null;
  private output: Uint8Array = nothing;
  private input: Uint8Array = nothing;

  private constructor(private question: Question | null) {}

  /** Null when it cannot even be tried. */
  static open(
    address: Uint8Array,
    port: u16,
    message: Uint8Array,
    question: Question,
  ): Stream | null {
    const stream = new Stream(question);
    stream.output = new Uint8Array(2 + message.length);
    put16(addressOf(stream.output), <u32>message.length);
    stream.output.set(message, 2);
    const connection = tcp.connect(address, port, stream);
    stream.connection = connection;
    return connection === null ? null : stream;
  }

  /** Nothing is told any more. */
  close(): void {
    this.question = null;
    const connection = this.connection;
    if (connection !== null) connection.abort();
    this.connection = null;
  }

  onOpen(connection: tcp.Connection): void {
    this.onWritable(connection);
  }

  onData(connection: tcp.Connection, data: Uint8Array): void {
    const joined = new Uint8Array(this.input.length + data.length);
    joined.set(this.input);
    joined.set(data, this.input.length);
    this.input = joined;
    const question = this.question;
    if (question === null || joined.length < 2) return;
    const length = <i32>get16(addressOf(joined));
    if (joined.length >= 2 + length) question.onMessage(addressOf(joined) + 2, length);
  }

  onWritable(connection: tcp.Connection): void {
    this.output = this.output.subarray(connection.write(this.output));
  }

  onEnd(connection: tcp.Connection): void {
    this.lose();
  }

  onClose(connection: tcp.Connection, reason: i32): void {
    this.connection = null;
    this.lose();
  }

  private lose(): void {
    const question = this.question;
    this.question = null;
    if (question !== null) question.onStreamLost();
  }
}

const nothing: Uint8Array = new Uint8Array(0);
