/**
 * TCP (RFC 9293): the calls of its user (section 3.10.1 to 3.10.6), the ports that are listened at, the timeouts
 * (section 3.10.8), and which connection a segment is for. What segments do is in `arrive.ts`, what is sent in
 * `transmit.ts`.
 */
import { Host } from "../host";
import { Neighbour } from "../ip/neighbours";
import { Rate } from "../ip/rate";
import { Options } from "../options";
import { SipHash } from "../siphash";
import { NEVER, SECOND } from "../time";
import {
  FRAGMENTATION_NEEDED,
  PORT_UNREACHABLE,
  PROTOCOL_UNREACHABLE,
  UNREACHABLE,
} from "../wire/icmpv4";
import { Ipv4View } from "../wire/ipv4";
import { ACK, FIN, RST, Segment, SYN, TIMESTAMPS_LENGTH } from "../wire/tcp";
import { Window } from "../wire/window";
import { agree, arrive } from "./arrive";
import { sendCookie, sendReset } from "./bare";
import { Block, LOSS, OPEN, User } from "./block";
import { Acceptance, Listening } from "./listening";
import { Numbers } from "./numbers";
import { PathMtu } from "./path-mtu";
import { Pool } from "./pool";
import * as reason from "./reason";
import { enterLoss, repeatRecovery } from "./recovery";
import { Schedule } from "./schedule";
import { before } from "./sequence";
import {
  CLOSE_WAIT,
  CLOSED,
  ESTABLISHED,
  FIN_WAIT_1,
  FIN_WAIT_2,
  LAST_ACK,
  SYN_RECEIVED,
  SYN_SENT,
  TIME_WAIT,
} from "./state";
import { Table } from "./table";
import { backOff } from "./timeout";
import { acknowledge, output, probeLife, probeWindow, reset, windowHasOpened } from "./transmit";

/** IPv4 and TCP headers without options. */
const HEADERS = 40;
/** No segment is smaller, whatever a peer or router says: headers would be all that we send. */
const SMALLEST_SEGMENT = 64;
const FIRST_PORT: u32 = 32768;
const PORTS: u32 = 28232;
/** Retransmissions after which the way itself is in doubt: R1 of RFC 9293, section 3.8.3. */
const DOUBTFUL = 3;
/** The send buffer of a connection whose congestion window is small. */
const FIRST_SEND_BUFFER = 128 << 10;
/** How long cookies are believed after they were last sent. */
const COOKIE_AGE: u64 = 128 * SECOND;
/** Bits of a cookie's timestamp that say what options the SYN had: window scale, and SACK. */
const COOKIE_BITS: u32 = 31;

export class Tcp {
  readonly schedule: Schedule = new Schedule();
  readonly numbers: Numbers;
  /** The MSS option that we send (RFC 9293, section 3.7.1; RFC 6691). */
  readonly ownSegment: i32;
  /** Rcv.Wind.Shift (RFC 7323, section 2.3). */
  readonly receiveShift: u32;
  readonly options: Options;
  readonly pool: Pool;
  private readonly table: Table;
  private readonly listeners: Map<u16, Listening> = new Map<u16, Listening>();
  private readonly segment: Segment = new Segment();
  private readonly window: Window = new Window();
  private readonly paths: PathMtu;
  private readonly challenges: Rate;
  private readonly resets: Rate;
  /** The sender of the segment that is dealt with. */
  private remote: u32 = 0;
  /** Connections that may have something to send or to tell, in order. */
  private first: Block | null = null;
  private last: Block | null = null;
  /** Connections whose `write` found no memory. */
  private readonly starved: Block[] = [];
  /** What was in use when that last happened: only with less is it worth while to try again. */
  private usedWhenStarved: i32 = 0;
  /** Connections in TIME-WAIT, the oldest first; some have left it already. */
  private readonly timeWaits: Block[] = [];
  private timeWaitCount: i32 = 0;

