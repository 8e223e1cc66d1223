/**
 * What a segment does to a connection: RFC 9293, section 3.10.7, in its order and its words, with the amendments of
 * RFC 5961 (attacks), RFC 6191 (TIME-WAIT) and RFC 7323 (timestamps). Read these before changing anything here.
 */
import { NEVER } from "../time";
import { ACK, DEFAULT_MSS, FIN, RST, Segment, SYN } from "../wire/tcp";
import { Block, OPEN } from "./block";
import * as reason from "./reason";
import { detectNeedless, enterRecovery, lossSeen, progress, seeRepairLoss } from "./recovery";
import { after, atOrBefore, before } from "./sequence";
import {
  CLOSE_WAIT,
  CLOSED,
  CLOSING,
  ESTABLISHED,
  FIN_WAIT_1,
  FIN_WAIT_2,
  LAST_ACK,
  receives,
  SYN_RECEIVED,
  SYN_SENT,
  TIME_WAIT,
} from "./state";
import { Tcp } from "./tcp";
import { measured } from "./timeout";
import { acknowledge, expectRepair, NO_SCALE } from "./transmit";

/** 24 days: a timestamp that is older says nothing (RFC 7323, section 5.5). */
const TIMESTAMP_AGE: u64 = 24 * 86400 * 1_000_000_000;

/** Deals with a segment of `block`. Its data is in `owner`. */
export function arrive(tcp: Tcp, block: Block, segment: Segment, owner: ArrayBuffer): void {
  if (block.state == SYN_SENT) {
    arriveSynSent(tcp, block, segment);
    return;
  }
  // A SYN that may open the connection anew: 3.10.7.4, "first", TIME-WAIT; RFC 6191.
  if (block.state == TIME_WAIT && renews(block, segment)) {
    tcp.forget(block);
    tcp.arriveAnew(segment, owner);
    return;
  }
  if (!acceptable(tcp, block, segment)) return;
  // Second: the RST bit.
  if (segment.has(RST)) {
    arriveReset(tcp, block, segment);
    return;
  }
  // Fourth: the SYN bit. RFC 5961, 4.2: challenged in every state.
  if (segment.has(SYN)) {
    tcp.challenge(block);
    return;
  }
  // Fifth: the ACK field. "If the ACK bit is off, drop the segment and return."
  if (!segment.has(ACK)) return;
  if (block.state == SYN_RECEIVED && !open(tcp, block, segment)) return;
  if (!arriveAcknowledgment(tcp, block, segment)) return;
  block.keepAliveTries = 0;
  if (tcp.options.keepAlive != 0 && block.state == ESTABLISHED) tcp.keepAlive(block);
  // Sixth, the URG bit: the pointer is ignored and what is urgent is data (3.8.5: no more use is advised).
  // Seventh: the segment text; eighth: the FIN bit.
  const told = arriveText(tcp, block, segment, owner);
  if (!told) tcp.settle(block);
}

/** 3.10.7.3 */
function arriveSynSent(tcp: Tcp, block: Block, segment: Segment): void {
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
    if (acceptable) tcp.finish(block, reason.REFUSED);
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
  // RFC 9293, 3.7.1 (MUST-15): without the option, 536.
  block.peerSegment = segment.maximumSegmentSize == 0 ? DEFAULT_MSS : segment.maximumSegmentSize;
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
  tcp.setSegment(block, tcp.pathMtu(block));
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
  if (tcp.options.keepAlive != 0) tcp.keepAlive(block);
}

/** SYN-RECEIVED, the ACK bit is on; false when the segment was dealt with. */
function open(tcp: Tcp, block: Block, segment: Segment): bool {
  if (segment.acknowledgment != block.iss + 1 || block.nxt != block.iss + 1) {
    // "If the segment acknowledgment is not acceptable, form a reset segment".
    tcp.refuse(segment);
    return false;
  }
  synchronize(tcp, block, segment);
  block.state = block.finQueued ? FIN_WAIT_1 : ESTABLISHED;
  block.window = segment.window << shiftOf(block);
  block.windowSequence = segment.sequence;
  return tcp.opened(block);
}

