/**
 * The header of a message (RFC 1035, 4.1.1).
 *
 *     0    2       4         6         8         10        12
 *    ├ id ┼ flags ┼ QDCOUNT ┼ ANCOUNT ┼ NSCOUNT ┼ ARCOUNT ┤
 */
import { get16, put16 } from "./octets";

/** Octets of a header. */
export const HEADER: i32 = 12;

// Flags, as they stand in the 16 bits.
export const RESPONSE: u32 = 0x8000;
export const AUTHORITATIVE: u32 = 0x0400;
export const TRUNCATED: u32 = 0x0200;
export const RECURSION_DESIRED: u32 = 0x0100;
export const RECURSION_AVAILABLE: u32 = 0x0080;

/** Operation code of an ordinary query. */
export const QUERY: u32 = 0;

// Response codes (RFC 1035, 4.1.1).
export const NO_ERROR: i32 = 0;
export const FORMAT_ERROR: i32 = 1;
export const SERVER_FAILURE: i32 = 2;
export const NAME_ERROR: i32 = 3;
export const NOT_IMPLEMENTED: i32 = 4;
export const REFUSED: i32 = 5;

/** A message that has a whole header. */
export class HeaderView {
  private at: usize = 0;

  check(at: usize, length: i32): bool {
    this.at = at;
    return length >= HEADER;
  }

  get id(): u32 {
    return get16(this.at);
  }

  get flags(): u32 {
    return get16(this.at + 2);
  }

  get isResponse(): bool {
    return (this.flags & RESPONSE) != 0;
  }

  get operation(): u32 {
    return (this.flags >> 11) & 15;
  }

  /** The lower four bits of the response code; the others are in OPT (RFC 6891, 6.1.3). */
  get code(): i32 {
    return <i32>(this.flags & 15);
  }

  get questions(): i32 {
    return <i32>get16(this.at + 4);
  }

  get answers(): i32 {
    return <i32>get16(this.at + 6);
  }

  get authorities(): i32 {
    return <i32>get16(this.at + 8);
  }

  get additionals(): i32 {
    return <i32>get16(this.at + 10);
  }
}

/** Writes a header with no records in any section. */
export function putHeader(at: usize, id: u32, flags: u32, questions: i32): void {
  put16(at, id);
  put16(at + 2, flags);
  put16(at + 4, questions);
  put16(at + 6, 0);
  put16(at + 8, 0);
  put16(at + 10, 0);
}