  constructor(
    readonly host: Host,
    hash: SipHash,
  ) {
    const options = host.options;
    this.options = options;
    this.numbers = new Numbers(hash);
    this.ownSegment = min<i32>(host.mtu - HEADERS, 65495);
    let shift: u32 = 0;
    while (options.receiveBuffer >> shift > 0xffff) shift++;
    this.receiveShift = shift;
    this.pool = new Pool(options.bufferMemory);
    this.table = new Table(hash.of(2, 2));
    this.paths = new PathMtu(host.mtu);
    this.challenges = new Rate(options.errorRate);
    this.resets = new Rate(options.resetRate);
  }

  // The user's calls.

  /** A passive OPEN (3.10.1): null when the port is taken, or none is free for 0. */
  listen(port: u16, acceptance: Acceptance): Listening | null {
    let chosen = port;
    if (port == 0) {
      const start = <u32>this.host.random() % PORTS;
      for (let i: u32 = 0; i < PORTS && chosen == 0; i++) {
        const candidate = <u16>(FIRST_PORT + ((start + i) % PORTS));
        if (!this.listeners.has(candidate)) chosen = candidate;
      }
    }
    if (chosen == 0 || this.listeners.has(chosen)) return null;
    const listening = new Listening(chosen, acceptance);
    this.listeners.set(chosen, listening);
    return listening;
  }

  /** Ends a passive OPEN; connections that are open stay. */
  unlisten(listening: Listening): void {
    if (listening.closed) return;
    listening.closed = true;
    this.listeners.delete(listening.port);
    if (listening.opening == 0) return;
    const blocks = this.table.all();
    for (let i = 0; i < blocks.length; i++) {
      if (blocks[i].listening == listening) {
        reset(this, blocks[i]);
        this.forget(blocks[i]);
      }
    }
  }

  /** An active OPEN (3.10.1); null when there is no way, no port or no room. */
  connect(remote: u32, remotePort: u16, user: User): Block | null {
    const host = this.host;
    if (remotePort == 0 || this.isFull()) return null;
    if (host.address != 0 && (remote == host.address || host.route(remote) == null)) return null;
    const port = this.freePort(remote, remotePort);
    if (port == 0) return null;
    const block = new Block(this.pool);
    block.remoteAddress = remote;
    block.remotePort = remotePort;
    block.localPort = port;
    block.user = user;
    block.state = SYN_SENT;
    block.receiveLimit = min<i32>(this.options.receiveBuffer, 0xffff);
    this.begin(block);
    if (host.address != 0) this.bindAddress(block);
    block.synDue = true;
    this.enqueue(block);
    return block;
  }

  /** SEND (3.10.2): how many octets were taken. */
  write(block: Block, from: usize, length: i32): i32 {
    const state = block.state;
    if (block.finQueued || length <= 0) return 0;
    if (state != ESTABLISHED && state != CLOSE_WAIT && state != SYN_SENT && state != SYN_RECEIVED) {
      return 0;
    }
    const taken = min<i32>(length, this.room(block));
    if (taken < length) block.wantsRoom = true;
    if (taken <= 0) return 0;
    if (!block.sending.reserve(block.queued + taken, block.queued)) {
      block.wantsRoom = true;
      this.usedWhenStarved = this.pool.used;
      if (!block.starving) this.starved.push(block);
      block.starving = true;
      return 0;
    }
    block.sending.put(block.queued, from, taken);
    block.queued += taken;
    this.enqueue(block);
    return taken;
  }

  /** CLOSE (3.10.4) as RFC 9293 has it: our side ends, and the peer's goes on. */
  shutdown(block: Block): void {
    if (block.finQueued) return;
    if (block.state == ESTABLISHED) block.state = FIN_WAIT_1;
    else if (block.state == CLOSE_WAIT) block.state = LAST_ACK;
    else if (block.state != SYN_SENT && block.state != SYN_RECEIVED) return;
    block.finQueued = true;
    block.wantsRoom = false;
    this.enqueue(block);
  }

  /** Ends both sides: what still comes is not told. */
  close(block: Block): void {
    if (block.deaf || (block.user == null && block.state == CLOSED)) return;
    block.deaf = true;
    block.paused = false;
    block.unread = 0;
    block.early.clear();
    if (!block.telling) block.receiving.release();
    this.enqueue(block);
    if (block.state == SYN_SENT) {
      // 3.10.4, SYN-SENT: "Delete the TCB".
      this.detach(block);
      block.finished = true;
      return;
    }
    this.shutdown(block);
    if (block.state == FIN_WAIT_2) this.lingerInFinWait(block);
  }

