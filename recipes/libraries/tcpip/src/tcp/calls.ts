/** The user's calls (RFC 9293, sections 3.10.1 to 3.10.5); those of listeners are in `listening.ts`. */
import { Ends } from "../wire/ends";
import { Block, User } from "./block";
import { reset } from "./emit";
import { detach, forget, lingerInFinWait } from "./ending";
import { FIRST_PORT, PORTS } from "./listening";
import {
  CLOSE_WAIT,
  CLOSED,
  ESTABLISHED,
  FIN_WAIT_1,
  FIN_WAIT_2,
  LAST_ACK,
  SYN_RECEIVED,
  SYN_SENT,
  TIME_WAIT,
} from "./state";
import { Tcp } from "./tcp";
import { room } from "./telling";

/** An active OPEN (3.10.1) to the remote end of `ends`; null when there is no way, no port or no room. */
export function connect(tcp: Tcp, ends: Ends, remotePort: u16, user: User): Block | null {
  const host = tcp.host;
  // RFC 9293, 3.9.2.3 (MUST-57): a connection is to one host.
  if (remotePort == 0 || tcp.full || host.toMany(ends)) return null;
  const ready = host.bind(ends) && host.route(ends) != null;
  if (!ready) {
    if (!host.settling(ends)) return null;
    // Which address is ours will be known later.
    ends.setLocal(0, 0);
  }
  const port = freePort(tcp, ends, remotePort);
  if (port == 0) return null;
  const block = new Block(tcp.pool);
  block.ends.copy(ends);
  block.remotePort = remotePort;
  block.localPort = port;
  block.user = user;
  block.state = SYN_SENT;
  block.receiveLimit = min<i32>(tcp.options.receiveBuffer, 0xffff);
  begin(tcp, block);
  if (ready) tcp.bindTimestamps(block);
  block.synDue = true;
  tcp.enqueue(block);
  return block;
}

/** SEND (3.10.2): how many octets were taken. */
export function write(tcp: Tcp, block: Block, from: usize, length: i32): i32 {
  const state = block.state;
  if (block.finQueued || length <= 0) return 0;
  if (state != ESTABLISHED && state != CLOSE_WAIT && state != SYN_SENT && state != SYN_RECEIVED) {
    return 0;
  }
  let taken = min<i32>(length, room(tcp, block));
  // Without memory for all of it, what there is memory for: the room that acknowledgments make is told of again.
  while (taken > 0 && !block.sending.reserve(block.queued + taken, block.queued)) {
    tcp.starve(block);
    taken >>= 1;
  }
  if (taken < length) block.wantsRoom = true;
  if (taken <= 0) return 0;
  block.sending.put(block.queued, from, taken);
  block.queued += taken;
  tcp.enqueue(block);
  return taken;
}

/** CLOSE (3.10.4) as RFC 9293 has it: our side ends, and the peer's goes on. */
export function shutdown(tcp: Tcp, block: Block): void {
  if (block.finQueued) return;
  if (block.state == ESTABLISHED) block.state = FIN_WAIT_1;
  else if (block.state == CLOSE_WAIT) block.state = LAST_ACK;
  else if (block.state != SYN_SENT && block.state != SYN_RECEIVED) return;
  block.finQueued = true;
  block.wantsRoom = false;
  tcp.enqueue(block);
}

/** Ends both sides: what still comes is not told. */
export function close(tcp: Tcp, block: Block): void {
  if (block.deaf || (block.user == null && block.state == CLOSED)) return;
  block.deaf = true;
  block.paused = false;
  block.unread = 0;
  block.early.clear();
  if (!block.telling) block.receiving.release();
  tcp.enqueue(block);
  if (block.state == SYN_SENT) {
    // 3.10.4, SYN-SENT: "Delete the TCB".
    detach(tcp, block);
    block.finished = true;
    return;
  }
  shutdown(tcp, block);
  if (block.state == FIN_WAIT_2) lingerInFinWait(tcp, block);
}

/** ABORT (3.10.5). Nothing is told. */
export function abort(tcp: Tcp, block: Block): void {
  block.user = null;
  block.finished = false;
  block.unread = 0;
  block.early.clear();
  if (block.state == CLOSED || block.state == TIME_WAIT) {
    if (!block.telling) block.receiving.release();
    return;
  }
  if (block.state != SYN_SENT) reset(tcp, block);
  forget(tcp, block);
}

export function resume(tcp: Tcp, block: Block): void {
  if (!block.paused) return;
  block.paused = false;
  tcp.enqueue(block);
}

/** Gives a connection its numbers, and puts it where segments find it. */
export function begin(tcp: Tcp, block: Block): void {
  const now = tcp.host.now;
  block.iss = tcp.numbers.initialSequence(block.ends, block.localPort, block.remotePort, now);
  block.una = block.iss;
  block.nxt = block.iss + 1;
  block.smallEnd = block.iss;
  block.recoverAt = block.iss;
  block.repaired = block.iss;
  tcp.table.add(block);
}

/** RFC 6056, section 3.3.3; 0 when all are in use. */
function freePort(tcp: Tcp, ends: Ends, remotePort: u16): u16 {
  const start = tcp.numbers.portOffset(ends, remotePort) + <u32>tcp.host.random();
  for (let i: u32 = 0; i < PORTS; i++) {
    const port = <u16>(FIRST_PORT + ((start + i) % PORTS));
    if (!tcp.listeners.has(port) && tcp.table.find(ends, remotePort, port) == null) return port;
  }
  return 0;
}
