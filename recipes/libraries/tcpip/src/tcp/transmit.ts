/**
 * What a connection sends (RFC 9293, sections 3.8 and 3.10; RFC 5681; RFC 6675): called at a flush, when all that
 * happened in an event is known, so that data and acknowledgments of one event share segments.
 */
import { BLOCKED, NO_ROUTE } from "../host";
import { MILLISECOND, NEVER } from "../time";
import { ACK, FIN, PSH, SYN } from "../wire/tcp";
import { Block, OPEN } from "./block";
import { emit, sackBlocks, timestamp } from "./emit";
import { finish } from "./ending";
import * as reason from "./reason";
import { inFlight, nextHole } from "./recovery";
import { after } from "./sequence";
import { SYN_RECEIVED, SYN_SENT, sends } from "./state";
import { Tcp } from "./tcp";

/** Sends what may be sent now; false when the device is full and there is more. */
export function output(tcp: Tcp, block: Block): bool {
  if (block.synDue) {
    const flags = block.state == SYN_SENT ? SYN : SYN | ACK;
    const result = emit(tcp, block, block.iss, 0, flags);
    if (result == BLOCKED) return false;
    block.synDue = false;
    if (result == NO_ROUTE && block.state == SYN_SENT && !tcp.host.settling(block.ends)) {
      finish(tcp, block, reason.UNREACHABLE);
      return true;
    }
    startTiming(tcp, block, block.iss + 1);
    startRetransmitTimer(tcp, block);
  } else if (sends(block.state)) {
    if (!repair(tcp, block) || !sendNew(tcp, block)) return false;
  }
  if (block.acknowledgmentDue && block.state != SYN_SENT && block.state != SYN_RECEIVED) {
    if (emit(tcp, block, block.nxt, 0, ACK) == BLOCKED) return false;
  }
  return true;
}

/** Loss recovery first: what is lost goes before what is new (RFC 6675, section 5, NextSeg). */
function repair(tcp: Tcp, block: Block): bool {
  if (block.recovery == OPEN) return true;
  const size = <u32>segmentSize(block);
  if (block.repairAgain) {
    const end = block.sacked.firstPresent(block.una, block.recoverAt);
    const length = min<u32>(end - block.una, size);
    if (sendRange(tcp, block, block.una, length) == BLOCKED) return false;
    block.repairAgain = false;
    block.repairMark = block.nxt;
  }
  let pipe = inFlight(block);
  while (true) {
    const hole = nextHole(block);
    if (hole.length == 0) return true;
    const length = min<u32>(hole.length, size);
    if (!block.repairNow && pipe > 0 && pipe + length > block.congestion.window) return true;
    if (sendRange(tcp, block, hole.start, length) == BLOCKED) return false;
    // RFC 6675, section 6: the timer starts anew for what fast retransmission sends, or it would go off needlessly.
    if (block.repairNow && !block.repairTried) block.retransmitAt = NEVER;
    if (!block.repairStamped && block.repaired == block.una) {
      block.repairStamped = true;
      block.repairStamp = timestamp(tcp, block);
    }
    block.repairNow = false;
    if (hole.start == block.una) block.repairMark = block.nxt;
    // RFC 6298, section 3 (Karn): what is sent twice is not timed.
    block.timing = false;
    block.repaired = hole.start + length;
    pipe += length;
    expectRepair(tcp, block);
    startRetransmitTimer(tcp, block);
  }
}

function sendNew(tcp: Tcp, block: Block): bool {
  const host = tcp.host;
  const congestion = block.congestion;
  const dataEnd = block.dataEnd;
  block.limited = false;
  // All is sent, with or without a FIN.
  if (block.finSent || (!block.finQueued && block.nxt == dataEnd)) {
    block.persistAt = NEVER;
    return true;
  }
  // RFC 5681, section 4.1.
  if (block.flight == 0 && host.now - block.lastSent > block.timeout && block.lastSent != 0) {
    congestion.restart(<u32>block.segment);
  }
  const size = segmentSize(block);
  let pipe = inFlight(block);
  while (true) {
    const unsent = <i32>(dataEnd - block.nxt);
    if (unsent < 0) break;
    const room = <i32>(block.una + block.window - block.nxt);
    let length = min<i32>(unsent, size);
    if (length > room) length = max<i32>(room, 0);
    const last = length == unsent;
    const fin = last && block.finQueued;
    if (length == 0 && !fin) break;
    if (length < size && !fin && !block.sendSmall) {
      if (!last) {
        // RFC 9293, 3.8.6.2.1: nothing silly, unless it is half of the largest window seen.
        if (<u32>length < (block.largestWindow + 1) >> 1) break;
      } else if (tcp.options.nagle && after(block.smallEnd, block.una)) {
        // Nagle's algorithm as Minshall amended it: one small segment may be under way (RFC 9293, 3.7.4).
        break;
      }
    }
    if (pipe > 0 && pipe + <u32>length > congestion.window) {
      block.limited = true;
      break;
    }
    const end = block.nxt + <u32>length + (fin ? 1 : 0);
    if (sendRange(tcp, block, block.nxt, end - block.nxt) == BLOCKED) return false;
    if (!block.timing) startTiming(tcp, block, end);
    block.nxt = end;
    block.sendSmall = false;
    block.probed = false;
    if (length < size) block.smallEnd = end;
    pipe += <u32>length;
    startRetransmitTimer(tcp, block);
    if (fin) {
      block.finSent = true;
      break;
    }
  }
  if (block.flight > 0) {
    block.persistAt = NEVER;
    block.persistTries = 0;
  } else if (block.persistAt == NEVER) {
    // RFC 9293, 3.8.6.1: the first probe comes after a retransmission time, later ones less and less often.
    block.persistAt = host.now + block.timeout;
    tcp.schedule.update(block);
  }
  return true;
}

/** Sends numbers that the send buffer holds; the FIN is the one after the data. */
function sendRange(tcp: Tcp, block: Block, start: u32, length: u32): i32 {
  const dataEnd = block.dataEnd;
  const fin = block.finQueued && start + length == dataEnd + 1;
  const data = <i32>length - (fin ? 1 : 0);
  let flags = fin ? ACK | FIN : ACK;
  // RFC 9293, 3.9.1.2: PSH on the last segment of what was written.
  if (data > 0 && start + <u32>data == dataEnd) flags |= PSH;
  return emit(tcp, block, start, data, flags);
}

/** Data octets that a segment may carry now, beside SACK blocks. */
function segmentSize(block: Block): i32 {
  return block.early.count == 0 || !block.sack
    ? block.segment
    : block.segment - 4 - 8 * sackBlocks(block);
}

function startTiming(tcp: Tcp, block: Block, end: u32): void {
  block.timing = true;
  block.timedEnd = end;
  block.timedAt = tcp.host.now;
}

/**
 * What was sent again should be acknowledged within two round trips: the probe timeout of RFC 8985, section 7.2, for
 * segments that have been sent again. Once without progress; after that the retransmission timer rules.
 */
export function expectRepair(tcp: Tcp, block: Block): void {
  if (!block.sack || block.smoothed == 0 || block.repairTried) return;
  block.repairAt = tcp.host.now + 2 * block.smoothed + MILLISECOND;
  tcp.schedule.update(block);
}

/** RFC 6298, 5.1: a segment is sent while the timer does not run. */
function startRetransmitTimer(tcp: Tcp, block: Block): void {
  if (block.retransmitAt != NEVER) return;
  block.retransmitAt = tcp.host.now + block.timeout;
  tcp.schedule.update(block);
}