  /** ABORT (3.10.5). Nothing is told. */
  abort(block: Block): void {
    block.user = null;
    block.finished = false;
    block.unread = 0;
    block.early.clear();
    if (block.state == CLOSED || block.state == TIME_WAIT) {
      if (!block.telling) block.receiving.release();
      return;
    }
    if (block.state != SYN_SENT) reset(this, block);
    this.forget(block);
  }

  resume(block: Block): void {
    if (!block.paused) return;
    block.paused = false;
    this.enqueue(block);
  }

  // What the host calls.

  receive(packet: Ipv4View, owner: ArrayBuffer): void {
    const segment = this.segment;
    this.remote = packet.source;
    const sound = segment.read(
      packet.payload,
      packet.payloadLength,
      packet.source,
      packet.destination,
    );
    if (!sound || segment.sourcePort == 0) return;
    const block = this.table.find(packet.source, segment.sourcePort, segment.destinationPort);
    if (block == null) this.arriveAnew(segment, owner);
    else arrive(this, block, segment, owner);
  }

  /** An ICMP error about a segment of ours with the number `sequence`. */
  receiveError(
    remote: u32,
    remotePort: u16,
    localPort: u16,
    sequence: u32,
    type: u32,
    code: u32,
    mtu: i32,
  ): void {
    const block = this.table.find(remote, remotePort, localPort);
    if (block == null || block.state == TIME_WAIT) return;
    // RFC 5927, 4.1: who does not know what is under way was not on the path.
    if (sequence - block.una >= block.flight) return;
    if (type == UNREACHABLE && code == FRAGMENTATION_NEEDED) {
      const segment = block.segment;
      this.setSegment(block, this.paths.learn(remote, mtu, this.host.now));
      if (block.segment >= segment || !block.synchronized) return;
      // RFC 1191, 6.5: what was too large is sent again; it says nothing about congestion.
      block.recovery = LOSS;
      block.recoverAt = block.nxt;
      block.repaired = block.una;
      block.repairNow = true;
      this.enqueue(block);
      return;
    }
    const hard = type == UNREACHABLE && (code == PORT_UNREACHABLE || code == PROTOCOL_UNREACHABLE);
    // RFC 9293, 3.9.2.2: hard errors end a connection; RFC 5927, 5.2: but only one that is not open yet.
    if (hard && block.state == SYN_SENT) this.finish(block, reason.REFUSED);
    else block.unreachable = true;
  }

  /** Nobody answered for an address on the link. */
  neighbourFailed(neighbour: Neighbour): void {
    const blocks = this.table.all();
    for (let i = 0; i < blocks.length; i++) {
      if (blocks[i].state == SYN_SENT && blocks[i].neighbour == neighbour) {
        this.finish(blocks[i], reason.UNREACHABLE);
      }
    }
  }

  /** Our address is another now: connections of the old one cannot go on. */
  addressChanged(): void {
    const blocks = this.table.all();
    for (let i = 0; i < blocks.length; i++) {
      const block = blocks[i];
      if (block.localAddress == 0) this.enqueue(block);
      else if (block.localAddress != this.host.address) this.finish(block, reason.UNREACHABLE);
    }
  }

  pollAt(): u64 {
    return this.schedule.nextAt();
  }

  /** Deals with all timeouts that are due (3.10.8). */
  poll(): void {
    let block = this.schedule.due(this.host.now);
    while (block != null) {
      this.expire(block);
      if (block.state != CLOSED) this.schedule.update(block);
      block = this.schedule.due(this.host.now);
    }
  }

  /** How many connections there are, in any state. */
  get connectionCount(): i32 {
    return this.table.count;
  }

