import { maximumTtl, negativeTtl } from "config";
import {
  CNAME,
  expandData,
  get8,
  get16,
  get32,
  HEADER,
  HeaderView,
  IN,
  lowerCase,
  NAME_ERROR,
  NO_ERROR,
  nameToText,
  QUERY,
  RecordView,
  SOA,
  sameName,
  TRUNCATED,
} from "dns-wire";
import { Answer, FOUND, NO_DATA, NO_NAME } from "./answer";

/** Verdict: not the answer to our question: drop it and go on waiting. */
export const FOREIGN: i32 = 0;

/** Verdict: the server's, but of no use: ask another. */
export const USELESS: i32 = 1;

/** Verdict: cut off: ask again over TCP. */
export const CUT_OFF: i32 = 2;

/** Verdict: an answer. */
export const USEFUL: i32 = 3;

/** Reads what a server sent. */
export class Reply {
  answer: Answer | null = null;
  private readonly header: HeaderView = new HeaderView();
  private readonly record: RecordView = new RecordView();
  private message: usize = 0;
  private end: usize = 0;

  /**
   * Judges a message that came from the server that was asked.
   *
   * @param question name, type and class exactly as they were sent
   */
  read(at: usize, length: i32, id: u32, question: Uint8Array): i32 {
    this.answer = null;
    this.message = at;
    this.end = at + length;
    // RFC 5452, 4 and 9.1: the id and the question must be ours, to the case of every letter.
    if (!this.header.check(at, length) || !this.header.isResponse || this.header.id != id)
      return FOREIGN;
    if (this.header.operation != QUERY || this.header.questions != 1) return FOREIGN;
    if (length < HEADER + question.length) return FOREIGN;
    if (memory.compare(at + HEADER, question.dataStart, question.length) != 0) return FOREIGN;
    if ((this.header.flags & TRUNCATED) != 0) return CUT_OFF;
    const code = this.header.code;
    if (code != NO_ERROR && code != NAME_ERROR) return USELESS;
    const type = <u16>get16(question.dataStart + question.length - 4);
    return this.readAnswer(question, type, code) ? USEFUL : USELESS;
  }

  /** Follows the aliases from the name asked for; what is not on the way is not looked at (RFC 2181, 5.4.1; RFC 5452, 6). */
  private readAnswer(question: Uint8Array, type: u16, code: i32): bool {
    // The spelling is ours, and a secret: nobody else is told.
    let owner: Uint8Array = question.slice(0, question.length - 4);
    for (let index = 0; index < owner.length; index++) owner[index] = <u8>lowerCase(owner[index]);
    const records: Uint8Array[] = [];
    let ttl = maximumTtl;
    const start = this.message + HEADER + question.length;
    for (let followed = 0; followed <= ALIASES; followed++) {
      let alias: Uint8Array | null = null;
      let at = start;
      for (let count = this.header.answers; count > 0; count--) {
        const record = this.record;
        if (!record.check(this.message, at, this.end)) return false;
        at = record.after;
        if (record.recordClass != <u32>IN || !sameName(record.owner, owner.dataStart)) continue;
        if (record.type != <u32>type && record.type != <u32>CNAME) continue;
        const data = expandData(record, this.message, this.end);
        if (data === null) return false;
        ttl = min(ttl, record.ttl);
        if (record.type == <u32>type) records.push(data);
        else alias = data;
      }
      if (records.length > 0) {
        this.answer = Answer.of(FOUND, nameToText(owner), records, ttl);
        return true;
      }
      if (alias === null) return this.readDenial(at, owner, code, ttl);
      owner = alias;
    }
    return false;
  }

  /** RFC 2308, 5: that there is nothing is kept for as long as the SOA of the authority section says, and not without one. */
  private readDenial(start: usize, owner: Uint8Array, code: i32, ttl: u32): bool {
    let at = start;
    let until: u32 = 0;
    for (let count = this.header.authorities; count > 0; count--) {
      const record = this.record;
      if (!record.check(this.message, at, this.end)) return false;
      at = record.after;
      // Bailiwick: only a zone that the name is in can deny it.
      if (record.type != <u32>SOA || !isWithin(owner, record.owner)) continue;
      const data = expandData(record, this.message, this.end);
      if (data === null) return false;
      until = min(min(record.ttl, get32(data.dataStart + data.length - 4)), min(ttl, negativeTtl));
    }
    this.answer = Answer.of(code == NAME_ERROR ? NO_NAME : NO_DATA, nameToText(owner), [], until);
    return true;
  }
}

/** Aliases that are followed in one answer. */
const ALIASES: i32 = 16;

/** Whether `name` is `zone` or below it. */
function isWithin(name: Uint8Array, zone: usize): bool {
  let at = name.dataStart;
  while (!sameName(at, zone)) {
    const length = get8(at);
    if (length == 0) return false;
    at += length + 1;
  }
  return true;
}
