// @often
/** What an acknowledgment does: RFC 9293, section 3.10.7.4, fifth; RFC 5681 and RFC 6675 for what it says of losses. */
import { NEVER } from "../time";
import { FIN, Segment } from "../wire/tcp";
import { Block, OPEN } from "./block";
import { shiftOf } from "./emit";
import { enterTimeWait, finish, lingerInFinWait } from "./ending";
import * as reason from "./reason";
import { detectNeedless, enterRecovery, lossSeen, progress, seeRepairLoss } from "./recovery";
import { after, atOrBefore, before } from "./sequence";
import { CLOSED, CLOSING, FIN_WAIT_1, FIN_WAIT_2, LAST_ACK, TIME_WAIT } from "./state";
import { Tcp } from "./tcp";
import { measured } from "./timeout";
import { expectRepair } from "./transmit";

/** Fifth: the ACK field, in the synchronized states; false when the segment was dealt with. */
export function arriveAcknowledgment(tcp: Tcp, block: Block, segment: Segment): bool {
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
  const neighbour = block.neighbour;
  if (neighbour != null) tcp.host.confirm(block.ends, neighbour);
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
    if (block.deaf) lingerInFinWait(tcp, block);
  } else if (block.state == CLOSING) {
    enterTimeWait(tcp, block);
  } else if (block.state == LAST_ACK) {
    finish(tcp, block, reason.CLOSED);
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