/** First: sequence number, and before it RFC 7323's timestamps; false when the segment was dealt with. */
function acceptable(tcp: Tcp, block: Block, segment: Segment): bool {
  const now = tcp.host.now;
  if (block.timestamps) {
    // RFC 7323, 3.2: once agreed on, a segment without timestamps is dropped, a RST is not.
    if (!segment.timestamps && !segment.has(RST)) return false;
    // RFC 7323, 5.3, R1: protection against wrapped sequence numbers.
    if (
      segment.timestamps &&
      !segment.has(RST) &&
      before(segment.timestamp, block.recentTimestamp) &&
      now - block.recentAt < TIMESTAMP_AGE
    ) {
      tcp.duplicateArrived(block, segment);
      return false;
    }
  }
  const window = block.receiveWindow;
  const start = segment.sequence - block.receiveNext;
  const length = segment.length;
  // The table of 3.4: some number of the segment, or its own if it is empty, is in the window.
  let inside: bool;
  if (length == 0) inside = window == 0 ? start == 0 : start < window;
  else inside = window > 0 && (start < window || start + length - 1 < window);
  if (!inside) {
    if (segment.has(RST)) return false;
    // A repeated SYN was answered by one that got lost.
    if (block.state == SYN_RECEIVED && segment.has(SYN) && segment.sequence == block.irs) {
      if (segment.has(ACK)) {
        // Simultaneous open (3.5, figure 8): the peer's answer acknowledges our SYN.
        if (open(tcp, block, segment)) acknowledge(tcp, block);
        return false;
      }
      block.synDue = true;
      tcp.enqueue(block);
      return false;
    }
    // "If the RCV.WND is zero, […] special allowance should be made to accept valid ACKs".
    if (
      window == 0 &&
      start == 0 &&
      !segment.has(SYN) &&
      segment.has(ACK) &&
      block.state != SYN_RECEIVED
    ) {
      if (!arriveAcknowledgment(tcp, block, segment)) return false;
    }
    if (block.state == TIME_WAIT && segment.has(FIN)) tcp.restartTimeWait(block);
    tcp.duplicateArrived(block, segment);
    if (block.state != CLOSED) tcp.settle(block);
    return false;
  }
  // RFC 7323, 4.3, (2): only what is not beyond the last acknowledgment counts.
  if (segment.timestamps && atOrBefore(segment.sequence, block.lastAcknowledgment)) {
    if (
      !before(segment.timestamp, block.recentTimestamp) ||
      now - block.recentAt >= TIMESTAMP_AGE
    ) {
      block.recentTimestamp = segment.timestamp;
      block.recentAt = now;
    }
  }
  return true;
}

/** Second: RST, by RFC 5961, 3.2: only the exact number is believed, others in the window are challenged. */
function arriveReset(tcp: Tcp, block: Block, segment: Segment): void {
  if (segment.sequence != block.receiveNext) {
    tcp.challenge(block);
    return;
  }
  if (block.state == SYN_RECEIVED) {
    // "If this connection was initiated with a passive OPEN, then return this connection to the LISTEN state".
    if (block.user == null) tcp.forget(block);
    else tcp.finish(block, reason.REFUSED);
  } else if (block.state == TIME_WAIT) {
    // RFC 1337: TIME-WAIT is not cut short.
    return;
  } else if (block.state == CLOSING || block.state == LAST_ACK) {
    // "enter the CLOSED state": the peer has sent its end, and what it has of ours is not known.
    tcp.finish(block, block.queued == 0 ? reason.CLOSED : reason.RESET);
  } else {
    tcp.finish(block, reason.RESET);
  }
}

