// @seldom
/**
 * The groups that we listen to, so that switches let them through (RFC 3810; for queries of the first version RFC 2710).
 * They are solicited-node addresses, one for each of our addresses or for several of them; all nodes' is never reported.
 */
import { Host } from "../host";
import { MILLISECOND, NEVER, SECOND } from "../time";
import { Ends } from "../wire/ends";
import { LISTENER_REPORT, LISTENER_REPORT_2 } from "../wire/icmpv6";
import { ALL_NODES_HIGH, ALL_NODES_LOW } from "../wire/ipv6";
import {
  asksFor,
  GROUP_LENGTH,
  IS_EXCLUDE,
  isFirstVersion,
  putGroup,
  putRecord,
  RECORD_LENGTH,
  REPORTS_LOW,
  responseDelay,
  TO_EXCLUDE,
  TO_INCLUDE,
} from "../wire/mld";
import { Messenger } from "./messenger";

/** A change is told twice, as one report may get lost (RFC 3810, section 9.1). */
const REPORTS = 2;
const REPORT_INTERVAL: u64 = 1 * SECOND;

class Group {
  /** How many of our addresses have it. */
  users: i32 = 1;
  /** Reports of our joining that are still to be sent. */
  reports: i32 = REPORTS;
  reportAt: u64 = 0;

  /** @param low low half of its address; the high half is that of all nodes' */
  constructor(readonly low: u64) {}
}

export class Groups {
  private readonly groups: Group[] = [];
  private readonly ends: Ends = new Ends();
  /** When a query is answered, and whether in the words of the first version. */
  private answerAt: u64 = NEVER;
  private first: bool = false;

  constructor(
    private readonly host: Host,
    private readonly messenger: Messenger,
  ) {}

  has(high: u64, low: u64): bool {
    return high == ALL_NODES_HIGH && (low == ALL_NODES_LOW || this.indexOf(low) >= 0);
  }

  join(low: u64): void {
    const index = this.indexOf(low);
    if (index >= 0) {
      this.groups[index].users++;
      return;
    }
    const group = new Group(low);
    this.groups.push(group);
    this.report(group);
  }

  leave(low: u64): void {
    const index = this.indexOf(low);
    if (index < 0) return;
    const group = this.groups[index];
    if (--group.users > 0) return;
    this.groups.splice(index, 1);
    this.sendRecord(TO_INCLUDE, low);
  }

  /** A router asks what is listened to; `at` is after the ICMP header. */
  onQuery(word: u32, at: usize, length: i32): void {
    if (length < GROUP_LENGTH || this.groups.length == 0) return;
    let asked = false;
    for (let i = 0; i < this.groups.length && !asked; i++) {
      asked = asksFor(at, ALL_NODES_HIGH, this.groups[i].low);
    }
    if (!asked) return;
    this.first = isFirstVersion(length);
    const delay = <u64>responseDelay(word, this.first) * MILLISECOND;
    const due = this.host.now + (delay == 0 ? 0 : this.host.random() % delay);
    this.answerAt = min<u64>(this.answerAt, due);
  }

  pollAt(): u64 {
    let at = this.answerAt;
    for (let i = 0; i < this.groups.length; i++) {
      if (this.groups[i].reports > 0) at = min<u64>(at, this.groups[i].reportAt);
    }
    return at;
  }

  poll(): void {
    const now = this.host.now;
    for (let i = 0; i < this.groups.length; i++) {
      const group = this.groups[i];
      if (group.reports > 0 && group.reportAt <= now) this.report(group);
    }
    if (this.answerAt > now) return;
    this.answerAt = NEVER;
    this.answer();
  }

  private report(group: Group): void {
    group.reports--;
    group.reportAt = this.host.now + (this.host.random() % REPORT_INTERVAL);
    this.sendRecord(TO_EXCLUDE, group.low);
  }

  private sendRecord(kind: u32, low: u64): void {
    putRecord(this.messenger.body, kind, ALL_NODES_HIGH, low);
    this.send(LISTENER_REPORT_2, 1, RECORD_LENGTH, REPORTS_LOW);
  }

  private answer(): void {
    const body = this.messenger.body;
    const count = this.groups.length;
    for (let i = 0; i < count; i++) {
      const low = this.groups[i].low;
      if (this.first) {
        putGroup(body, ALL_NODES_HIGH, low);
        this.send(LISTENER_REPORT, 0, GROUP_LENGTH, low);
      } else {
        putRecord(body + <usize>(i * RECORD_LENGTH), IS_EXCLUDE, ALL_NODES_HIGH, low);
      }
    }
    if (!this.first) this.send(LISTENER_REPORT_2, <u32>count, count * RECORD_LENGTH, REPORTS_LOW);
  }

  /** RFC 3590: from our link-local address, or from none while there is none yet. */
  private send(type: u32, word: u32, length: i32, group: u64): void {
    const ends = this.ends;
    ends.setRemote(ALL_NODES_HIGH, group);
    if (!this.host.ipv6.addresses.bindLinkLocal(ends)) ends.setLocal(0, 0);
    this.messenger.sendReport(type, word, length, ends);
  }

  private indexOf(low: u64): i32 {
    for (let i = 0; i < this.groups.length; i++) {
      if (this.groups[i].low == low) return i;
    }
    return -1;
  }
}
