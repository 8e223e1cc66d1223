// @seldom
/** The DHCP client (RFC 2131, section 4.4, figure 5), with the address conflict check of RFC 5227, section 2.1. */
import { Host } from "../host";
import { ArpListener } from "../ipv4/arp";
import { isUnicast } from "../ipv4/ipv4";
import { MILLISECOND, NEVER, SECOND } from "../time";
import { Receiver } from "../udp/ports";
import { REQUEST as ARP_REQUEST } from "../wire/arp";
import {
  ACK,
  CLIENT_PORT,
  DECLINE,
  DhcpReply,
  DISCOVER,
  NAK,
  OFFER,
  putRequest,
  REQUEST,
  REQUEST_LENGTH,
  SERVER_PORT,
} from "../wire/dhcpv4";
import { Ends } from "../wire/ends";
import { BROADCAST } from "../wire/ethernet";
import { startOf } from "../wire/window";

/** Who is told of the address. */
export interface Lease {
  /** The address is ours; 0 when it is not any more. */
  onLease(address: u32, prefix: u8, gateway: u32): void;
}

const STOPPED: u8 = 0;
const SELECTING: u8 = 1;
const REQUESTING: u8 = 2;
/** The address is given; whether another host uses it is being found out. */
const PROBING: u8 = 3;
const BOUND: u8 = 4;
const RENEWING: u8 = 5;
const REBINDING: u8 = 6;

/** RFC 2131, 4.1: waits of 4 to 64 seconds, doubled, plus or minus one. The first is shorter: a boot waits for it. */
const FIRST_WAIT: u64 = 1 * SECOND;
const LONGEST_WAIT: u64 = 64 * SECOND;
/** RFC 2131, 4.4.5: no more often than this while renewing. */
const SHORTEST_RENEWAL: u64 = 60 * SECOND;
/** RFC 5227 has three probes over several seconds; a boot cannot wait so long. */
const PROBES = 2;
const PROBE_WAIT: u64 = 150 * MILLISECOND;
/** RFC 2131, 3.1, 5: after a decline, 10 seconds at least. */
const DECLINE_WAIT: u64 = 10 * SECOND;
const REQUEST_TRIES = 4;

export class DhcpClient implements Receiver, ArpListener {
  private state: u8 = STOPPED;
  private nextAt: u64 = NEVER;
  private wait: u64 = FIRST_WAIT;
  private tries: i32 = 0;
  private transaction: u32 = 0;
  private beganAt: u64 = 0;
  private requestedAt: u64 = 0;
  private address: u32 = 0;
  private server: u32 = 0;
  private prefix: u8 = 0;
  private gateway: u32 = 0;
  private renewAt: u64 = NEVER;
  private rebindAt: u64 = NEVER;
  private expireAt: u64 = NEVER;
  private readonly reply: DhcpReply = new DhcpReply();

  constructor(
    private readonly host: Host,
    private readonly lease: Lease,
  ) {
    host.udp.bind(CLIENT_PORT, this);
    host.ipv4.arp.listener = this;
  }

  /** Begins; when the link comes back, asks whether the address still holds by renewing it. */
  start(up: bool): void {
    if (this.state == STOPPED) {
      if (up) this.discover();
    } else if (this.state >= BOUND && this.renewAt > this.host.now) {
      this.renewAt = this.host.now;
      this.nextAt = this.host.now;
    }
  }

  pollAt(): u64 {
    return this.nextAt;
  }

  poll(): void {
    const now = this.host.now;
    if (now < this.nextAt) return;
    switch (this.state) {
      case SELECTING:
        this.sendDiscover();
        break;
      case REQUESTING:
        if (this.tries >= REQUEST_TRIES) this.discover();
        else this.sendRequest();
        break;
      case PROBING:
        if (this.tries >= PROBES) this.bind();
        else this.probe();
        break;
      default:
        this.pollLease(now);
    }
  }

  onDatagram(_ends: Ends, port: u16, _owner: ArrayBuffer, at: usize, length: i32): void {
    const reply = this.reply;
    if (port != SERVER_PORT || !reply.read(at, length)) return;
    if (reply.transaction != this.transaction || reply.hardware != this.host.hardware) return;
    if (this.state == SELECTING && reply.type == OFFER) {
      // The first good offer is taken (4.4.1: "how the client chooses is implementation dependent").
      if (reply.server == 0 || !isUnicast(reply.address)) return;
      this.address = reply.address;
      this.server = reply.server;
      this.state = REQUESTING;
      this.tries = 0;
      this.wait = FIRST_WAIT;
      this.sendRequest();
    } else if (this.state == REQUESTING || this.state == RENEWING || this.state == REBINDING) {
      if (reply.type == ACK) this.acknowledged();
      else if (reply.type == NAK) this.lose();
    }
  }