/** Fifth: the ACK field, in the synchronized states; false when the segment was dealt with. */
function arriveAcknowledgment(tcp: Tcp, block: Block, segment: Segment): bool {
  const acknowledgment = segment.acknowledgment;
  if (block.probed && acknowledgment == block.nxt + 1) {
    // The octet that was sent beyond the closed window was taken.
    block.nxt++;
    block.probed = false;
  }
  // RFC 5961, 5.2: beyond what was sent, or older than any window ever was.
  if (after(acknowledgment, block.nxt) || before(acknowledgment, block.una - block.largestWindow)) {
    tcp.challenge(block);
    return false;
  }
  if (block.state == TIME_WAIT) return true;
  const newlySacked = block.sack && segment.sackBlocks > 0 && takeSack(block, segment);
  const window = segment.window << shiftOf(block);
  const sameWindow = window == block.window;
  // "SND.WL1 < SEG.SEQ or (SND.WL1 = SEG.SEQ and SND.WL2 =< SEG.ACK)"
  if (
    !before(acknowledgment, block.una) &&
    (before(block.windowSequence, segment.sequence) ||
      (block.windowSequence == segment.sequence &&
        atOrBefore(block.windowAcknowledgment, acknowledgment)))
  ) {
    block.window = window;
    block.windowSequence = segment.sequence;
    block.windowAcknowledgment = acknowledgment;
    block.largestWindow = max<u32>(block.largestWindow, window);
    if (!sameWindow) tcp.enqueue(block);
    // A peer whose window is closed, but that answers, is alive (RFC 9293, 3.8.6.1, MUST-37).
    if (window == 0) {
      block.persistTries = min<i32>(block.persistTries, 6);
      block.retries = min<i32>(block.retries, 1);
    }
  }
  if (after(acknowledgment, block.una)) {
    arriveProgress(tcp, block, segment);
  } else if (acknowledgment == block.una && block.flight > 0) {
    // RFC 5681, section 2, "duplicate acknowledgment"; RFC 6675, section 2, with SACK what it newly says.
    const duplicate =
      newlySacked || (!block.sack && segment.length == 0 && sameWindow && !segment.has(FIN));
    if (duplicate) arriveDuplicate(tcp, block);
  }
  return block.state != CLOSED;
}

/** SND.UNA < SEG.ACK =< SND.NXT */
function arriveProgress(tcp: Tcp, block: Block, segment: Segment): void {
  const now = tcp.host.now;
  const acked = segment.acknowledgment - block.una;
  if (block.timestamps && segment.timestampEcho != 0) detectNeedless(block, segment.timestampEcho);
  const data = min<i32>(<i32>acked, block.queued);
  block.sending.drop(data);
  block.queued -= data;
  if (block.queued == 0) block.sending.release();
  block.una = segment.acknowledgment;
  block.sacked.dropBelow(block.una);
  if (before(block.smallEnd, block.una)) block.smallEnd = block.una;
  if (before(block.repaired, block.una)) block.repaired = block.una;
  if (block.timing && !before(block.una, block.timedEnd)) {
    block.timing = false;
    measured(block, tcp.options, now - block.timedAt);
  } else if (block.retries > 0 && segment.timestamps && segment.timestampEcho != 0) {
    // RFC 7323, 4.1: an echo tells the round trip of what was sent again, too.
    const ticks = tcp.numbers.timestamp(block.timestampOffset, now) - segment.timestampEcho;
    if (ticks < 120_000) measured(block, tcp.options, <u64>ticks * 1_000_000);
  }
  block.retries = 0;
  block.repairTried = false;
  if (block.recovery == OPEN && before(block.recoverAt, block.una)) block.recoverAt = block.una;
  // RFC 6298, 5.2 and 5.3. The back-off stays until a new measurement (section 5, the note on 5.5).
  block.retransmitAt = block.flight == 0 ? NEVER : now + block.timeout;
  if (block.timestamps && segment.timestampEcho != 0 && block.recovery == OPEN) {
    const ticks = tcp.numbers.timestamp(block.timestampOffset, now) - segment.timestampEcho;
    block.congestion.observe(<u64>ticks * 1_000_000, block.una, block.nxt);
  }
  progress(block, acked, now);
  seeRepairLoss(block);
  if (block.recovery == OPEN) block.repairAt = NEVER;
  else expectRepair(tcp, block);
  if (block.recovery == OPEN && lossSeen(block)) enterRecovery(block);
  tcp.schedule.update(block);
  tcp.enqueue(block);
  // Our FIN is the last number: if it is acknowledged, all is.
  if (!block.finQueued || block.queued > 0 || block.flight > 0 || !block.finSent) return;
  if (block.state == FIN_WAIT_1) {
    block.state = FIN_WAIT_2;
    if (block.deaf) tcp.lingerInFinWait(block);
  } else if (block.state == CLOSING) {
    tcp.enterTimeWait(block);
  } else if (block.state == LAST_ACK) {
    tcp.finish(block, reason.CLOSED);
  }
}

