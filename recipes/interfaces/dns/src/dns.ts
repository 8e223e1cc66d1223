/** Section of a response: what was asked for. */
export declare const ANSWER: i32;

/** Section: who knows more, or that there is nothing to know. */
export declare const AUTHORITY: i32;

/** Section: what will be asked next. */
export declare const ADDITIONAL: i32;

/** Answers queries. */
export interface Handler {
  /** A well-formed query of class IN. Respond now, or `keep` it and respond later; without a response it is dropped. */
  onQuery(query: Query): void;
}

/** Makes a response of several messages, as zone transfers are (RFC 5936, 2.2). */
export interface Stream {
  /** There is room for one more message: respond once, and say whether that was not the last. */
  onRoom(query: Query): bool;
}

/** A question, and who asked. Valid during the handler's call only, as is all that it gives; `keep` makes it stay. */
export declare class Query {
  /** The name in wire form (RFC 1035, 3.1), not compressed, in the asker's own case. */
  get name(): Uint8Array;

  /** The type of records that is asked for, or a query type such as 255, all of them. */
  get type(): u16;

  /** The asker's address, 4 or 16 octets. */
  get address(): Uint8Array;

  /** Whether it came over TCP, so that the response may be long. */
  get overTcp(): bool;

  /** The same query, valid for as long as it is kept. */
  keep(): Query;

  /** Begins a response with a code (RFC 1035, 4.1.1): 0 no error, 2 failure, 3 no such name, 5 refused. One at a time: `end` it before the next. */
  respond(code: i32): Response;

  /** Responds by a stream of messages, over TCP: false over UDP. */
  stream(source: Stream): bool;
}

/** A response that is being made. The question is in it already. */
export declare class Response {
  /** Changes the code that it was begun with. */
  code(code: i32): void;

  /** Says that it is of an authority for the name. */
  authoritative(): void;

  /**
   * Adds a record of class IN. Sections are filled in their order. Names are in wire form; `owner` is compressed, `data`
   * is taken as it is. False when it does not fit: truncate then, or do without.
   */
  add(section: i32, owner: Uint8Array, type: u16, ttl: u32, data: Uint8Array): bool;

  /** Takes all records out and says that there is more, so that the asker comes again over TCP (RFC 1035, 4.2.1). */
  truncate(): void;

  /** Sends it. Harmless when the asker is gone. */
  end(): void;

  /** For sources that write records themselves: address of the message's first octet, 65535 octets and some to spare. */
  get start(): usize;

  /** Octets of the message so far. */
  get length(): i32;

  /** Octets that it may have at most. */
  get limit(): i32;

  /** Tells that `records` were written to a section, so that the message has `length` octets now. */
  wrote(section: i32, records: i32, length: i32): void;
}

/** Serves `handler` over UDP and TCP at `port`; false when the port cannot be had. */
export declare function serve(port: u16, handler: Handler): bool;
