import { ADDITIONAL, Response } from "dns";
import { A, AAAA, copy, get8, put8, put16, put32 } from "dns-wire";
import {
  afterRecord,
  headLength,
  headOf,
  nameAt,
  nameCount,
  Tables,
  tailLength,
  tailOf,
  targetOf,
} from "./tables";

/** Owner: the name that was asked for. */
export const QUESTION: u32 = u32.MAX_VALUE;

/**
 * Writes sets of records into a response. Names are numbers, so that compression (RFC 1035, 4.1.4) is a look at where in
 * this message a name, or one above it, stands already.
 */
export class Writer {
  private start: usize = 0;
  private at: usize = 0;
  private limit: i32 = 0;
  private generation: u32 = 0;

  constructor(private readonly tables: Tables) {}

  /** Begins with a message that has nothing but its question. */
  begin(response: Response): void {
    this.start = response.start;
    this.at = response.start + response.length;
    this.limit = response.limit;
    if (++this.generation == 0x10000) {
      this.generation = 1;
      this.tables.clearStamps();
    }
  }

  /** Takes note that the name of the question, or its end from `offset` of the message on, is `name`. */
  note(name: u32, offset: i32): void {
    while (name != 0) {
      this.tables.setStamp(name, (this.generation << 16) | offset);
      offset += <i32>get8(this.tables.label(name)) + 1;
      name = this.tables.nameParent(name);
    }
  }

  /** Writes a whole set of `owner`, or nothing: false when it does not fit, and then no more can be written. */
  put(response: Response, section: i32, owner: u32, set: u32, ttl: u32): bool {
    const type = this.tables.setType(set);
    const count = this.tables.recordCount(set);
    let record = this.tables.firstRecord(set);
    let at = this.at;
    for (let index = 0; index < count; index++) {
      // What is written beyond the limit before that is seen is an owner and two names: there is room for that.
      if (<i32>(at - this.start) + tailLength(record) > this.limit) return false;
      if (owner == QUESTION) {
        put16(at, 0xc00c);
        at += 2;
      } else {
        at = this.putName(at, owner);
      }
      put16(at, type);
      put16(at + 2, 1);
      put32(at + 4, ttl);
      const length = at + 8;
      at = this.putData(at + 10, record);
      put16(length, <u32>(at - length - 2));
      if (<i32>(at - this.start) > this.limit) return false;
      record = afterRecord(record);
    }
    this.at = at;
    response.wrote(section, count, <i32>(at - this.start));
    return true;
  }

  /**
   * Adds the addresses of the names that a set's records want (RFC 1035, 3.3.9; RFC 2782).
   *
   * @param cut of a delegation, whose servers below it cannot be reached without them; 0 otherwise
   * @returns false when such an address does not fit (RFC 9471, 3); others are left out silently
   */
  putAddresses(response: Response, set: u32, cut: u32): bool {
    const first = this.tables.firstRecord(set);
    const count = min(this.tables.recordCount(set), TARGETS);
    let record = first;
    for (let index = 0; index < count; index++) {
      const target = targetOf(record);
      record = afterRecord(record);
      if (target == 0 || isBefore(first, index, target)) continue;
      const targetCut = this.tables.nodeCut(target);
      if (targetCut != 0 && cut == 0) continue;
      const isNeeded = cut != 0 && targetCut == cut;
      if (!this.putAddress(response, target, A) || !this.putAddress(response, target, AAAA))
        return !isNeeded;
    }
    return true;
  }

  private putAddress(response: Response, node: u32, type: u16): bool {
    const set = this.tables.find(node, type);
    return (
      set < 0 ||
      this.put(response, ADDITIONAL, this.tables.nodeName(node), <u32>set, this.tables.setTtl(set))
    );
  }

  private putData(at: usize, record: usize): usize {
    const names = nameCount(record);
    if (names > 0) {
      const head = headLength(record);
      copy(at, headOf(record), head);
      at += head;
      for (let index = 0; index < names; index++) at = this.putName(at, nameAt(record, index));
    }
    const length = tailLength(record);
    const tail = tailOf(record);
    // Addresses are most of what is asked for.
    if (length == 4) store<u32>(at, load<u32>(tail));
    else copy(at, tail, length);
    return at + length;
  }

  private putName(at: usize, name: u32): usize {
    while (name != 0) {
      const stamp = this.tables.stamp(name);
      if (stamp >> 16 == this.generation) {
        put16(at, 0xc000 | (stamp & 0x3fff));
        return at + 2;
      }
      // A pointer has 14 bits.
      const offset = <u32>(at - this.start);
      if (offset < 0x4000) this.tables.setStamp(name, (this.generation << 16) | offset);
      const label = this.tables.label(name);
      const length = <i32>get8(label) + 1;
      copy(at, label, length);
      at += length;
      name = this.tables.nameParent(name);
    }
    put8(at, 0);
    return at + 1;
  }
}

/** Names of one set whose addresses are added at most. */
const TARGETS: i32 = 32;

/** Whether one of the records before has the same target. */
function isBefore(record: usize, end: i32, target: u32): bool {
  for (let index = 0; index < end; index++) {
    if (targetOf(record) == target) return true;
    record = afterRecord(record);
  }
  return false;
}