  /** Sends and tells what there is, until the device is full. */
  flush(): void {
    this.feedStarved();
    let block = this.first;
    while (block != null) {
      this.first = block.next;
      if (this.first == null) this.last = null;
      block.next = null;
      block.waiting = false;
      this.settle(block);
      if (block.state != CLOSED && !output(this, block)) {
        if (block.waiting) return;
        // It stays the first, so that no connection is starved by others.
        block.waiting = true;
        block.next = this.first;
        this.first = block;
        if (this.last == null) this.last = block;
        return;
      }
      block = this.first;
    }
  }

  // What `arrive` and `transmit` call.

  /** A segment of no connection (3.10.7.1 and 3.10.7.2). */
  arriveAnew(segment: Segment, owner: ArrayBuffer): void {
    if (segment.has(RST)) return;
    const port = segment.destinationPort;
    if (!this.listeners.has(port)) {
      this.refuse(segment);
      return;
    }
    const listening = this.listeners.get(port);
    if (segment.has(ACK)) {
      // "Any acknowledgment is bad if it arrives on a connection still in the LISTEN state", but for that of a cookie.
      if (segment.has(SYN) || !this.openByCookie(listening, segment, owner)) this.refuse(segment);
      return;
    }
    if (!segment.has(SYN) || segment.has(FIN)) return;
    if (listening.opening >= this.options.backlog) {
      this.answerByCookie(listening, segment);
      return;
    }
    if (this.isFull()) return;
    const block = this.answering(segment);
    block.state = SYN_RECEIVED;
    block.listening = listening;
    listening.opening++;
    block.synDue = true;
    this.enqueue(block);
  }

  /** Answers a segment by a reset. */
  refuse(segment: Segment): void {
    if (this.resets.take(this.host.now)) sendReset(this.host, this.remote, segment);
  }

  /** RFC 5961, section 7: challenge acknowledgments, within a limit. */
  challenge(block: Block): void {
    if (this.challenges.take(this.host.now)) acknowledge(this, block);
  }

  /** What is not acceptable is acknowledged again; empty segments within a limit, so that two peers cannot do so for ever. */
  duplicateArrived(block: Block, segment: Segment): void {
    if (segment.length > 0) acknowledge(this, block);
    else this.challenge(block);
  }

  /** A connection that came is open, or one that both sides opened; false when its user does not want it. */
  opened(block: Block): bool {
    this.enqueue(block);
    const listening = block.listening;
    if (listening != null) {
      listening.opening--;
      block.listening = null;
      const user = listening.acceptance.onAccept(block);
      if (user == null) {
        if (block.state != CLOSED) this.abort(block);
      } else if (block.state != CLOSED) {
        block.user = user;
      }
    } else {
      const user = block.user;
      if (user != null) user.onOpen(block);
    }
    return block.state != CLOSED;
  }

  /** The segment size for a path that takes packets of `mtu`. */
  setSegment(block: Block, mtu: i32): void {
    // RFC 6691, section 2: options come off what the MSS option says.
    const size = min<i32>(block.peerSegment, mtu - HEADERS);
    block.segment = max<i32>(size - (block.timestamps ? TIMESTAMPS_LENGTH : 0), SMALLEST_SEGMENT);
  }

  pathMtu(block: Block): i32 {
    return this.paths.to(block.remoteAddress, this.host.now);
  }

  /** Gives a connection our present address, and its numbers that depend on it. */
  bindAddress(block: Block): void {
    const local = this.host.address;
    block.localAddress = local;
    block.timestampOffset = this.numbers.timestampOffset(local, block.remoteAddress);
  }

  /** To be called when a connection may have something to send or to tell. */
  enqueue(block: Block): void {
    if (block.waiting) return;
    block.waiting = true;
    const last = this.last;
    if (last == null) this.first = block;
    else last.next = block;
    this.last = block;
  }

  /** Tells data of a segment, which lies in `owner`, and then all else. */
  tell(block: Block, owner: ArrayBuffer, at: usize, length: i32): void {
    const user = block.user;
    if (length > 0 && user != null) {
      user.onData(block, this.window.aim(owner, at, length));
      this.window.release();
    }
    this.settle(block);
  }

