import { headerBytes } from "config";
import { CR, HTAB, hexValue, isOf, LF, SEMICOLON, SP, TEXT, TOKEN } from "./ascii";
import { Body } from "./body";

/** Reads a chunked body (RFC 9112, 7.1) as its bytes come. Extensions and trailers are read over. */
export class Chunked {
  /** Status code of an error, 0 while there is none. */
  fault: i32 = 0;
  private state: i32 = SIZE_START;
  private size: i32 = 0;
  /** Bytes that are neither sizes nor data: they are limited as the head is. */
  private overhead: i32 = 0;

  get isDone(): bool {
    return this.state == DONE;
  }

  /** Reads from `start`, adds data to `body`, and answers how far it came: to `end`, unless it is done or at fault. */
  read(bytes: Uint8Array, start: i32, end: i32, body: Body): i32 {
    let position = start;
    while (position < end && this.state != DONE && this.fault == 0) {
      if (this.state == DATA) {
        const length = min(this.size, end - position);
        if (!body.add(bytes, position, position + length)) this.fault = 413;
        position += length;
        this.size -= length;
        if (this.size == 0) this.state = DATA_CR;
      } else {
        this.octet(bytes[position++]);
      }
    }
    return position;
  }

  /** A line ends with CRLF and nothing else: a lone LF in an extension is a known way to smuggle. */
  private octet(octet: u8): void {
    switch (this.state) {
      case SIZE_START:
      case SIZE: {
        const digit = hexValue(octet);
        if (digit >= 0) {
          if (this.size > SIZE_LIMIT) this.fault = 413;
          this.size = this.size * 16 + digit;
          this.state = SIZE;
          break;
        }
        if (this.state == SIZE_START) this.fault = 400;
        else if (octet == CR) this.state = SIZE_LF;
        else if (octet == SEMICOLON || octet == SP || octet == HTAB) this.state = EXTENSION;
        else this.fault = 400;
        break;
      }
      case EXTENSION:
        this.count(octet);
        if (octet == CR) this.state = SIZE_LF;
        break;
      case SIZE_LF:
        if (octet != LF) this.fault = 400;
        this.state = this.size == 0 ? TRAILER_START : DATA;
        break;
      case DATA_CR:
        if (octet != CR) this.fault = 400;
        this.state = DATA_LF;
        break;
      case DATA_LF:
        if (octet != LF) this.fault = 400;
        this.state = SIZE_START;
        break;
      case TRAILER_START:
        if (octet == CR) {
          this.state = END_LF;
          break;
        }
        if (!isOf(octet, TOKEN)) this.fault = 400;
        this.state = TRAILER;
        break;
      case TRAILER:
        this.count(octet);
        if (octet == CR) this.state = TRAILER_LF;
        break;
      case TRAILER_LF:
        if (octet != LF) this.fault = 400;
        this.state = TRAILER_START;
        break;
      case END_LF:
        if (octet != LF) this.fault = 400;
        else this.state = DONE;
        break;
    }
  }

  private count(octet: u8): void {
    if (octet != CR && !isOf(octet, TEXT)) this.fault = 400;
    else if (++this.overhead > headerBytes) this.fault = 431;
  }
}

const SIZE_START: i32 = 0;
const SIZE: i32 = 1;
const EXTENSION: i32 = 2;
const SIZE_LF: i32 = 3;
const DATA: i32 = 4;
const DATA_CR: i32 = 5;
const DATA_LF: i32 = 6;
const TRAILER_START: i32 = 7;
const TRAILER: i32 = 8;
const TRAILER_LF: i32 = 9;
const END_LF: i32 = 10;
const DONE: i32 = 11;

/** Another digit makes a size of 2^31 at most beyond it. */
const SIZE_LIMIT: i32 = 0x7ffffff;
