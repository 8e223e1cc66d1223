import { payload } from "config";
import {
  AUTHORITATIVE,
  addressOf,
  Compressor,
  copy,
  HEADER,
  OPT_LENGTH,
  put16,
  put32,
  putHeader,
  putOpt,
  RESPONSE,
  TRUNCATED,
} from "dns-wire";

/** Section of a response: what was asked for. */
export const ANSWER: i32 = 0;

/** Section: who knows more, or that there is nothing to know. */
export const AUTHORITY: i32 = 1;

/** Section: what will be asked next. */
export const ADDITIONAL: i32 = 2;

/** Where finished messages go. */
export interface Sender {
  /** `at` is the message's first octet; the two before it are free to be written. False when it is gone. */
  send(at: usize, length: i32): bool;
}

/** A response that is being made, always in the same memory. */
export class Response {
  private position: i32 = 0;
  private bound: i32 = 0;
  private flags: u32 = 0;
  private id: u32 = 0;
  private extended: u32 = 0;
  private hasOpt: bool = false;
  private wantsSecurity: bool = false;
  private question: i32 = 0;
  private sender: Sender | null = null;
  private readonly counts: StaticArray<i32> = new StaticArray<i32>(3);
  private readonly compressor: Compressor = new Compressor();
  private noted: bool = false;

  /**
   * Begins a response.
   *
   * @param flags of the query that are repeated
   * @param question address of the question, name to class
   * @param questionLength 0 for a response without one
   * @param room octets that the asker takes
   */
  begin(
    sender: Sender,
    id: u32,
    flags: u32,
    code: i32,
    question: usize,
    questionLength: i32,
    room: i32,
    hasOpt: bool,
    wantsSecurity: bool,
  ): void {
    this.sender = sender;
    this.id = id;
    this.flags = RESPONSE | flags | (<u32>code & 15);
    this.extended = <u32>code >> 4;
    this.hasOpt = hasOpt;
    this.wantsSecurity = wantsSecurity;
    copy(message + HEADER, question, questionLength);
    this.question = questionLength;
    this.position = HEADER + questionLength;
    this.bound = room - (hasOpt ? OPT_LENGTH : 0);
    this.counts[ANSWER] = 0;
    this.counts[AUTHORITY] = 0;
    this.counts[ADDITIONAL] = 0;
    this.noted = false;
  }

  /** Changes the code that it was begun with. */
  code(code: i32): void {
    this.flags = (this.flags & ~15) | (<u32>code & 15);
    this.extended = <u32>code >> 4;
  }

  /** Says that it is of an authority for the name. */
  authoritative(): void {
    this.flags |= AUTHORITATIVE;
  }

  /**
   * Adds a record of class IN. Sections are filled in their order. Names are in wire form; `owner` is compressed, `data`
   * is taken as it is. False when it does not fit: truncate then, or do without.
   */
  add(section: i32, owner: Uint8Array, type: u16, ttl: u32, data: Uint8Array): bool {
    if (this.position + owner.length + 10 + data.length > ROOM) return false;
    if (!this.noted) {
      this.noted = true;
      this.compressor.clear();
      if (this.question > 0) this.compressor.note(message, HEADER);
    }
    const start = this.compressor.put(message, this.position, addressOf(owner));
    const length = start + 10 + data.length;
    if (length > this.bound) return false;
    put16(message + start, type);
    put16(message + start + 2, 1);
    put32(message + start + 4, ttl);
    put16(message + start + 8, <u32>data.length);
    copy(message + start + 10, addressOf(data), data.length);
    this.wrote(section, 1, length);
    return true;
  }

  /** Takes all records out and says that there is more, so that the asker comes again over TCP (RFC 1035, 4.2.1). */
  truncate(): void {
    this.flags |= TRUNCATED;
    this.position = HEADER + this.question;
    this.counts[ANSWER] = 0;
    this.counts[AUTHORITY] = 0;
    this.counts[ADDITIONAL] = 0;
    this.noted = false;
  }

  /** Sends it. Harmless when the asker is gone. */
  end(): void {
    const sender = this.sender;
    if (sender === null) return;
    this.sender = null;
    let length = this.position;
    let additional = this.counts[ADDITIONAL];
    if (this.hasOpt) {
      putOpt(message + length, max<i32>(payload, 512), this.extended, this.wantsSecurity);
      length += OPT_LENGTH;
      additional++;
    }
    putHeader(message, this.id, this.flags, this.question > 0 ? 1 : 0);
    put16(message + 6, <u32>this.counts[ANSWER]);
    put16(message + 8, <u32>this.counts[AUTHORITY]);
    put16(message + 10, <u32>additional);
    sender.send(message, length);
  }

  /** For sources that write records themselves: address of the message's first octet, 65535 octets and some to spare. */
  get start(): usize {
    return message;
  }

  /** Octets of the message so far. */
  get length(): i32 {
    return this.position;
  }

  /** Octets that it may have at most. */
  get limit(): i32 {
    return this.bound;
  }

  /** Tells that `records` were written to a section, so that the message has `length` octets now. */
  wrote(section: i32, records: i32, length: i32): void {
    this.counts[section] += records;
    this.position = length;
  }
}

/** RFC 1035, 4.2.2: the length of a message over TCP has 16 bits. */
export const LONGEST: i32 = 65535;

/** Octets that may be written before it is known whether they fit. */
const SPARE: i32 = 4096;
const ROOM: i32 = LONGEST + SPARE;

/** The length field of TCP is before it. */
const room: Uint8Array = new Uint8Array(16 + ROOM);
const message: usize = addressOf(room) + 16;

/** The one that is being made. */
export const response: Response = new Response();