  /** Tells the user what there is to tell. */
  settle(block: Block): void {
    if (block.unread > 0 && !block.paused) this.tellHeld(block);
    if (block.unread == 0 && block.early.count == 0) block.receiving.release();
    if (block.finReceived && !block.endTold && block.unread == 0 && !block.paused && !block.deaf) {
      const user = block.user;
      block.endTold = true;
      if (user != null) user.onEnd(block);
    }
    if (block.wantsRoom && !block.finQueued && this.room(block) >= this.sendLimit(block) >> 2) {
      const user = block.user;
      block.wantsRoom = false;
      if (user != null && block.state != CLOSED) user.onWritable(block);
    }
    if ((block.state == TIME_WAIT || block.finished) && (block.deaf || block.endTold)) {
      const user = block.user;
      block.user = null;
      block.finished = false;
      if (user != null) user.onClose(block, reason.CLOSED);
    }
  }

  /** The connection is gone, and its user is told when the data has been. */
  finish(block: Block, why: i32): void {
    this.detach(block);
    if (
      why == reason.CLOSED &&
      !block.deaf &&
      (block.unread > 0 || (block.finReceived && !block.endTold))
    ) {
      block.finished = true;
      this.enqueue(block);
      return;
    }
    block.unread = 0;
    block.early.clear();
    if (!block.telling) block.receiving.release();
    const user = block.user;
    block.user = null;
    if (user != null) user.onClose(block, why);
  }

  /** The connection is gone, and nobody is told. */
  forget(block: Block): void {
    const user = block.user;
    // A user that has not read all keeps what is there.
    if (block.state == TIME_WAIT && user != null) {
      this.finish(block, reason.CLOSED);
      return;
    }
    this.detach(block);
    block.unread = 0;
    block.early.clear();
    if (!block.telling) block.receiving.release();
  }

  enterTimeWait(block: Block): void {
    block.state = TIME_WAIT;
    block.stopTimers();
    block.sending.release();
    this.timeWaits.push(block);
    this.timeWaitCount++;
    this.restartTimeWait(block);
    this.enqueue(block);
    while (this.timeWaitCount > this.options.timeWaitLimit) {
      const oldest = this.timeWaits.shift();
      if (oldest.state == TIME_WAIT) this.forget(oldest);
    }
  }

  /** 3.10.7.4: "restart the 2 MSL timeout". */
  restartTimeWait(block: Block): void {
    block.lingerAt = this.host.now + this.options.timeWait;
    this.schedule.update(block);
  }

  /** A user that has closed does not wait for ever for the peer's end. */
  lingerInFinWait(block: Block): void {
    block.lingerAt = this.host.now + this.options.finWait;
    this.schedule.update(block);
  }

  /** Data came for a user that has closed, after all of ours was acknowledged (3.6.1: a reset says that it is lost). */
  abortDeaf(block: Block): void {
    reset(this, block);
    this.finish(block, reason.CLOSED);
  }

  /** The peer lives: the next question whether it does is far off. */
  keepAlive(block: Block): void {
    block.keepAliveAt = this.host.now + this.options.keepAlive;
    this.schedule.update(block);
  }

  private expire(block: Block): void {
    const now = this.host.now;
    if (block.acknowledgeAt <= now) {
      block.acknowledgeAt = NEVER;
      block.acknowledgmentDue = true;
      this.enqueue(block);
    }
    if (block.lingerAt <= now) {
      block.lingerAt = NEVER;
      if (block.state == TIME_WAIT) this.forget(block);
      else this.finish(block, reason.CLOSED);
      this.trimTimeWaits();
      return;
    }
    if (block.repairAt <= now) {
      block.repairAt = NEVER;
      if (block.recovery != OPEN) {
        block.repairTried = true;
        repeatRecovery(block);
        this.enqueue(block);
      }
    }
    if (block.retransmitAt <= now) this.expireRetransmission(block);
    if (block.persistAt <= now) this.expirePersist(block);
    if (block.keepAliveAt <= now) this.expireKeepAlive(block);
  }

