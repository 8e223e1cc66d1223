// @seldom
/**
 * What is lost and what is under way: the SACK scoreboard of RFC 6675, and for peers without SACK the same with what
 * duplicate acknowledgments tell (RFC 6582).
 */
import { Block, LOSS, OPEN, RECOVERY } from "./block";
import { after, before, later } from "./sequence";

/** DupThresh at most, however much a path reorders. */
const MOST_REORDERING: i32 = 300;

/** Numbers that are lost and not sent again yet. */
class Hole {
  start: u32 = 0;
  length: u32 = 0;
}

const hole: Hole = new Hole();

/** The first hole to repair, of length 0 when there is none. Valid until the next call. */
export function nextHole(block: Block): Hole {
  const edge = lostBelow(block);
  hole.start = block.sacked.firstMissing(later(block.repaired, block.una));
  hole.length = 0;
  if (before(hole.start, edge)) {
    const end = block.sacked.firstPresent(hole.start, edge);
    hole.length = (before(end, edge) ? end : edge) - hole.start;
  }
  return hole;
}

/** All that is not acknowledged in any way is lost below this number. */
export function lostBelow(block: Block): u32 {
  if (block.recovery == LOSS) return block.recoverAt;
  if (block.recovery == OPEN) return block.una;
  const bound = block.sack ? sackLoss(block) : block.una;
  // RFC 6582, 3.2, steps 2 and 3; RFC 6675, 5, step 4.3: the first unacknowledged segment is missing in any case.
  if (block.sack && !block.repairNow) return bound;
  const first = block.una + <u32>block.segment;
  return later(bound, before(first, block.recoverAt) ? first : block.recoverAt);
}

/**
 * IsLost of RFC 6675, section 4: a number is lost when DupThresh ranges, or more than DupThresh - 1 segments' octets,
 * above it have been SACKed.
 */
function sackLoss(block: Block): u32 {
  const sacked = block.sacked;
  let octets: u32 = 0;
  let ranges = 0;
  for (let i = sacked.count - 1; i >= 0; i--) {
    octets += sacked.upper(i) - sacked.lower(i);
    ranges++;
    if (ranges >= block.reordering || octets > <u32>(block.reordering - 1) * <u32>block.segment) {
      return sacked.lower(i);
    }
  }
  return block.una;
}

/** Pipe of RFC 6675, section 4: octets that are thought to be in the network. */
export function inFlight(block: Block): u32 {
  const flight = block.flight;
  if (block.recovery == OPEN && block.sacked.count == 0 && block.duplicates == 0) return flight;
  let gone = block.sacked.total;
  // Without SACK each duplicate says that some segment arrived (RFC 6582, 3.2, step 3; RFC 3042).
  if (!block.sack) gone += min<u32>(<u32>(block.duplicates * block.segment), flight);
  if (block.recovery != OPEN) {
    gone += block.sacked.missing(later(block.repaired, block.una), lostBelow(block));
  }
  return gone < flight ? flight - gone : 0;
}

/** Whether what is known of SACK says that a segment is lost (RFC 6675, section 5, step 2). */
export function lossSeen(block: Block): bool {
  return block.sack && after(sackLoss(block), block.una);
}

/**
 * Finds that the first segment, though sent again, is lost once more: more than DupThresh - 1 segments that were sent
 * after it have arrived (the idea of RFC 8985, section 3, by order instead of by time).
 */
export function seeRepairLoss(block: Block): void {
  if (!block.sack || block.recovery == OPEN || !after(block.repaired, block.una)) return;
  const span = block.nxt - block.repairMark;
  if (<i32>span <= 0) return;
  const arrived = span - block.sacked.missing(block.repairMark, block.nxt);
  if (arrived > <u32>(block.reordering - 1) * <u32>block.segment) block.repairAgain = true;
}

