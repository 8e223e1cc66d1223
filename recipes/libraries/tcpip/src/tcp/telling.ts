/** What the user is told of a connection, and how much it may write. */
import { Block } from "./block";
import { windowHasOpened } from "./offer";
import * as reason from "./reason";
import { CLOSED, TIME_WAIT } from "./state";
import { Tcp } from "./tcp";

/** The send buffer of a connection whose congestion window is small. */
const FIRST_SEND_BUFFER = 128 << 10;

/** Tells data of a segment, which lies in `owner`, and then all else. */
export function tell(tcp: Tcp, block: Block, owner: ArrayBuffer, at: usize, length: i32): void {
  const user = block.user;
  if (length > 0 && user != null) {
    user.onData(block, tcp.window.aim(owner, at, length));
    tcp.window.release();
  }
  settle(tcp, block);
}

/** Tells the user what there is to tell. */
export function settle(tcp: Tcp, block: Block): void {
  if (block.unread > 0 && !block.paused) tellHeld(tcp, block);
  if (block.unread == 0 && block.early.count == 0) block.receiving.release();
  if (block.finReceived && !block.endTold && block.unread == 0 && !block.paused && !block.deaf) {
    const user = block.user;
    block.endTold = true;
    if (user != null) user.onEnd(block);
  }
  if (block.wantsRoom && !block.finQueued && room(tcp, block) >= sendLimit(tcp, block) >> 2) {
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

export function room(tcp: Tcp, block: Block): i32 {
  return sendLimit(tcp, block) - block.queued;
}

function tellHeld(tcp: Tcp, block: Block): void {
  block.telling = true;
  while (block.unread > 0 && !block.paused && block.user != null) {
    const length = min<i32>(block.unread, block.receiving.contiguous(0));
    const owner = block.receiving.buffer!;
    block.user!.onData(block, tcp.window.aim(owner, block.receiving.address(0), length));
    tcp.window.release();
    // `close` and `abort` let go of what is unread.
    if (block.unread == 0) break;
    block.unread -= length;
    block.receiving.drop(length);
  }
  block.telling = false;
  if (block.state != CLOSED && block.state != TIME_WAIT && windowHasOpened(block)) {
    block.acknowledgmentDue = true;
    tcp.enqueue(block);
  }
}

/** As much as the path can use, so that memory follows the congestion window; or what it has, where there is no more memory. */
function sendLimit(tcp: Tcp, block: Block): i32 {
  if (block.starving && block.sending.capacity > 0) return block.sending.capacity;
  const wanted = (<i32>min<u32>(block.congestion.window, 1 << 28)) << 1;
  return min<i32>(tcp.options.sendBuffer, max<i32>(FIRST_SEND_BUFFER, wanted));
}
