// @seldom
/** How connections open: the SYNs of both sides, and what they agree on (RFC 9293, sections 3.5, 3.10.7.2 and 3.10.7.3). */
import { NEVER } from "../time";
import { ACK, DEFAULT_MSS, DEFAULT_MSS_6, FIN, RST, Segment, SYN } from "../wire/tcp";
import { Block } from "./block";
import { abort, begin } from "./calls";
import { answerByCookie, openByCookie } from "./cookie";
import { NO_SCALE, shiftOf } from "./emit";
import { finish } from "./ending";
import { keepAlive } from "./expiry";
import { Listening } from "./listening";
import * as reason from "./reason";
import { setSegment } from "./reports";
import { CLOSED, ESTABLISHED, FIN_WAIT_1, SYN_RECEIVED } from "./state";
import { Tcp } from "./tcp";
import { measured } from "./timeout";

/** A segment of no connection (3.10.7.1 and 3.10.7.2). */
export function arriveAnew(tcp: Tcp, segment: Segment, owner: ArrayBuffer): void {
  if (segment.has(RST)) return;
  const port = segment.destinationPort;
  if (!tcp.listeners.has(port)) {
    tcp.refuse(segment);
    return;
  }
  const listening = tcp.listeners.at(port);
  if (segment.has(ACK)) {
    // "Any acknowledgment is bad if it arrives on a connection still in the LISTEN state", but for that of a cookie.
    if (segment.has(SYN) || !openByCookie(tcp, listening, segment, owner)) tcp.refuse(segment);
    return;
  }
  if (!segment.has(SYN) || segment.has(FIN)) return;
  if (listening.opening >= tcp.options.backlog) {
    answerByCookie(tcp, listening, segment);
    return;
  }
  if (!tcp.full) answer(tcp, listening, segment).synDue = true;
}

/** A connection for the sender of a SYN, in SYN-RECEIVED. */
export function answer(tcp: Tcp, listening: Listening, segment: Segment): Block {
  const block = new Block(tcp.pool);
  block.ends.copy(tcp.ends);
  block.remotePort = segment.sourcePort;
  block.localPort = segment.destinationPort;
  tcp.bindTimestamps(block);
  agree(tcp, block, segment);
  begin(tcp, block);
  block.state = SYN_RECEIVED;
  block.listening = listening;
  listening.opening++;
  tcp.enqueue(block);
  return block;
}

/** 3.10.7.3 */
export function arriveSynSent(tcp: Tcp, block: Block, segment: Segment): void {
  // First: the ACK bit. Only the SYN was sent, so there is one number to acknowledge.
  const acknowledges = segment.has(ACK);
  const acceptable =
    acknowledges && segment.acknowledgment == block.iss + 1 && block.nxt == block.iss + 1;
  if (acknowledges && !acceptable) {
    if (!segment.has(RST)) tcp.refuse(segment);
    return;
  }
  // Second: the RST bit. A blind one, without an acknowledgment, is dropped.
  if (segment.has(RST)) {
    if (acceptable) finish(tcp, block, reason.REFUSED);
    return;
  }
  // Fourth: the SYN bit. "If neither SYN nor RST is set, drop the segment."
  if (!segment.has(SYN)) return;
  agree(tcp, block, segment);
  if (!acceptable) {
    // Simultaneous open: "enter SYN-RECEIVED, form a SYN,ACK".
    block.state = SYN_RECEIVED;
    block.retries = 0;
    block.retransmitAt = NEVER;
    block.synDue = true;
    tcp.enqueue(block);
    return;
  }
  synchronize(tcp, block, segment);
  block.state = block.finQueued ? FIN_WAIT_1 : ESTABLISHED;
  block.acknowledgmentDue = true;
  tcp.enqueue(block);
  const user = block.user;
  if (user != null) user.onOpen(block);
}

/** What a SYN says about its sender: numbers, window, options. */
export function agree(tcp: Tcp, block: Block, segment: Segment): void {
  block.irs = segment.sequence;
  block.receiveNext = segment.sequence + 1;
  block.receiveEdge = block.receiveNext;
  block.lastAcknowledgment = block.receiveNext;
  // RFC 9293, 3.7.1 (MUST-15): without the option, 536, and 1220 over IPv6.
  const told = segment.maximumSegmentSize;
  block.peerSegment = told != 0 ? told : block.ends.six ? DEFAULT_MSS_6 : DEFAULT_MSS;
  block.sack = segment.sackPermitted;
  block.timestamps = segment.timestamps;
  block.recentTimestamp = segment.timestamp;
  block.recentAt = tcp.host.now;
  // RFC 7323, 2.2: scaling only if both sides send the option.
  const scaled = segment.windowScale >= 0;
  block.windowShift = scaled ? <u32>segment.windowScale : NO_SCALE;
  block.receiveShift = scaled ? tcp.receiveShift : 0;
  block.receiveLimit = scaled
    ? tcp.options.receiveBuffer
    : min<i32>(tcp.options.receiveBuffer, 0xffff);
  block.window = segment.window;
  block.largestWindow = segment.window;
  block.windowSequence = segment.sequence;
  block.windowAcknowledgment = segment.acknowledgment;
  setSegment(block, tcp.host.mostTo(block.ends));
}

/** SYN-RECEIVED, the ACK bit is on; false when the segment was dealt with. */
export function open(tcp: Tcp, block: Block, segment: Segment): bool {
  if (segment.acknowledgment != block.iss + 1 || block.nxt != block.iss + 1) {
    // "If the segment acknowledgment is not acceptable, form a reset segment".
    tcp.refuse(segment);
    return false;
  }
  synchronize(tcp, block, segment);
  block.state = block.finQueued ? FIN_WAIT_1 : ESTABLISHED;
  block.window = segment.window << shiftOf(block);
  block.windowSequence = segment.sequence;
  return opened(tcp, block);
}

/** Our SYN is acknowledged. */
function synchronize(tcp: Tcp, block: Block, segment: Segment): void {
  const host = tcp.host;
  block.una = block.iss + 1;
  block.smallEnd = block.una;
  block.synchronized = true;
  block.synDue = false;
  block.retransmitAt = NEVER;
  if (block.timing) measured(block, tcp.options, host.now - block.timedAt);
  // RFC 6298, 5.7: after a SYN was lost and not timed, the first timeout is 3 seconds.
  else block.timeout = max<u64>(block.timeout, 3_000_000_000);
  block.timing = false;
  block.congestion.begin(<u32>block.segment);
  // RFC 5681, 3.1: a lost SYN leaves a window of one segment.
  if (block.retries > 0) block.congestion.window = <u32>block.segment;
  block.retries = 0;
  block.windowAcknowledgment = segment.acknowledgment;
  block.recoverAt = block.una;
  block.repaired = block.una;
  if (tcp.options.keepAlive != 0) keepAlive(tcp, block);
}

/** A connection that came is open, or one that both sides opened; false when its user does not want it. */
function opened(tcp: Tcp, block: Block): bool {
  tcp.enqueue(block);
  const listening = block.listening;
  if (listening != null) {
    listening.opening--;
    block.listening = null;
    const user = listening.acceptance.onAccept(block);
    if (user == null) {
      if (block.state != CLOSED) abort(tcp, block);
    } else if (block.state != CLOSED) {
      block.user = user;
    }
  } else {
    const user = block.user;
    if (user != null) user.onOpen(block);
  }
  return block.state != CLOSED;
}
