// @often
/** How one segment of a connection is written and sent. */
import { BLOCKED, NO_ROUTE, SENT } from "../host";
import { NEVER } from "../time";
import { finish, pseudoHeader, putChecksum, sum as sumOf } from "../wire/checksum";
import { DONT_FRAGMENT, TCP } from "../wire/ipv4";
import { put32 } from "../wire/octets";
import {
  ACK,
  HEADER,
  MAXIMUM_SACK_BLOCKS,
  putMss,
  putSackHead,
  putSackPermitted,
  putTcp,
  putTimestamps,
  putWindowScale,
  RST,
  SYN,
} from "../wire/tcp";
import { Block } from "./block";
import { offerWindow } from "./offer";
import { before } from "./sequence";
import { Tcp } from "./tcp";

/** `Block#windowShift` before the options are agreed on, when a SYN's answer must not have the option. */
export const NO_SCALE: u32 = 255;

export function emit(tcp: Tcp, block: Block, sequence: u32, length: i32, flags: u32): i32 {
  const host = tcp.host;
  if (!block.ends.bound) {
    // `connect` came before there was an address.
    if (!host.bind(block.ends)) return NO_ROUTE;
    tcp.bindTimestamps(block);
  }
  let neighbour = block.neighbour;
  if (neighbour == null || neighbour.gone) {
    neighbour = host.route(block.ends);
    block.neighbour = neighbour;
    if (neighbour == null) return NO_ROUTE;
  }
  const at = host.payload;
  const end = putOptions(tcp, block, at + <usize>HEADER, flags);
  const header = <i32>(end - at);
  const acknowledgment = (flags & ACK) != 0 ? block.receiveNext : 0;
  const window = (flags & RST) != 0 ? 0 : offerWindow(block, (flags & SYN) != 0);
  putTcp(at, block.localPort, block.remotePort, sequence, acknowledgment, header, flags, window);
  const total = header + length;
  let sum = pseudoHeader(block.ends, TCP, total);
  if (length > 0) {
    // Our first octet has the number `una`, so nothing older can be asked for.
    sum += block.sending.read(<i32>(sequence - block.dataEnd) + block.queued, end, length);
  }
  putChecksum(at + 16, finish(sumOf(at, header, sum)));
  const result = host.send(TCP, block.ends, total, DONT_FRAGMENT, neighbour);
  if (result == SENT) {
    block.lastSent = host.now;
    if ((flags & ACK) != 0) {
      block.acknowledgmentDue = false;
      block.acknowledgeAt = NEVER;
      block.unacknowledged = 0;
      block.lastAcknowledgment = acknowledgment;
    }
  }
  return result;
}

/** Sends an acknowledgment at once. */
export function acknowledge(tcp: Tcp, block: Block): void {
  if (emit(tcp, block, block.nxt, 0, ACK) == BLOCKED) {
    block.acknowledgmentDue = true;
    tcp.enqueue(block);
  }
}

/** Tells the peer that the connection is gone. */
export function reset(tcp: Tcp, block: Block): void {
  emit(tcp, block, block.nxt, 0, RST | ACK);
}

/** Sends one octet beyond a closed window, so that the peer says whether it is closed still (RFC 9293, section 3.8.6.1). */
export function probeWindow(tcp: Tcp, block: Block): void {
  if (block.queued == 0) return;
  emit(tcp, block, block.nxt, 1, ACK);
  block.probed = true;
}

/** Sends an empty segment with an old number, which a peer that lives must answer (RFC 9293, section 3.8.4). */
export function probeLife(tcp: Tcp, block: Block): void {
  emit(tcp, block, block.una - 1, 0, ACK);
}

function putOptions(tcp: Tcp, block: Block, at: usize, flags: u32): usize {
  if ((flags & SYN) != 0) {
    const answer = (flags & ACK) != 0;
    at = putMss(at, tcp.ownSegment(block.ends));
    if (!answer || block.windowShift != NO_SCALE) at = putWindowScale(at, tcp.receiveShift);
    if (!answer || block.sack) at = putSackPermitted(at);
    if (!answer || block.timestamps)
      at = putTimestamps(at, timestamp(tcp, block), block.recentTimestamp);
    return at;
  }
  if (block.timestamps) at = putTimestamps(at, timestamp(tcp, block), block.recentTimestamp);
  if (block.sack && block.early.count > 0 && (flags & RST) == 0) at = putSack(block, at);
  return at;
}

export function sackBlocks(block: Block): i32 {
  // RFC 7323, section 3.2: three fit beside timestamps.
  return min<i32>(block.early.count, block.timestamps ? 3 : MAXIMUM_SACK_BLOCKS);
}

/** RFC 2018, section 4: the block with the latest segment first, then others. */
function putSack(block: Block, at: usize): usize {
  const early = block.early;
  const blocks = sackBlocks(block);
  at = putSackHead(at, blocks);
  let first = 0;
  while (first < early.count - 1 && !before(block.earlyLast, early.upper(first))) {
    first++;
  }
  for (let i = 0; i < blocks; i++) {
    const index = (first + i) % early.count;
    put32(at, early.lower(index));
    put32(at + 4, early.upper(index));
    at += 8;
  }
  return at;
}

export function timestamp(tcp: Tcp, block: Block): u32 {
  return tcp.numbers.timestamp(block.timestampOffset, tcp.host.now);
}

export function shiftOf(block: Block): u32 {
  return block.windowShift == NO_SCALE ? 0 : block.windowShift;
}