function arriveDuplicate(tcp: Tcp, block: Block): void {
  block.duplicates++;
  seeRepairLoss(block);
  tcp.enqueue(block);
  if (block.recovery != OPEN) return;
  // RFC 6675, 5, steps 1 and 2; RFC 6582, 3.2, step 2: not again for what an earlier recovery sent.
  const again = !block.sack && before(block.una, block.recoverAt);
  if ((block.duplicates >= block.reordering && !again) || lossSeen(block)) enterRecovery(block);
}

/** Notes what the peer has beyond its acknowledgment; whether anything was new (RFC 2018, section 5). */
function takeSack(block: Block, segment: Segment): bool {
  const before0 = block.sacked.total;
  for (let i = 0; i < segment.sackBlocks; i++) {
    const left = segment.sack[2 * i];
    const right = segment.sack[2 * i + 1];
    // A block of what is acknowledged already is a D-SACK (RFC 2883), others are nonsense.
    if (!before(left, right) || !after(left, block.una) || after(right, block.nxt)) continue;
    if (!before(left, segment.acknowledgment)) block.sacked.add(left, right);
  }
  return block.sacked.total != before0;
}

/** Seventh and eighth: text and FIN. True when the user has been told all there is to tell. */
function arriveText(tcp: Tcp, block: Block, segment: Segment, owner: ArrayBuffer): bool {
  if (segment.length == 0) return false;
  // "This should not occur since a FIN has been received from the remote side. Ignore the segment text."
  if (!receives(block.state)) {
    if (block.state == TIME_WAIT && segment.has(FIN)) tcp.restartTimeWait(block);
    acknowledge(tcp, block);
    return false;
  }
  let start = segment.sequence;
  let at = segment.data;
  let length = segment.dataLength;
  let fin = segment.has(FIN);
  // "Segments with higher beginning sequence numbers should be held"; what is old or beyond the window is cut off.
  const old = <i32>(block.receiveNext - start);
  if (old > 0) {
    const cut = min<i32>(old, length);
    start += <u32>cut;
    at += <usize>cut;
    length -= cut;
    block.acknowledgmentDue = true;
  }
  const over = <i32>(start + <u32>length - block.receiveEdge);
  if (over > 0) {
    length -= over;
    fin = false;
    block.acknowledgmentDue = true;
  }
  if (block.deaf && length > 0 && block.state == FIN_WAIT_2) {
    // 3.6.1: data after CLOSE is lost, and the peer is told so, once it has all of ours.
    tcp.abortDeaf(block);
    return true;
  }
  if (start != block.receiveNext) {
    hold(tcp, block, start, at, length, fin);
    return false;
  }
  let direct = length;
  if (block.deaf) {
    direct = 0;
    block.receiving.release();
    block.early.clear();
  } else if (length > 0 && (block.unread > 0 || block.paused || block.user == null)) {
    // The user reads slower than the peer sends.
    direct = 0;
    if (!block.receiving.reserve(block.unread + length, held(block))) {
      // No memory: as if it had been lost.
      tcp.enqueue(block);
      return false;
    }
    block.receiving.put(block.unread, at, length);
    block.unread += length;
  } else if (block.receiving.capacity > 0) {
    block.receiving.drop(length);
  }
  block.receiveNext = start + <u32>length;
  const filled = block.early.count > 0;
  if (filled) mergeEarly(block);
  // RFC 5681, 4.2: at once when a gap was filled; else every second segment, or after a while.
  block.unacknowledged += length;
  if (filled || block.unacknowledged >= 2 * block.segment || block.quick > 0) {
    block.acknowledgmentDue = true;
    if (block.quick > 0) block.quick--;
  } else if (length > 0 && block.acknowledgeAt == NEVER) {
    block.acknowledgeAt = tcp.host.now + tcp.options.acknowledgmentDelay;
    tcp.schedule.update(block);
  }
  if (block.acknowledgmentDue) tcp.enqueue(block);
  // A flush may be far off in a long batch of frames: a peer's window must not run dry of acknowledgments.
  if (block.unacknowledged >= 16 * block.segment) acknowledge(tcp, block);
  if (fin && segment.sequence + segment.length == block.receiveNext + 1) arriveFin(tcp, block);
  else if (block.finHeld && block.finAt == block.receiveNext) arriveFin(tcp, block);
  tcp.tell(block, owner, at, direct);
  return true;
}

