/** How connections end: at once, or by way of TIME-WAIT (RFC 9293, section 3.6). */
import { Block } from "./block";
import { reset } from "./emit";
import * as reason from "./reason";
import { CLOSED, TIME_WAIT } from "./state";
import { Tcp } from "./tcp";

/** The connection is gone, and its user is told when the data has been. */
export function finish(tcp: Tcp, block: Block, why: i32): void {
  detach(tcp, block);
  if (
    why == reason.CLOSED &&
    !block.deaf &&
    (block.unread > 0 || (block.finReceived && !block.endTold))
  ) {
    block.finished = true;
    tcp.enqueue(block);
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
export function forget(tcp: Tcp, block: Block): void {
  const user = block.user;
  // A user that has not read all keeps what is there.
  if (block.state == TIME_WAIT && user != null) {
    finish(tcp, block, reason.CLOSED);
    return;
  }
  detach(tcp, block);
  block.unread = 0;
  block.early.clear();
  if (!block.telling) block.receiving.release();
}

/** Takes a connection out of all tables. */
export function detach(tcp: Tcp, block: Block): void {
  if (block.state == TIME_WAIT) tcp.timeWaits.count--;
  const listening = block.listening;
  if (listening != null) {
    listening.opening--;
    block.listening = null;
  }
  block.state = CLOSED;
  block.stopTimers();
  tcp.schedule.remove(block);
  tcp.table.remove(block);
  block.sending.release();
  block.queued = 0;
  block.sacked.clear();
}

/** Both sides have ended: the connection is remembered for a while (3.6, figure 12). */
export function enterTimeWait(tcp: Tcp, block: Block): void {
  block.state = TIME_WAIT;
  block.stopTimers();
  block.sending.release();
  tcp.timeWaits.add(block);
  restartTimeWait(tcp, block);
  tcp.enqueue(block);
  while (tcp.timeWaits.count > tcp.options.timeWaitLimit) forget(tcp, tcp.timeWaits.oldest());
}

/** 3.10.7.4: "restart the 2 MSL timeout". */
export function restartTimeWait(tcp: Tcp, block: Block): void {
  block.lingerAt = tcp.host.now + tcp.options.timeWait;
  tcp.schedule.update(block);
}

/** A user that has closed does not wait for ever for the peer's end. */
export function lingerInFinWait(tcp: Tcp, block: Block): void {
  block.lingerAt = tcp.host.now + tcp.options.finWait;
  tcp.schedule.update(block);
}

/** Data came for a user that has closed, after all of ours was acknowledged (3.6.1: a reset says that it is lost). */
export function abortDeaf(tcp: Tcp, block: Block): void {
  reset(tcp, block);
  finish(tcp, block, reason.CLOSED);
}
