// @often
import { bodyBytes, headerBytes } from "config";
import {
  ASTERISK,
  COLON,
  COMMA,
  CR,
  equals,
  equalsIgnoringCase,
  HASH,
  HOST,
  isDigit,
  isOf,
  LF,
  QUESTION,
  SLASH,
  SP,
  skipSpace,
  TEXT,
  TOKEN,
  trimSpace,
  VISIBLE,
  ZERO,
} from "./ascii";

/** Result of `Head#read`: the end is not there yet. */
export const MORE: i32 = 0;

/** Result of `Head#read`: all is there. Other results are status codes of errors. */
export const COMPLETE: i32 = 1;

/**
 * Reads the head of a request, line and fields (RFC 9112, 2 to 7), as its bytes come. All positions count from where
 * the head begins. After an error the rest of the connection has no meaning any more (RFC 9112, 2.2).
 */
export class Head {
  /** Length of the whole head, with the empty line. */
  length: i32 = 0;
  methodStart: i32 = 0;
  methodEnd: i32 = 0;
  /** The authority of a target in absolute form, which goes before `Host`; empty otherwise. */
  authorityStart: i32 = 0;
  authorityEnd: i32 = 0;
  pathStart: i32 = 0;
  pathEnd: i32 = 0;
  /** End of the query, which begins behind the path's `?`, or is empty. */
  targetEnd: i32 = 0;
  fieldsStart: i32 = 0;
  /** The answer may be followed by another on this connection (RFC 9112, 9.3). */
  keepsAlive: bool = false;
  isHttp10: bool = false;
  isChunked: bool = false;
  /** The target is `*`: the request is for the server itself (RFC 9110, 9.3.7). */
  isForServer: bool = false;
  expectsContinue: bool = false;
  hasRange: bool = false;
  hasCondition: bool = false;
  /** Length of the body; -1 without the field. */
  contentLength: i32 = -1;

  private lineStart: i32 = 0;
  private scanned: i32 = 0;
  private hosts: i32 = 0;
  private codings: i32 = 0;
  private wantsClose: bool = false;
  private wantsKeepAlive: bool = false;

  /** Forgets all, for the next request. */
  clear(): void {
    this.length = 0;
    this.methodEnd = 0;
    this.authorityStart = 0;
    this.authorityEnd = 0;
    this.fieldsStart = 0;
    this.keepsAlive = false;
    this.isHttp10 = false;
    this.isChunked = false;
    this.isForServer = false;
    this.expectsContinue = false;
    this.hasRange = false;
    this.hasCondition = false;
    this.contentLength = -1;
    this.lineStart = 0;
    this.scanned = 0;
    this.hosts = 0;
    this.codings = 0;
    this.wantsClose = false;
    this.wantsKeepAlive = false;
  }

  /** Reads on, with all bytes from the head's start on given again: from `start` to `end` of `bytes`. */
  read(bytes: Uint8Array, start: i32, end: i32): i32 {
    assert(start >= 0 && end <= bytes.length);
    let position = start + this.scanned;
    while (true) {
      // Within bounds: nearly all the time of a request's reading is spent here.
      while (position < end && isOf(unchecked(bytes[position]), TEXT)) position++;
      if (position - start > headerBytes) return this.tooLong;
      if (position == end) break;
      // RFC 9112, 2.2: a lone CR is invalid; a lone LF need not be taken for a line's end, and is not.
      if (bytes[position] != CR) return 400;
      if (position + 1 == end) break;
      if (bytes[position + 1] != LF) return 400;
      const lineStart = start + this.lineStart;
      const result = this.line(bytes, start, lineStart, position);
      if (result != MORE) return result;
      position += 2;
      this.lineStart = position - start;
    }
    this.scanned = position - start;
    return MORE;
  }

  /** Whether nothing but empty lines has come. */
  get isEmpty(): bool {
    return this.scanned == this.lineStart && this.methodEnd == 0;
  }

  private get tooLong(): i32 {
    return this.methodEnd == 0 ? 414 : 431;
  }