/** Keeps data that came too early, and tells the peer at once what is missing (RFC 5681, section 4.2). */
function hold(tcp: Tcp, block: Block, start: u32, at: usize, length: i32, fin: bool): void {
  if (fin && !block.deaf) {
    block.finHeld = true;
    block.finAt = start + <u32>length;
  }
  if (length > 0 && !block.deaf) {
    const offset = block.unread + <i32>(start - block.receiveNext);
    if (block.receiving.reserve(offset + length, held(block))) {
      if (block.early.add(start, start + <u32>length)) {
        block.receiving.put(offset, at, length);
        block.earlyLast = start;
      }
    }
  }
  acknowledge(tcp, block);
}

/** What was held and is in order now has been received. */
function mergeEarly(block: Block): void {
  const next = block.early.firstMissing(block.receiveNext);
  if (next != block.receiveNext) {
    block.unread += <i32>(next - block.receiveNext);
    block.receiveNext = next;
  }
  block.early.dropBelow(next);
}

/** Octets at the front of the receive buffer that must be kept when it grows, gaps included. */
function held(block: Block): i32 {
  const early = block.early;
  if (early.count == 0) return block.unread;
  return block.unread + <i32>(early.upper(early.count - 1) - block.receiveNext);
}

/** Eighth: "advance RCV.NXT over the FIN, and send an acknowledgment for the FIN". */
function arriveFin(tcp: Tcp, block: Block): void {
  block.receiveNext++;
  if (before(block.receiveEdge, block.receiveNext)) block.receiveEdge = block.receiveNext;
  block.finReceived = true;
  block.finHeld = false;
  block.acknowledgmentDue = true;
  tcp.enqueue(block);
  if (block.state == ESTABLISHED) block.state = CLOSE_WAIT;
  // "If our FIN has been ACKed, enter TIME-WAIT; otherwise enter the CLOSING state."
  else if (block.state == FIN_WAIT_1) block.state = CLOSING;
  else if (block.state == FIN_WAIT_2) tcp.enterTimeWait(block);
}

/** Whether a segment in TIME-WAIT asks for a new connection that cannot be mistaken for the old (RFC 6191, section 2). */
function renews(block: Block, segment: Segment): bool {
  if (!segment.has(SYN) || segment.has(RST) || segment.has(ACK)) return false;
  if (segment.timestamps && block.timestamps) {
    if (after(segment.timestamp, block.recentTimestamp)) return true;
    if (segment.timestamp != block.recentTimestamp) return false;
  }
  return after(segment.sequence, block.receiveNext);
}

function shiftOf(block: Block): u32 {
  return block.windowShift == NO_SCALE ? 0 : block.windowShift;
}
