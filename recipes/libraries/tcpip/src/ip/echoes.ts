// @seldom
/** Echo requests of ours (RFC 792, RFC 4443, section 4). */
import { Host } from "../host";
import { NEVER } from "../time";
import { Ends } from "../wire/ends";
import { ECHO_REQUEST, HEADER, putIcmp } from "../wire/icmpv4";
import { ECHO_REQUEST as ECHO_REQUEST_6, putIcmpv6 } from "../wire/icmpv6";
import { ICMP } from "../wire/ipv4";
import { ICMPV6 } from "../wire/ipv6";
import { copy } from "../wire/octets";

/** Requests that are under way at most. */
const LIMIT = 1024;
const LONGEST: i32 = 65535 - 20 - HEADER;

/** Learns what becomes of echo requests. `word` is identifier and sequence number. */
export interface EchoListener {
  /** The data that came back is at `at` during the call only, in the memory of `owner`. */
  onEchoReply(ends: Ends, word: u32, owner: ArrayBuffer, at: usize, length: i32): void;

  /** An ICMP error of `from` about a request of ours, for a reason of `trouble.ts`. */
  onEchoTrouble(ends: Ends, word: u32, trouble: i32, from: Ends): void;

  /** When `poll` wants to be called. */
  pollAt(): u64;
  poll(): void;
}

/** Who is told of one request, once. */
export interface EchoUser {
  onReply(owner: ArrayBuffer, at: usize, length: i32, roundTrip: u64): void;
  onTrouble(trouble: i32, from: Ends): void;
  onTimeout(ends: Ends): void;
}

/** A request that is under way. */
export class Request {
  readonly ends: Ends = new Ends();

  constructor(
    readonly sequence: u16,
    readonly user: EchoUser,
    readonly sentAt: u64,
    readonly expires: u64,
  ) {}
}

export class Echoes implements EchoListener {
  private readonly bySequence: Map<u16, Request> = new Map<u16, Request>();
  /** Ours alone, so that nobody answers what was not asked. */
  private readonly identifier: u32;
  private sequence: u16 = 0;
  private nextAt: u64 = NEVER;

  constructor(private readonly host: Host) {
    this.identifier = (<u32>host.random()) << 16;
    host.echoListener = this;
  }

  /** Sends a request to the remote end; null when it was not taken. */
  send(ends: Ends, data: usize, length: i32, timeout: u64, user: EchoUser): Request | null {
    const host = this.host;
    if (this.bySequence.size == LIMIT || length > LONGEST || !host.bind(ends)) return null;
    while (this.bySequence.has(this.sequence)) this.sequence++;
    const request = new Request(this.sequence, user, host.now, host.now + timeout);
    request.ends.copy(ends);
    const word = this.identifier | this.sequence;
    const at = host.compose(ends, HEADER + length);
    copy(at + <usize>HEADER, data, length);
    if (ends.six) putIcmpv6(at, ECHO_REQUEST_6, 0, word, length, ends);
    else putIcmp(at, ECHO_REQUEST, 0, word, length);
    const protocol = ends.six ? ICMPV6 : ICMP;
    if (!host.sendComposed(protocol, ends, HEADER + length)) return null;
    this.bySequence.set(this.sequence++, request);
    this.nextAt = min<u64>(this.nextAt, request.expires);
    return request;
  }

  cancel(request: Request): void {
    const sequence = request.sequence;
    if (this.bySequence.has(sequence) && this.bySequence.get(sequence) == request) {
      this.bySequence.delete(sequence);
    }
  }

  onEchoReply(ends: Ends, word: u32, owner: ArrayBuffer, at: usize, length: i32): void {
    const request = this.take(ends, word);
    if (request == null) return;
    request.user.onReply(owner, at, length, this.host.now - request.sentAt);
  }

  onEchoTrouble(ends: Ends, word: u32, trouble: i32, from: Ends): void {
    const request = this.take(ends, word);
    if (request != null) request.user.onTrouble(trouble, from);
  }

  pollAt(): u64 {
    return this.nextAt;
  }

  poll(): void {
    const now = this.host.now;
    if (now < this.nextAt) return;
    this.nextAt = NEVER;
    const requests = this.bySequence.values();
    for (let i = 0; i < requests.length; i++) {
      const request = requests[i];
      if (request.expires <= now) {
        this.cancel(request);
        request.user.onTimeout(request.ends);
      } else {
        this.nextAt = min<u64>(this.nextAt, request.expires);
      }
    }
  }

  /** The request that an answer belongs to, taken out; null for what was not asked. */
  private take(ends: Ends, word: u32): Request | null {
    const sequence = <u16>word;
    if ((word & 0xffff0000) != this.identifier || !this.bySequence.has(sequence)) return null;
    const request = this.bySequence.get(sequence);
    if (!request.ends.equals(ends)) return null;
    this.bySequence.delete(sequence);
    return request;
  }
}