  private line(bytes: Uint8Array, origin: i32, start: i32, end: i32): i32 {
    if (this.methodEnd == 0) {
      // RFC 9112, 2.2: empty lines before a request are ignored.
      return start == end ? MORE : this.requestLine(bytes, origin, start, end);
    }
    if (start < end) return this.field(bytes, start, end);
    this.length = end + 2 - origin;
    return this.finish();
  }

  /** RFC 9112, 3: `method SP request-target SP HTTP-version`, with single blanks. */
  private requestLine(bytes: Uint8Array, origin: i32, start: i32, end: i32): i32 {
    let position = start;
    while (position < end && isOf(bytes[position], TOKEN)) position++;
    const methodEnd = position;
    if (position == start || position == end || bytes[position] != SP) return 400;
    const targetStart = ++position;
    while (position < end && isOf(bytes[position], VISIBLE)) {
      if (bytes[position] == HASH) return 400;
      position++;
    }
    if (position == targetStart || position == end || bytes[position] != SP) return 400;
    const result = this.version(bytes, position + 1, end);
    if (result != MORE) return result;
    this.methodStart = start - origin;
    this.methodEnd = methodEnd - origin;
    this.fieldsStart = end + 2 - origin;
    // RFC 9110, 9.3.6: a server that is no proxy may refuse CONNECT.
    if (equals(bytes, start, methodEnd, "CONNECT")) return 501;
    return this.target(bytes, origin, targetStart, position);
  }

  /** RFC 9112, 2.3. A higher minor version is read as 1.1. */
  private version(bytes: Uint8Array, start: i32, end: i32): i32 {
    if (end - start != 8 || !equals(bytes, start, start + 5, "HTTP/")) return 400;
    const major = bytes[start + 5];
    const minor = bytes[start + 7];
    if (!isDigit(major) || bytes[start + 6] != 0x2e || !isDigit(minor)) return 400;
    if (major != ZERO + 1) return 505;
    this.isHttp10 = minor == ZERO;
    return MORE;
  }

  /** RFC 9112, 3.2: origin form, absolute form, or `*`. */
  private target(bytes: Uint8Array, origin: i32, start: i32, end: i32): i32 {
    let position = start;
    const isOptions = equals(bytes, origin + this.methodStart, origin + this.methodEnd, "OPTIONS");
    if (bytes[position] == ASTERISK) {
      if (end - start != 1 || !isOptions) return 400;
      this.isForServer = true;
    } else if (bytes[position] != SLASH) {
      position += schemeLength(bytes, start, end);
      if (position == start) return 400;
      this.authorityStart = position - origin;
      while (position < end && isOf(bytes[position], HOST)) position++;
      this.authorityEnd = position - origin;
      if (this.authorityEnd == this.authorityStart) return 400;
      if (position < end && bytes[position] != SLASH && bytes[position] != QUESTION) return 400;
    }
    this.pathStart = position - origin;
    while (position < end && bytes[position] != QUESTION) position++;
    this.pathEnd = position - origin;
    this.targetEnd = end - origin;
    return MORE;
  }

  /** RFC 9112, 5: `field-name ":" OWS field-value OWS`. A folded line begins with a blank: no name. */
  private field(bytes: Uint8Array, start: i32, end: i32): i32 {
    let position = start;
    while (position < end && isOf(bytes[position], TOKEN)) position++;
    if (position == start || position == end || bytes[position] != COLON) return 400;
    const valueStart = skipSpace(bytes, position + 1, end);
    return this.known(bytes, start, position, valueStart, trimSpace(bytes, valueStart, end));
  }

