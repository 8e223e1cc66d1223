// @seldom
/** What happens to SYNs beyond the backlog: cookies instead of connections (RFC 4987, section 3.6). */
import { SECOND } from "../time";
import { DEFAULT_MSS, HEADER, Segment } from "../wire/tcp";
import { arrive } from "./arrive";
import { sendCookie } from "./bare";
import { Listening } from "./listening";
import { answer } from "./opening";
import { before } from "./sequence";
import { Tcp } from "./tcp";

/** How long cookies are believed after they were last sent. */
const COOKIE_AGE: u64 = 128 * SECOND;
/** Bits of a cookie's timestamp that say what options the SYN had: window scale, and SACK. */
const COOKIE_BITS: u32 = 31;

/** Answers a SYN when the backlog is full. */
export function answerByCookie(tcp: Tcp, listening: Listening, segment: Segment): void {
  const host = tcp.host;
  const ends = tcp.ends;
  const size = segment.maximumSegmentSize == 0 ? DEFAULT_MSS : segment.maximumSegmentSize;
  if (size < DEFAULT_MSS || !tcp.takeBareAnswer()) return;
  listening.overflowedAt = max<u64>(host.now, 1);
  const cookie = tcp.numbers.cookie(
    ends,
    listening.port,
    segment.sourcePort,
    segment.sequence,
    min<i32>(size, host.mostTo(ends) - HEADER),
    host.now,
  );
  const scale: u32 = segment.windowScale < 0 ? 15 : <u32>segment.windowScale;
  const options = scale | (segment.sackPermitted ? 16 : 0);
  const present = tcp.numbers.timestamp(tcp.numbers.timestampOffset(ends), host.now);
  let timestamp = (present & ~COOKIE_BITS) | options;
  // Not in the future, so that the timestamps of the connection go on from it.
  if (before(present, timestamp)) timestamp -= COOKIE_BITS + 1;
  const window = min<i32>(tcp.options.receiveBuffer, 0xffff);
  sendCookie(
    host,
    ends,
    segment,
    cookie,
    timestamp,
    tcp.ownSegment(ends),
    tcp.receiveShift,
    window,
  );
}

/** An acknowledgment may be that of a cookie: then the connection is open. */
export function openByCookie(
  tcp: Tcp,
  listening: Listening,
  segment: Segment,
  owner: ArrayBuffer,
): bool {
  const now = tcp.host.now;
  if (listening.overflowedAt == 0 || now - listening.overflowedAt > COOKIE_AGE) return false;
  const size = tcp.numbers.cookieSize(
    tcp.ends,
    listening.port,
    segment.sourcePort,
    segment.sequence - 1,
    segment.acknowledgment - 1,
    now,
  );
  if (size == 0 || tcp.full) return false;
  // The segment as the SYN must have been.
  const options = segment.timestamps ? segment.timestampEcho & COOKIE_BITS : 15;
  segment.sequence--;
  segment.maximumSegmentSize = size;
  segment.windowScale = (options & 15) == 15 ? -1 : <i32>(options & 15);
  segment.sackPermitted = (options & 16) != 0;
  const block = answer(tcp, listening, segment);
  segment.sequence++;
  block.iss = segment.acknowledgment - 1;
  block.una = block.iss;
  block.nxt = block.iss + 1;
  block.receiveEdge = block.receiveNext + <u32>min<i32>(tcp.options.receiveBuffer, 0xffff);
  arrive(tcp, block, segment, owner);
  return true;
}
