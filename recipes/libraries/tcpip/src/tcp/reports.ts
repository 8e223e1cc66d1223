// @seldom
/** What the layers below report of the way to a peer (RFC 9293, section 3.9.2.2). */
import { Neighbour } from "../ip/neighbours";
import * as trouble from "../ip/trouble";
import { Ends } from "../wire/ends";
import { HEADER, TIMESTAMPS_LENGTH } from "../wire/tcp";
import { Block, LOSS } from "./block";
import { finish } from "./ending";
import * as reason from "./reason";
import { SYN_SENT, TIME_WAIT } from "./state";
import { Tcp } from "./tcp";

/** No segment is smaller, whatever a peer or router says: headers would be all that we send. */
const SMALLEST_SEGMENT = 64;

/** An ICMP error, of a kind of `trouble.ts`, about a segment of ours with the number `sequence`. */
export function receiveError(
  tcp: Tcp,
  ends: Ends,
  remotePort: u16,
  localPort: u16,
  sequence: u32,
  kind: i32,
  mtu: i32,
): void {
  const block = tcp.table.find(ends, remotePort, localPort);
  if (block == null || block.state == TIME_WAIT) return;
  // RFC 5927, 4.1: who does not know what is under way was not on the path.
  if (sequence - block.una >= block.flight) return;
  if (kind == trouble.TOO_BIG) {
    const segment = block.segment;
    setSegment(block, tcp.host.learnPath(ends, mtu));
    if (block.segment >= segment || !block.synchronized) return;
    // RFC 1191, 6.5: what was too large is sent again; it says nothing about congestion.
    block.recovery = LOSS;
    block.recoverAt = block.nxt;
    block.repaired = block.una;
    block.repairNow = true;
    tcp.enqueue(block);
    return;
  }
  // RFC 9293, 3.9.2.2: hard errors end a connection; RFC 5927, 5.2: but only one that is not open yet.
  if (kind == trouble.REFUSED && block.state == SYN_SENT) finish(tcp, block, reason.REFUSED);
  else block.unreachable = true;
}

/** Nobody answered for an address on the link. */
export function neighbourFailed(tcp: Tcp, neighbour: Neighbour): void {
  const blocks = tcp.table.all();
  for (let i = 0; i < blocks.length; i++) {
    if (blocks[i].state == SYN_SENT && blocks[i].neighbour == neighbour) {
      finish(tcp, blocks[i], reason.UNREACHABLE);
    }
  }
}

/** Our addresses are others now: connections of those that are gone cannot go on. */
export function addressChanged(tcp: Tcp): void {
  const blocks = tcp.table.all();
  for (let i = 0; i < blocks.length; i++) {
    const block = blocks[i];
    if (!block.ends.bound) tcp.enqueue(block);
    else if (!tcp.host.owns(block.ends)) finish(tcp, block, reason.UNREACHABLE);
  }
}

/** The segment size for a path whose packets carry `most` octets after their IP header. */
export function setSegment(block: Block, most: i32): void {
  // RFC 6691, section 2: options come off what the MSS option says.
  const size = min<i32>(block.peerSegment, most - HEADER);
  block.segment = max<i32>(size - (block.timestamps ? TIMESTAMPS_LENGTH : 0), SMALLEST_SEGMENT);
}