  /** Takes up the fields that rule this connection, and remembers which others are to be looked for. */
  private known(bytes: Uint8Array, name: i32, nameEnd: i32, start: i32, end: i32): i32 {
    switch (nameEnd - name) {
      case 4:
        if (equalsIgnoringCase(bytes, name, nameEnd, "host")) return this.host(bytes, start, end);
        break;
      case 5:
        if (equalsIgnoringCase(bytes, name, nameEnd, "range")) this.hasRange = true;
        break;
      case 6:
        if (!equalsIgnoringCase(bytes, name, nameEnd, "expect")) break;
        // RFC 9110, 10.1.1
        if (!equalsIgnoringCase(bytes, start, end, "100-continue")) return 417;
        this.expectsContinue = true;
        break;
      case 8:
        if (
          equalsIgnoringCase(bytes, name, nameEnd, "if-match") ||
          equalsIgnoringCase(bytes, name, nameEnd, "if-range")
        ) {
          this.hasCondition = true;
        }
        break;
      case 10:
        if (equalsIgnoringCase(bytes, name, nameEnd, "connection")) {
          this.connection(bytes, start, end);
        }
        break;
      case 13:
        if (equalsIgnoringCase(bytes, name, nameEnd, "if-none-match")) this.hasCondition = true;
        break;
      case 14:
        if (equalsIgnoringCase(bytes, name, nameEnd, "content-length")) {
          return this.bodyLength(bytes, start, end);
        }
        break;
      case 17:
        if (equalsIgnoringCase(bytes, name, nameEnd, "transfer-encoding")) {
          return this.transferEncoding(bytes, start, end);
        }
        break;
    }
    return MORE;
  }

  private host(bytes: Uint8Array, start: i32, end: i32): i32 {
    this.hosts++;
    for (let position = start; position < end; position++) {
      if (!isOf(bytes[position], HOST)) return 400;
    }
    return MORE;
  }

  private connection(bytes: Uint8Array, start: i32, end: i32): void {
    for (let item = start; item <= end; ) {
      const itemEnd = endOfItem(bytes, item, end);
      const first = skipSpace(bytes, item, itemEnd);
      const last = trimSpace(bytes, first, itemEnd);
      if (equalsIgnoringCase(bytes, first, last, "close")) this.wantsClose = true;
      else if (equalsIgnoringCase(bytes, first, last, "keep-alive")) this.wantsKeepAlive = true;
      item = itemEnd + 1;
    }
  }

  /** RFC 9110, 8.6: a second one, be it equal, is refused, and so is a list. */
  private bodyLength(bytes: Uint8Array, start: i32, end: i32): i32 {
    if (this.contentLength != -1 || start == end) return 400;
    let length: i64 = 0;
    for (let position = start; position < end; position++) {
      if (!isDigit(bytes[position])) return 400;
      length = min<i64>(length * 10 + (bytes[position] - ZERO), i32.MAX_VALUE);
    }
    this.contentLength = <i32>length;
    return MORE;
  }

  /** RFC 9112, 6.1: `chunked` once is known here. */
  private transferEncoding(bytes: Uint8Array, start: i32, end: i32): i32 {
    for (let item = start; item <= end; ) {
      const itemEnd = endOfItem(bytes, item, end);
      const first = skipSpace(bytes, item, itemEnd);
      const last = trimSpace(bytes, first, itemEnd);
      if (!equalsIgnoringCase(bytes, first, last, "chunked")) return first == last ? 400 : 501;
      this.codings++;
      item = itemEnd + 1;
    }
    return MORE;
  }

  /** The rules that need all fields. */
  private finish(): i32 {
    // RFC 9112, 3.2: one Host, from version 1.1 on.
    if (this.hosts > 1 || (this.hosts == 0 && !this.isHttp10)) return 400;
    if (this.codings > 0) {
      // RFC 9112, 6.1 and 6.3: signs of smuggling, all of them.
      if (this.codings > 1 || this.contentLength != -1 || this.isHttp10) return 400;
      this.isChunked = true;
    }
    if (this.contentLength > bodyBytes) return 413;
    if (this.isHttp10) this.expectsContinue = false;
    this.keepsAlive = !this.wantsClose && (!this.isHttp10 || this.wantsKeepAlive);
    return COMPLETE;
  }
}

/** End of the item of a list that begins at `start`. */
function endOfItem(bytes: Uint8Array, start: i32, end: i32): i32 {
  let position = start;
  while (position < end && bytes[position] != COMMA) position++;
  return position;
}

function schemeLength(bytes: Uint8Array, start: i32, end: i32): i32 {
  if (end - start > 7 && equalsIgnoringCase(bytes, start, start + 7, "http://")) return 7;
  if (end - start > 8 && equalsIgnoringCase(bytes, start, start + 8, "https://")) return 8;
  return 0;
}
