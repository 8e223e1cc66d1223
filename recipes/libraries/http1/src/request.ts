import { COLON, CR, equals, equalsIgnoringCase, skipSpace, textOf, trimSpace } from "./ascii";
import { Head } from "./head";
import { decodePath } from "./path";

/**
 * A request, checked against RFC 9110 and RFC 9112. Stays valid for as long as it is kept: it holds a copy of its
 * head, and makes texts of it when they are asked for.
 */
export class Request {
  readonly isHead: bool;
  readonly isHttp10: bool;
  readonly keepsAlive: bool;
  readonly hasRange: bool;
  readonly hasCondition: bool;
  private methodStart: i32;
  private methodEnd: i32;
  private authorityStart: i32;
  private authorityEnd: i32;
  private pathStart: i32;
  private pathEnd: i32;
  private targetEnd: i32;
  private fieldsStart: i32;

  /** @param bytes the head's own copy, of its whole length */
  constructor(
    head: Head,
    private bytes: Uint8Array,
    private content: Uint8Array,
  ) {
    this.isHead = equals(bytes, head.methodStart, head.methodEnd, "HEAD");
    this.isHttp10 = head.isHttp10;
    this.keepsAlive = head.keepsAlive;
    this.hasRange = head.hasRange;
    this.hasCondition = head.hasCondition;
    this.methodStart = head.methodStart;
    this.methodEnd = head.methodEnd;
    this.authorityStart = head.authorityStart;
    this.authorityEnd = head.authorityEnd;
    this.pathStart = head.pathStart;
    this.pathEnd = head.pathEnd;
    this.targetEnd = head.targetEnd;
    this.fieldsStart = head.fieldsStart;
  }

  /** `GET`, `POST`, … as sent. */
  get method(): string {
    // The two that nearly all requests have need no new text.
    if (equals(this.bytes, this.methodStart, this.methodEnd, "GET")) return "GET";
    return this.isHead ? "HEAD" : textOf(this.bytes, this.methodStart, this.methodEnd);
  }

  /** The path as sent, with a `/` in front, without the query: `/a%20b/`. */
  get target(): string {
    return this.pathStart == this.pathEnd ? "/" : textOf(this.bytes, this.pathStart, this.pathEnd);
  }

  /** The path with percent escapes decoded, dot segments removed, and always a `/` in front; empty when it is not valid UTF-8 or climbs above the root. */
  get path(): string {
    return decodePath(this.bytes, this.pathStart, this.pathEnd);
  }

  /** What follows `?`, as sent; empty without one. */
  get query(): string {
    return this.pathEnd == this.targetEnd
      ? ""
      : textOf(this.bytes, this.pathEnd + 1, this.targetEnd);
  }

  /** Value of a header field, by lower-case name, several joined by `, `; null when absent. */
  header(name: string): string | null {
    // RFC 9112, 3.2.2: the authority of the target goes before Host.
    if (this.authorityStart < this.authorityEnd && name == "host") {
      return textOf(this.bytes, this.authorityStart, this.authorityEnd);
    }
    let value: string | null = null;
    const bytes = this.bytes;
    // The head was checked: every line has a colon and ends with CRLF, the last one is empty.
    for (let start = this.fieldsStart; bytes[start] != CR; ) {
      let colon = start;
      while (bytes[colon] != COLON) colon++;
      let end = colon;
      while (bytes[end] != CR) end++;
      if (equalsIgnoringCase(bytes, start, colon, name)) {
        const valueStart = skipSpace(bytes, colon + 1, end);
        const text = textOf(bytes, valueStart, trimSpace(bytes, valueStart, end));
        value = value === null ? text : `${value}, ${text}`;
      }
      start = end + 2;
    }
    return value;
  }

  /** The body; empty without one. */
  get body(): Uint8Array {
    return this.content;
  }
}