/** RFC 6675, section 5, steps 4.1 to 4.3; RFC 6582, section 3.2, step 2. */
export function enterRecovery(block: Block): void {
  const congestion = block.congestion;
  congestion.reduce(block.flight, <u32>block.segment);
  congestion.window = congestion.threshold;
  block.recovery = RECOVERY;
  block.repairStamped = false;
  block.recoverAt = block.nxt;
  block.repaired = block.una;
  block.repairNow = true;
}

/**
 * Nothing has come of what a recovery sent for two round trips: all that is not SACKed is lost, and sent by a window that
 * is reduced once more. A retransmission timeout would do the same later, and with a window of one segment.
 */
export function repeatRecovery(block: Block): void {
  const congestion = block.congestion;
  congestion.reduce(inFlight(block), <u32>block.segment);
  congestion.window = congestion.threshold;
  block.recovery = LOSS;
  block.recoverAt = block.nxt;
  block.repaired = block.una;
  block.repairStamped = false;
  block.repairNow = true;
}

/**
 * New data was acknowledged with `echo` as the timestamp of the segment that brought it about. If that was sent before
 * the recovery sent anything, the recovery was needless: what was thought lost was late (RFC 3522, section 3.2).
 */
export function detectNeedless(block: Block, echo: u32): void {
  if (block.recovery == OPEN || !block.repairStamped) return;
  block.repairStamped = false;
  if (!before(echo, block.repairStamp)) return;
  // The path reorders by as much as has overtaken the late segment (RFC 4653 calls for such a threshold).
  if (block.recovery == RECOVERY) {
    const overtaken = <i32>(block.sacked.total / <u32>block.segment) + 2;
    block.reordering = min<i32>(MOST_REORDERING, max<i32>(block.reordering, overtaken));
  }
  block.congestion.undo();
  block.recovery = OPEN;
  block.duplicates = 0;
}

/** All that is not SACKed is lost (RFC 6298, section 5.4; RFC 6675, section 5.1; RFC 5681, section 3.1). */
export function enterLoss(block: Block): void {
  const congestion = block.congestion;
  // RFC 5681, section 3.1: ssthresh is not lowered again for a segment that is sent again and again.
  if (block.retries <= 1) congestion.reduce(block.flight, <u32>block.segment);
  // RFC 2018, section 8: a second timeout may mean that the peer gave up what it had SACKed.
  if (block.retries > 1) block.sacked.clear();
  congestion.window = <u32>block.segment;
  block.recovery = LOSS;
  block.repairStamped = false;
  block.recoverAt = block.nxt;
  block.repaired = block.una;
  block.repairNow = true;
  block.duplicates = 0;
}

/** `acked` octets of new data were acknowledged, and `block.una` has moved. */
export function progress(block: Block, acked: u32, now: u64): void {
  const congestion = block.congestion;
  if (block.recovery == OPEN) {
    block.duplicates = 0;
    // RFC 9438, 5.8; RFC 5681: a window that is not used says nothing about the path.
    if (block.limited) {
      congestion.acknowledged(acked, <u32>block.segment, block.smoothed, now);
    }
    return;
  }
  if (!before(block.una, block.recoverAt)) {
    // RFC 6582, 3.2, step 3, full acknowledgment: never a burst. With SACK the window is right already (RFC 6675, 5).
    if (block.recovery == RECOVERY && !block.sack) {
      const segment = <u32>block.segment;
      congestion.window = min<u32>(congestion.threshold, max<u32>(block.flight, segment) + segment);
      congestion.window = max<u32>(congestion.window, 2 * segment);
    }
    block.recovery = OPEN;
    block.duplicates = 0;
    return;
  }
  if (block.recovery == LOSS) {
    // RFC 5681, 3.1: slow start, one segment an acknowledgment at most.
    congestion.acknowledged(
      min<u32>(acked, <u32>block.segment),
      <u32>block.segment,
      block.smoothed,
      now,
    );
  } else if (!block.sack) {
    // RFC 6582, 3.2, step 3, partial acknowledgment: the next segment is missing too.
    const counted = <i32>(acked / <u32>block.segment) - 1;
    block.duplicates = max<i32>(0, block.duplicates - max<i32>(0, counted));
    block.repairNow = true;
  }
}
