// @seldom
/** What is done when a time has come (RFC 9293, section 3.10.8). */
import { NEVER } from "../time";
import { Block, OPEN } from "./block";
import { probeLife, probeWindow, reset } from "./emit";
import { finish, forget } from "./ending";
import * as reason from "./reason";
import { enterLoss, repeatRecovery } from "./recovery";
import { CLOSE_WAIT, ESTABLISHED, SYN_RECEIVED, SYN_SENT, TIME_WAIT } from "./state";
import { Tcp } from "./tcp";
import { backOff } from "./timeout";

/** Retransmissions after which the way itself is in doubt: R1 of RFC 9293, section 3.8.3. */
const DOUBTFUL = 3;

export function expire(tcp: Tcp, block: Block): void {
  const now = tcp.host.now;
  if (block.acknowledgeAt <= now) {
    block.acknowledgeAt = NEVER;
    block.acknowledgmentDue = true;
    tcp.enqueue(block);
  }
  if (block.lingerAt <= now) {
    block.lingerAt = NEVER;
    if (block.state == TIME_WAIT) forget(tcp, block);
    else finish(tcp, block, reason.CLOSED);
    tcp.timeWaits.trim();
    return;
  }
  if (block.repairAt <= now) {
    block.repairAt = NEVER;
    if (block.recovery != OPEN) {
      block.repairTried = true;
      repeatRecovery(block);
      tcp.enqueue(block);
    }
  }
  if (block.retransmitAt <= now) expireRetransmission(tcp, block);
  if (block.persistAt <= now) expirePersist(tcp, block);
  if (block.keepAliveAt <= now) expireKeepAlive(tcp, block);
}

/** The peer lives: the next question whether it does is far off. */
export function keepAlive(tcp: Tcp, block: Block): void {
  block.keepAliveAt = tcp.host.now + tcp.options.keepAlive;
  tcp.schedule.update(block);
}

/** RFC 6298, 5.4 to 5.6; RFC 9293, 3.8.3: R2. */
function expireRetransmission(tcp: Tcp, block: Block): void {
  block.retransmitAt = NEVER;
  block.retries++;
  const answering = block.state == SYN_RECEIVED;
  const opening = block.state == SYN_SENT || answering;
  const limit = !opening
    ? tcp.options.dataRetries
    : answering
      ? tcp.options.synAnswerRetries
      : tcp.options.synRetries;
  if (block.retries > limit) {
    if (answering && block.user == null) forget(tcp, block);
    else finish(tcp, block, block.unreachable ? reason.UNREACHABLE : reason.TIMED_OUT);
    return;
  }
  backOff(block, tcp.options);
  block.timing = false;
  const neighbour = block.neighbour;
  if (block.retries >= DOUBTFUL && neighbour != null) tcp.host.doubt(block.ends, neighbour);
  if (opening) {
    block.synDue = true;
  } else {
    enterLoss(block);
    block.retransmitAt = tcp.host.now + block.timeout;
  }
  tcp.enqueue(block);
}

function expirePersist(tcp: Tcp, block: Block): void {
  block.persistTries++;
  if (block.persistTries > tcp.options.dataRetries) {
    finish(tcp, block, reason.TIMED_OUT);
    return;
  }
  const wait = block.timeout << (<u64>min<i32>(block.persistTries, 10));
  block.persistAt = tcp.host.now + min<u64>(wait, tcp.options.maximumTimeout);
  if (<i32>(block.una + block.window - block.nxt) > 0) {
    block.sendSmall = true;
    tcp.enqueue(block);
  } else {
    probeWindow(tcp, block);
  }
}

function expireKeepAlive(tcp: Tcp, block: Block): void {
  block.keepAliveAt = NEVER;
  if (block.state != ESTABLISHED && block.state != CLOSE_WAIT) return;
  if (block.flight > 0) {
    keepAlive(tcp, block);
    return;
  }
  block.keepAliveTries++;
  if (block.keepAliveTries > tcp.options.keepAliveProbes) {
    reset(tcp, block);
    finish(tcp, block, reason.TIMED_OUT);
    return;
  }
  probeLife(tcp, block);
  block.keepAliveAt = tcp.host.now + tcp.options.keepAliveInterval;
}
