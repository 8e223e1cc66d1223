// @often
import { pipelined } from "config";
import * as tcp from "tcp";
import { empty } from "./body";
import { dateField } from "./date";
import { Output } from "./output";
import { Response } from "./response";
import { reasonPhrase } from "./status";

/** What is told of a sender. */
export interface SenderOwner {
  /** Answers were sent and others may be waited for. */
  onProgress(): void;

  /** The last answer of the connection was sent. */
  onLastSent(): void;
}

/**
 * Sends the answers of one connection in the order of their requests, as the connection takes them. What is ready
 * goes out in as few writes as can be; a body that does not fit beside its head is sent from where it is.
 */
export class Sender {
  private owner: SenderOwner | null = null;
  /** Answers that are wanted and not yet begun to be sent. */
  waiting: i32 = 0;
  /** The connection took less than it was offered. */
  isBlocked: bool = false;
  private first: Response | null = null;
  private last: Response | null = null;
  /** While true, answers that end are gathered until `release`. */
  private isHeld: bool = false;
  private isGone: bool = false;
  /** Nothing more is sent after what is under way. */
  private isLast: bool = false;
  private owesContinue: bool = false;
  /** Copied output that the connection did not take. */
  private unsent: Uint8Array = empty;
  private content: Uint8Array = empty;
  private position: i32 = 0;
  private stop: i32 = 0;
  /** Further parts of the body, from `part` on. */
  private parts: Uint8Array[] | null = null;
  private part: i32 = 0;

  constructor(private connection: tcp.Connection) {}

  /** Tells `owner` from now on. */
  tell(owner: SenderOwner): void {
    this.owner = owner;
  }

  /** Whether more requests may be taken. */
  get hasRoom(): bool {
    return this.waiting < pipelined && !this.isBlocked;
  }

  /** Nothing is waited for and nothing is under way. */
  get isIdle(): bool {
    return this.waiting == 0 && !this.isBlocked;
  }

  /** Expects an answer, after those that are expected already. */
  expect(response: Response): void {
    const last = this.last;
    if (last === null) this.first = response;
    else last.next = response;
    this.last = response;
    this.waiting++;
  }

  /** Asks for the body of a request (RFC 9110, 15.2.1), once its turn to answer has come. */
  continueRequest(): void {
    this.owesContinue = true;
    this.onEnded();
  }

  /** The body came without being asked for. */
  forgetContinue(): void {
    this.owesContinue = false;
  }

  hold(): void {
    this.isHeld = true;
  }

  release(): void {
    this.isHeld = false;
    this.send();
  }

  /** An answer is ready. */
  onEnded(): void {
    if (this.isHeld || this.isGone) return;
    this.send();
    const owner = this.owner;
    if (owner !== null) owner.onProgress();
  }

  onWritable(): void {
    this.isBlocked = false;
    this.send();
  }

  /** The connection is gone: answers that come now have nowhere to go. */
  drop(): void {
    this.isGone = true;
    this.first = null;
    this.last = null;
    this.content = empty;
    this.unsent = empty;
    this.parts = null;
  }

  private send(): void {
    if (this.isBlocked || this.isGone || !this.sendUnsent()) return;
    output.length = 0;
    while (true) {
      if (this.position < this.stop) {
        if (!this.sendContent()) return;
      } else if (!this.nextPart()) {
        const next = this.first;
        if (this.isLast || next === null || !next.isEnded) break;
        if (output.room == 0 && !this.flush()) return;
        this.begin(next);
      }
    }
    if (this.owesContinue && this.first === null && !this.isLast) {
      this.owesContinue = false;
      output.ascii("HTTP/1.1 100 Continue\r\n\r\n");
    }
    if (!this.flush() || !this.isLast) return;
    this.isGone = true;
    const owner = this.owner;
    if (owner !== null) owner.onLastSent();
  }

  /** Puts the head of an answer out, and makes its body the next to be sent. */
  private begin(response: Response): void {
    this.first = response.next;
    if (response.next === null) this.last = null;
    this.waiting--;
    const request = response.request;
    const closes = request === null || !request.keepsAlive;
    if (closes) this.isLast = true;
    putHead(response, closes, request !== null && request.isHttp10);
    if (!response.canHaveBody || (request !== null && request.isHead)) return;
    const multipart = response.multipart;
    if (multipart !== null) {
      this.parts = multipart.parts;
      this.part = 0;
      return;
    }
    this.content = response.content;
    this.position = response.start;
    this.stop = response.stop;
  }

