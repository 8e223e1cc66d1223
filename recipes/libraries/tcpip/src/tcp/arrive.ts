/**
 * What a segment does to a connection: RFC 9293, section 3.10.7, in its order and its words, with the amendments of
 * RFC 5961 (attacks), RFC 6191 (TIME-WAIT) and RFC 7323 (timestamps). Read these before changing anything here.
 */
import { ACK, FIN, RST, Segment, SYN } from "../wire/tcp";
import { arriveAcknowledgment } from "./acknowledgment";
import { Block } from "./block";
import { acknowledge } from "./emit";
import { finish, forget, restartTimeWait } from "./ending";
import { keepAlive } from "./expiry";
import { arriveAnew, arriveSynSent, open } from "./opening";
import * as reason from "./reason";
import { after, atOrBefore, before } from "./sequence";
import { CLOSED, CLOSING, ESTABLISHED, LAST_ACK, SYN_RECEIVED, SYN_SENT, TIME_WAIT } from "./state";
import { Tcp } from "./tcp";
import { settle } from "./telling";
import { arriveText } from "./text";

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
    forget(tcp, block);
    arriveAnew(tcp, segment, owner);
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
  if (tcp.options.keepAlive != 0 && block.state == ESTABLISHED) keepAlive(tcp, block);
  // Sixth, the URG bit: the pointer is ignored and what is urgent is data (3.8.5: no more use is advised).
  // Seventh: the segment text; eighth: the FIN bit.
  const told = arriveText(tcp, block, segment, owner);
  if (!told) settle(tcp, block);
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
    if (block.state == TIME_WAIT && segment.has(FIN)) restartTimeWait(tcp, block);
    tcp.duplicateArrived(block, segment);
    if (block.state != CLOSED) settle(tcp, block);
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
    if (block.user == null) forget(tcp, block);
    else finish(tcp, block, reason.REFUSED);
  } else if (block.state == TIME_WAIT) {
    // RFC 1337: TIME-WAIT is not cut short.
    return;
  } else if (block.state == CLOSING || block.state == LAST_ACK) {
    // "enter the CLOSED state": the peer has sent its end, and what it has of ours is not known.
    finish(tcp, block, block.queued == 0 ? reason.CLOSED : reason.RESET);
  } else {
    finish(tcp, block, reason.RESET);
  }
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