  /** RFC 6298, 5.4 to 5.6; RFC 9293, 3.8.3: R2. */
  private expireRetransmission(block: Block): void {
    block.retransmitAt = NEVER;
    block.retries++;
    const answering = block.state == SYN_RECEIVED;
    const opening = block.state == SYN_SENT || answering;
    const limit = !opening
      ? this.options.dataRetries
      : answering
        ? this.options.synAnswerRetries
        : this.options.synRetries;
    if (block.retries > limit) {
      if (answering && block.user == null) this.forget(block);
      else this.finish(block, block.unreachable ? reason.UNREACHABLE : reason.TIMED_OUT);
      return;
    }
    backOff(block, this.options);
    block.timing = false;
    const neighbour = block.neighbour;
    if (block.retries >= DOUBTFUL && neighbour != null) this.host.neighbours.doubt(neighbour);
    if (opening) {
      block.synDue = true;
    } else {
      enterLoss(block);
      block.retransmitAt = this.host.now + block.timeout;
    }
    this.enqueue(block);
  }

  private expirePersist(block: Block): void {
    block.persistTries++;
    if (block.persistTries > this.options.dataRetries) {
      this.finish(block, reason.TIMED_OUT);
      return;
    }
    const wait = block.timeout << (<u64>min<i32>(block.persistTries, 10));
    block.persistAt = this.host.now + min<u64>(wait, this.options.maximumTimeout);
    if (<i32>(block.una + block.window - block.nxt) > 0) {
      block.sendSmall = true;
      this.enqueue(block);
    } else {
      probeWindow(this, block);
    }
  }

  private expireKeepAlive(block: Block): void {
    block.keepAliveAt = NEVER;
    if (block.state != ESTABLISHED && block.state != CLOSE_WAIT) return;
    if (block.flight > 0) {
      this.keepAlive(block);
      return;
    }
    block.keepAliveTries++;
    if (block.keepAliveTries > this.options.keepAliveProbes) {
      reset(this, block);
      this.finish(block, reason.TIMED_OUT);
      return;
    }
    probeLife(this, block);
    block.keepAliveAt = this.host.now + this.options.keepAliveInterval;
  }

  private tellHeld(block: Block): void {
    block.telling = true;
    while (block.unread > 0 && !block.paused && block.user != null) {
      const length = min<i32>(block.unread, block.receiving.contiguous(0));
      const owner = block.receiving.buffer!;
      block.user!.onData(block, this.window.aim(owner, block.receiving.address(0), length));
      this.window.release();
      // `close` and `abort` let go of what is unread.
      if (block.unread == 0) break;
      block.unread -= length;
      block.receiving.drop(length);
    }
    block.telling = false;
    if (block.state != CLOSED && block.state != TIME_WAIT && windowHasOpened(block)) {
      block.acknowledgmentDue = true;
      this.enqueue(block);
    }
  }

  private room(block: Block): i32 {
    return this.sendLimit(block) - block.queued;
  }

  /** As much as the path can use, so that memory follows the congestion window. */
  private sendLimit(block: Block): i32 {
    const wanted = (<i32>min<u32>(block.congestion.window, 1 << 28)) << 1;
    return min<i32>(this.options.sendBuffer, max<i32>(FIRST_SEND_BUFFER, wanted));
  }

  private feedStarved(): void {
    if (this.starved.length == 0 || this.pool.used >= this.usedWhenStarved) return;
    const starved = this.starved.splice(0);
    for (let i = 0; i < starved.length; i++) {
      starved[i].starving = false;
      this.enqueue(starved[i]);
    }
  }

  private isFull(): bool {
    return this.table.count - this.timeWaitCount >= this.options.connectionLimit;
  }

  /** RFC 6056, section 3.3.3; 0 when all are in use. */
  private freePort(remote: u32, remotePort: u16): u16 {
    const start =
      this.numbers.portOffset(this.host.address, remote, remotePort) + <u32>this.host.random();
    for (let i: u32 = 0; i < PORTS; i++) {
      const port = <u16>(FIRST_PORT + ((start + i) % PORTS));
      if (!this.listeners.has(port) && this.table.find(remote, remotePort, port) == null)
        return port;
    }
    return 0;
  }