  private nextPart(): bool {
    this.content = empty;
    const parts = this.parts;
    if (parts === null) return false;
    if (this.part == parts.length) {
      this.parts = null;
      return false;
    }
    this.content = parts[this.part++];
    this.position = 0;
    this.stop = this.content.length;
    return true;
  }

  /** Fills the output, or sends what does not fit in it from where it is; false when the connection is full. */
  private sendContent(): bool {
    const length = this.stop - this.position;
    const room = output.room;
    if (output.length > 0 || length <= room) {
      const taken = min(length, room);
      const isWhole = taken == this.content.length;
      output.add(
        isWhole ? this.content : this.content.subarray(this.position, this.position + taken),
      );
      this.position += taken;
      return taken == length || this.flush();
    }
    this.position += this.connection.write(this.content.subarray(this.position, this.stop));
    this.isBlocked = this.position < this.stop;
    return !this.isBlocked;
  }

  private flush(): bool {
    const length = output.length;
    if (length == 0) return true;
    const taken = this.connection.write(output.view);
    if (taken < length) {
      this.unsent = output.copyFrom(taken);
      this.isBlocked = true;
    }
    output.length = 0;
    return !this.isBlocked;
  }

  private sendUnsent(): bool {
    if (this.unsent.length == 0) return true;
    const taken = this.connection.write(this.unsent);
    this.unsent = taken < this.unsent.length ? this.unsent.subarray(taken) : empty;
    this.isBlocked = this.unsent.length > 0;
    return !this.isBlocked;
  }
}

const output: Output = new Output();

// The parts that nearly all answers have, as bytes.
const okLine: Uint8Array = bytesOf("HTTP/1.1 200 OK\r\n");
const lengthName: Uint8Array = bytesOf("Content-Length: ");
const tagName: Uint8Array = bytesOf('ETag: "');
const rangesField: Uint8Array = bytesOf("Accept-Ranges: bytes\r\n");

function bytesOf(text: string): Uint8Array {
  return Uint8Array.wrap(String.UTF8.encode(text));
}

function putHead(response: Response, closes: bool, isHttp10: bool): void {
  const code = response.code;
  if (code == 200) {
    output.add(okLine);
  } else {
    output.ascii("HTTP/1.1 ");
    output.number(code);
    output.ascii(" ");
    output.ascii(reasonPhrase(code));
    output.ascii("\r\n");
  }
  output.add(dateField());
  // RFC 9110, 8.6: 204 must not have it; for 304 it would have to be that of the whole.
  if (response.canHaveBody) {
    output.add(lengthName);
    output.number(response.length);
    output.ascii("\r\n");
  }
  if (response.tag.length > 0) putEntityFields(response);
  const multipart = response.multipart;
  if (multipart !== null) {
    output.ascii("Content-Type: ");
    output.ascii(multipart.contentType);
    output.ascii("\r\n");
  }
  let field = response.fields;
  while (field !== null) {
    const isOurs = multipart !== null && field.is("content-type");
    if (!isOurs && (code != 304 || !field.tellsOfBody)) {
      output.ascii(field.name);
      output.ascii(": ");
      output.value(field.value);
      output.ascii("\r\n");
    }
    field = field.next;
  }
  if (closes) output.ascii("Connection: close\r\n\r\n");
  else output.ascii(isHttp10 ? "Connection: keep-alive\r\n\r\n" : "\r\n");
}

function putEntityFields(response: Response): void {
  output.add(tagName);
  output.value(response.tag);
  output.ascii('"\r\n');
  if (response.code != 304 && response.code != 412) output.add(rangesField);
  if (!response.tellsWhole) return;
  output.ascii("Content-Range: bytes ");
  if (response.code == 416) {
    output.ascii("*");
  } else {
    output.number(response.start);
    output.ascii("-");
    output.number(response.stop - 1);
  }
  output.ascii("/");
  output.number(response.content.length);
  output.ascii("\r\n");
}