  onArp(sender: u32, _hardware: u64): void {
    if (this.state != PROBING || sender != this.address) return;
    // 4.4.1: "If the network address appears to be in use, the client MUST send a DHCPDECLINE".
    this.send(DECLINE, 0, this.address, this.server, 0xffffffff);
    this.state = SELECTING;
    this.begin();
    this.nextAt = this.host.now + DECLINE_WAIT;
  }

  private discover(): void {
    this.state = SELECTING;
    this.begin();
    this.sendDiscover();
  }

  private begin(): void {
    this.transaction = <u32>this.host.random();
    this.beganAt = this.host.now;
    this.wait = FIRST_WAIT;
    this.address = 0;
    this.server = 0;
  }

  private sendDiscover(): void {
    this.send(DISCOVER, 0, 0, 0, 0xffffffff);
    this.backOff();
  }

  private sendRequest(): void {
    if (this.tries == 0) this.requestedAt = this.host.now;
    this.tries++;
    this.send(REQUEST, 0, this.address, this.server, 0xffffffff);
    this.backOff();
  }

  /** 4.1: waits double, and are randomised by a second in both directions. */
  private backOff(): void {
    const jitter = this.host.random() % ((2 * this.wait) / 4 + 1);
    this.nextAt = this.host.now + this.wait - this.wait / 4 + jitter;
    this.wait = min<u64>(2 * this.wait, LONGEST_WAIT);
  }

  private acknowledged(): void {
    const reply = this.reply;
    // A server that gives another address than it was asked for, or none, is not understood.
    if (reply.address != this.address || reply.lease == 0) return;
    const host = this.host;
    this.prefix = <u8>(reply.mask == 0 ? defaultPrefix(this.address) : 32 - ctz<u32>(reply.mask));
    this.gateway = reply.router;
    if (reply.server != 0) this.server = reply.server;
    // 4.4.5: T1 is half of the lease, T2 seven eighths, unless the server says otherwise. All ones is for ever.
    const endless = reply.lease == 0xffffffff;
    const lease = <u64>reply.lease * SECOND;
    const renewal = reply.renewal == 0 ? lease / 2 : <u64>reply.renewal * SECOND;
    const rebinding = reply.rebinding == 0 ? (lease / 8) * 7 : <u64>reply.rebinding * SECOND;
    this.renewAt = endless ? NEVER : this.requestedAt + min<u64>(renewal, lease);
    this.rebindAt = endless ? NEVER : this.requestedAt + min<u64>(rebinding, lease);
    this.expireAt = endless ? NEVER : this.requestedAt + lease;
    if (this.state == REQUESTING && host.ipv4.address != this.address) {
      this.state = PROBING;
      this.tries = 0;
      this.probe();
    } else {
      this.bind();
    }
  }

  private probe(): void {
    this.tries++;
    // RFC 5227, 2.1.1: a probe's sender has no address yet.
    this.host.ipv4.arp.send(ARP_REQUEST, BROADCAST, 0, 0, this.address);
    this.nextAt = this.host.now + PROBE_WAIT;
  }

  private bind(): void {
    this.state = BOUND;
    this.nextAt = this.renewAt;
    this.lease.onLease(this.address, this.prefix, this.gateway);
  }

  /** 4.4.5: renewing at the server, then rebinding at any, then the lease is over. */
  private pollLease(now: u64): void {
    if (now >= this.expireAt) {
      this.lose();
      return;
    }
    if (this.state == BOUND) {
      this.transaction = <u32>this.host.random();
      this.beganAt = now;
    }
    this.requestedAt = now;
    const rebinding = now >= this.rebindAt;
    this.state = rebinding ? REBINDING : RENEWING;
    this.send(REQUEST, this.address, 0, 0, rebinding ? 0xffffffff : this.server);
    // "One-half of the remaining time until T2", or until the lease is over.
    const until = rebinding ? this.expireAt : this.rebindAt;
    const next = now + max<u64>((until - now) / 2, SHORTEST_RENEWAL);
    this.nextAt = min<u64>(next, until > now ? until : this.expireAt);
  }

  private lose(): void {
    if (this.host.ipv4.address != 0) this.lease.onLease(0, 0, 0);
    this.discover();
  }

  private send(type: u32, client: u32, requested: u32, server: u32, destination: u32): void {
    const seconds = <u32>min<u64>((this.host.now - this.beganAt) / SECOND, 0xffff);
    const data = new ArrayBuffer(REQUEST_LENGTH);
    const at = startOf(data);
    const length = putRequest(
      at,
      type,
      this.transaction,
      seconds,
      this.host.hardware,
      client,
      requested,
      server,
    );
    const ends = new Ends();
    ends.setLocal4(this.host.ipv4.address);
    ends.setRemote4(destination);
    this.host.udp.send(CLIENT_PORT, ends, SERVER_PORT, at, length);
  }
}

/** The prefix of an address's class, for a server that sends no mask. */
function defaultPrefix(address: u32): u32 {
  return address >> 31 == 0 ? 8 : address >> 30 == 2 ? 16 : 24;
}