  /** A connection for the sender of a SYN. */
  private answering(segment: Segment): Block {
    const block = new Block(this.pool);
    block.remoteAddress = this.remote;
    block.remotePort = segment.sourcePort;
    block.localPort = segment.destinationPort;
    this.bindAddress(block);
    agree(this, block, segment);
    this.begin(block);
    return block;
  }

  private begin(block: Block): void {
    const now = this.host.now;
    block.iss = this.numbers.initialSequence(
      this.host.address,
      block.localPort,
      block.remoteAddress,
      block.remotePort,
      now,
    );
    block.una = block.iss;
    block.nxt = block.iss + 1;
    block.smallEnd = block.iss;
    block.recoverAt = block.iss;
    block.repaired = block.iss;
    this.table.add(block);
  }

  /** Answers a SYN when the backlog is full. */
  private answerByCookie(listening: Listening, segment: Segment): void {
    const host = this.host;
    const size = segment.maximumSegmentSize == 0 ? 536 : segment.maximumSegmentSize;
    if (size < 536 || !this.resets.take(host.now)) return;
    listening.overflowedAt = max<u64>(host.now, 1);
    const local = host.address;
    const cookie = this.numbers.cookie(
      local,
      listening.port,
      this.remote,
      segment.sourcePort,
      segment.sequence,
      min<i32>(size, this.paths.to(this.remote, host.now) - HEADERS),
      host.now,
    );
    const scale: u32 = segment.windowScale < 0 ? 15 : <u32>segment.windowScale;
    const options = scale | (segment.sackPermitted ? 16 : 0);
    const present = this.numbers.timestamp(
      this.numbers.timestampOffset(local, this.remote),
      host.now,
    );
    let timestamp = (present & ~COOKIE_BITS) | options;
    // Not in the future, so that the timestamps of the connection go on from it.
    if (before(present, timestamp)) timestamp -= COOKIE_BITS + 1;
    const window = min<i32>(this.options.receiveBuffer, 0xffff);
    sendCookie(
      host,
      this.remote,
      segment,
      cookie,
      timestamp,
      this.ownSegment,
      this.receiveShift,
      window,
    );
  }

  /** An acknowledgment may be that of a cookie: then the connection is open. */
  private openByCookie(listening: Listening, segment: Segment, owner: ArrayBuffer): bool {
    const now = this.host.now;
    if (listening.overflowedAt == 0 || now - listening.overflowedAt > COOKIE_AGE) return false;
    const size = this.numbers.cookieSize(
      this.host.address,
      listening.port,
      this.remote,
      segment.sourcePort,
      segment.sequence - 1,
      segment.acknowledgment - 1,
      now,
    );
    if (size == 0 || this.isFull()) return false;
    // The segment as the SYN must have been.
    const options = segment.timestamps ? segment.timestampEcho & COOKIE_BITS : 15;
    segment.sequence--;
    segment.maximumSegmentSize = size;
    segment.windowScale = (options & 15) == 15 ? -1 : <i32>(options & 15);
    segment.sackPermitted = (options & 16) != 0;
    const block = this.answering(segment);
    segment.sequence++;
    block.state = SYN_RECEIVED;
    block.listening = listening;
    listening.opening++;
    block.iss = segment.acknowledgment - 1;
    block.una = block.iss;
    block.nxt = block.iss + 1;
    block.receiveEdge = block.receiveNext + <u32>min<i32>(this.options.receiveBuffer, 0xffff);
    arrive(this, block, segment, owner);
    return true;
  }

  /** Takes a connection out of all tables. */
  private detach(block: Block): void {
    if (block.state == TIME_WAIT) this.timeWaitCount--;
    const listening = block.listening;
    if (listening != null) {
      listening.opening--;
      block.listening = null;
    }
    block.state = CLOSED;
    block.stopTimers();
    this.schedule.remove(block);
    this.table.remove(block);
    block.sending.release();
    block.queued = 0;
    block.sacked.clear();
  }

  private trimTimeWaits(): void {
    while (this.timeWaits.length > 0 && this.timeWaits[0].state != TIME_WAIT)
      this.timeWaits.shift();
  }
}
