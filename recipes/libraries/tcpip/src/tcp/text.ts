/** What the data and the end of a segment do: RFC 9293, section 3.10.7.4, seventh and eighth. */
import { NEVER } from "../time";
import { FIN, Segment } from "../wire/tcp";
import { Block } from "./block";
import { acknowledge } from "./emit";
import { abortDeaf, enterTimeWait, restartTimeWait } from "./ending";
import { before } from "./sequence";
import {
  CLOSE_WAIT,
  CLOSING,
  ESTABLISHED,
  FIN_WAIT_1,
  FIN_WAIT_2,
  receives,
  TIME_WAIT,
} from "./state";
import { Tcp } from "./tcp";
import { tell } from "./telling";

/** Seventh and eighth: text and FIN. True when the user has been told all there is to tell. */
export function arriveText(tcp: Tcp, block: Block, segment: Segment, owner: ArrayBuffer): bool {
  if (segment.length == 0) return false;
  // "This should not occur since a FIN has been received from the remote side. Ignore the segment text."
  if (!receives(block.state)) {
    if (block.state == TIME_WAIT && segment.has(FIN)) restartTimeWait(tcp, block);
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
    abortDeaf(tcp, block);
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
  tell(tcp, block, owner, at, direct);
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
  else if (block.state == FIN_WAIT_2) enterTimeWait(tcp, block);
}
