/** Segments that belong to no connection: resets, and answers to a SYN that is not kept. */
import { Host } from "../host";
import { finish, pseudoHeader, putChecksum, sum } from "../wire/checksum";
import { Ends } from "../wire/ends";
import { TCP } from "../wire/ipv4";
import {
  ACK,
  HEADER,
  putMss,
  putSackPermitted,
  putTcp,
  putTimestamps,
  putWindowScale,
  RST,
  Segment,
  SYN,
} from "../wire/tcp";

/** Tells the sender of `segment` that there is no such connection (RFC 9293, section 3.10.7.1). */
export function sendReset(host: Host, ends: Ends, segment: Segment): void {
  const at = host.payload;
  if (segment.has(ACK)) {
    putTcp(
      at,
      segment.destinationPort,
      segment.sourcePort,
      segment.acknowledgment,
      0,
      HEADER,
      RST,
      0,
    );
  } else {
    const next = segment.sequence + segment.length;
    putTcp(at, segment.destinationPort, segment.sourcePort, 0, next, HEADER, RST | ACK, 0);
  }
  send(host, ends, HEADER);
}

/** Answers a SYN with the number `sequence`, keeping nothing. `timestamp` matters if the SYN has one. */
export function sendCookie(
  host: Host,
  ends: Ends,
  segment: Segment,
  sequence: u32,
  timestamp: u32,
  ownSegment: i32,
  shift: u32,
  window: u32,
): void {
  const at = host.payload;
  let end = putMss(at + <usize>HEADER, ownSegment);
  // Without timestamps there is no place to remember the other options in.
  if (segment.timestamps) {
    if (segment.windowScale >= 0) end = putWindowScale(end, shift);
    if (segment.sackPermitted) end = putSackPermitted(end);
    end = putTimestamps(end, timestamp, segment.timestamp);
  }
  const header = <i32>(end - at);
  const next = segment.sequence + 1;
  putTcp(
    at,
    segment.destinationPort,
    segment.sourcePort,
    sequence,
    next,
    header,
    SYN | ACK,
    window,
  );
  send(host, ends, header);
}

function send(host: Host, ends: Ends, length: i32): void {
  const at = host.payload;
  putChecksum(at + 16, finish(sum(at, length, pseudoHeader(ends, TCP, length))));
  host.send(TCP, ends, length, 0, null);
}
