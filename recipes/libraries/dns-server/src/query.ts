import { payload } from "config";
import {
  addressOf,
  FORMAT_ERROR,
  get16,
  HEADER,
  HeaderView,
  IN,
  IXFR,
  NAME_LIMIT,
  NameView,
  NOT_IMPLEMENTED,
  OptView,
  QUERY,
  RECURSION_DESIRED,
  REFUSED,
  RecordView,
  setView,
} from "dns-wire";
import { LONGEST, Response, response, Sender } from "./response";

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

/** What a query came by. */
export interface Transport extends Sender {
  /** One that goes on when the query is kept. */
  kept(): Transport;

  /** Asks `source` for messages as there is room; false when it cannot. */
  stream(query: Query, source: Stream): bool;
}

/** A question, and who asked. Valid during the handler's call only, as is all that it gives; `keep` makes it stay. */
export class Query {
  private id: u32 = 0;
  private flags: u32 = 0;
  private question: usize = 0;
  private questionLength: i32 = 0;
  private room: i32 = 512;
  private hasOpt: bool = false;
  private wantsSecurity: bool = false;
  private from: Uint8Array = nowhere;
  /** The memory of a kept query. */
  private own: Uint8Array = nowhere;
  private readonly nameView: Uint8Array = new Uint8Array(0);

  /** @param transport null until `read` */
  constructor(private transport: Transport | null) {}

  /** The name in wire form (RFC 1035, 3.1), not compressed, in the asker's own case. */
  get name(): Uint8Array {
    return this.nameView;
  }

  /** The type of records that is asked for, or a query type such as 255, all of them. */
  get type(): u16 {
    return <u16>get16(this.question + this.questionLength - 4);
  }

  /** The asker's address, 4 or 16 octets. */
  get address(): Uint8Array {
    return this.from;
  }

  /** Whether it came over TCP, so that the response may be long. */
  get overTcp(): bool {
    return this.room == LONGEST;
  }

  /** The same query, valid for as long as it is kept. */
  keep(): Query {
    const transport = this.transport;
    return this.own.length > 0 || transport === null ? this : this.copyFor(transport.kept());
  }

  /** The same query, valid for as long as it is kept, with another way back. */
  copyFor(transport: Transport): Query {
    const kept = new Query(transport);
    kept.id = this.id;
    kept.flags = this.flags;
    kept.room = this.room;
    kept.hasOpt = this.hasOpt;
    kept.wantsSecurity = this.wantsSecurity;
    kept.from = this.from.slice();
    const octets = new Uint8Array(this.questionLength);
    memory.copy(addressOf(octets), this.question, <usize>this.questionLength);
    kept.own = octets;
    kept.ask(addressOf(octets), this.questionLength);
    return kept;
  }

  /** Begins a response with a code (RFC 1035, 4.1.1): 0 no error, 2 failure, 3 no such name, 5 refused. One at a time: `end` it before the next. */
  respond(code: i32): Response {
    response.begin(
      this.transport!,
      this.id,
      this.flags,
      code,
      this.question,
      this.questionLength,
      this.room,
      this.hasOpt,
      this.wantsSecurity,
    );
    return response;
  }

  /** Responds by a stream of messages, over TCP: false over UDP. */
  stream(source: Stream): bool {
    return this.transport!.stream(this, source);
  }

  /**
   * Reads a message and has `handler` answer it; answers itself what is no query of class IN, and drops what may not be
   * answered.
   *
   * @param from the sender's address
   */
  read(
    at: usize,
    length: i32,
    from: Uint8Array,
    transport: Transport,
    overTcp: bool,
    handler: Handler,
  ): void {
    // No header, no id to answer; and a response to a response goes on for ever.
    if (!header.check(at, length) || header.isResponse) return;
    this.transport = transport;
    this.from = from;
    this.id = header.id;
    // The operation, and RD (RFC 1035, 4.1.1). All other flags are ours.
    this.flags = header.flags & (0x7800 | RECURSION_DESIRED);
    this.room = overTcp ? LONGEST : 512;
    this.hasOpt = false;
    this.wantsSecurity = false;
    this.ask(at + HEADER, 0);
    if (header.operation != QUERY) {
      this.refuse(NOT_IMPLEMENTED);
      return;
    }
    // RFC 9619, 4: a query has one question.
    const end = at + length;
    if (header.questions != 1 || !name.read(at, at + HEADER, end, addressOf(written))) {
      this.refuse(FORMAT_ERROR);
      return;
    }
    // There is nothing that the first name could point to.
    if (name.compressed || name.after + 4 > end) {
      this.refuse(FORMAT_ERROR);
      return;
    }
    this.ask(at + HEADER, <i32>(name.after + 4 - (at + HEADER)));
    // RFC 1995, 3: only an incremental transfer's query has a record in another section than the last.
    if (header.answers != 0 || (header.authorities != 0 && this.type != IXFR)) {
      this.refuse(FORMAT_ERROR);
      return;
    }
    if (!this.readOpt(at, end)) {
      this.refuse(FORMAT_ERROR);
      return;
    }
    // RFC 6891, 6.1.3: 16 is BADVERS.
    if (opt.version != 0) {
      this.refuse(16);
      return;
    }
    if (get16(name.after + 2) != <u32>IN) {
      this.refuse(REFUSED);
      return;
    }
    handler.onQuery(this);
  }

  /** Reads the sections after the question; false when they are not well-formed. */
  private readOpt(at: usize, end: usize): bool {
    let position = name.after + 4;
    opt.clear();
    for (let count = header.authorities; count > 0; count--) {
      if (!record.check(at, position, end)) return false;
      position = record.after;
    }
    for (let count = header.additionals; count > 0; count--) {
      if (!record.check(at, position, end) || !opt.read(record)) return false;
      position = record.after;
    }
    if (!opt.present) return true;
    this.hasOpt = true;
    this.wantsSecurity = opt.wantsSecurity;
    if (this.room != LONGEST) this.room = min<i32>(opt.payload, max<i32>(payload, 512));
    return true;
  }

  private ask(question: usize, length: i32): void {
    this.question = question;
    this.questionLength = length;
    setView(this.nameView, question, max(length - 4, 0));
  }

  private refuse(code: i32): void {
    this.respond(code).end();
  }
}

const nowhere: Uint8Array = new Uint8Array(0);
const header: HeaderView = new HeaderView();
const name: NameView = new NameView();
const record: RecordView = new RecordView();
const opt: OptView = new OptView();
const written: Uint8Array = new Uint8Array(NAME_LIMIT);
