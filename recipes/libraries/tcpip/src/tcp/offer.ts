/** The window that is offered to a peer (RFC 9293, section 3.8.6.2.2). */
import { Block } from "./block";
import { before, later } from "./sequence";

/** Whether the user has read so much that the peer should learn of a wider window (RFC 9293, section 3.8.6.2.2). */
export function windowHasOpened(block: Block): bool {
  return offer(block) != block.receiveEdge;
}

/** Moves the right edge, and returns the window field. */
export function offerWindow(block: Block, syn: bool): u32 {
  // RFC 7323, 2.2: the window of a SYN is not scaled.
  const shift = syn ? 0 : block.receiveShift;
  let field = (offer(block) - block.receiveNext) >> shift;
  // RFC 9293, 3.8.6 (SHLD-14): the window does not shrink, so what scaling cuts off is rounded up.
  if (before(block.receiveNext + (field << shift), block.receiveEdge)) field++;
  field = min<u32>(field, 0xffff);
  block.receiveEdge = later(block.receiveEdge, block.receiveNext + (field << shift));
  return field;
}

/** The right edge that would be offered now: it moves only by what is worth it, and never back. */
function offer(block: Block): u32 {
  const room = block.receiveLimit - block.unread;
  const edge = block.receiveNext + <u32>max<i32>(room, 0);
  const gain = <i32>(edge - block.receiveEdge);
  const worth = min<i32>(block.receiveLimit >> 1, block.segment);
  return gain >= worth ? edge : block.receiveEdge;
}
