// @seldom
import { MILLISECOND, SECOND } from "./time";

/** Every limit and time of the stack. Spans are nanoseconds, sizes are octets. */
export class Options {
  /** Neighbours remembered; the one that was not used for longest makes room. */
  neighbourLimit: i32 = 256;
  /** A neighbour's address is asked for again when it is older than this. */
  neighbourLifetime: u64 = 60 * SECOND;
  /** How often it is asked whether another host has an IPv6 address, before it is used (RFC 4862, section 5.1). */
  duplicateChecks: i32 = 1;
  /** What IPv6 addresses of ours are made from (RFC 7217); 0 makes them of the hardware address. */
  addressSecret: u64 = 0;
  /** Memory for fragments of packets that are not whole yet. */
  reassemblyMemory: i32 = 256 << 10;
  /** How long fragments are kept (RFC 1122, section 3.3.2 asks for more; what is common today is less). */
  reassemblyTimeout: u64 = 30 * SECOND;
  /** ICMP errors and challenge acknowledgments sent a second at most, each. */
  errorRate: i32 = 100;
  /** Echo requests answered a second at most. */
  echoRate: i32 = 10000;
  /** Resets sent a second at most for segments of no connection. */
  resetRate: i32 = 1000;

  /** Connections at most, in any state but TIME-WAIT. */
  connectionLimit: i32 = 16384;
  /** Connections of one listener that are not open yet; beyond it SYN cookies are sent. */
  backlog: i32 = 256;
  /** Bytes taken by `write` and not yet acknowledged, per connection. */
  sendBuffer: i32 = 1 << 20;
  /** Window offered to a peer, and so bytes kept for a paused application, per connection. */
  receiveBuffer: i32 = 1 << 20;
  /** All buffers of all connections together. */
  bufferMemory: i32 = 64 << 20;
  /** Whether a small segment waits for the acknowledgment of an earlier small one. */
  nagle: bool = true;
  /** How long an acknowledgment may wait for company; below half a second (RFC 9293, section 3.8.6.3). */
  acknowledgmentDelay: u64 = 40 * MILLISECOND;
  /** Lower bound of the retransmission time; RFC 6298 (2.4) asks for a second, what is common today is 200 ms. */
  minimumTimeout: u64 = 200 * MILLISECOND;
  /** Upper bound (RFC 6298, 2.5). */
  maximumTimeout: u64 = 60 * SECOND;
  /** Retransmissions of a SYN before giving up: with back-off, three minutes (RFC 9293, section 3.8.3). */
  synRetries: i32 = 7;
  /** Retransmissions of a SYN that answers one. */
  synAnswerRetries: i32 = 5;
  /** Retransmissions of data before giving up. */
  dataRetries: i32 = 15;
  /** Idle time before the peer is asked whether it lives; 0 for never, as RFC 9293, section 3.8.4 wants it. */
  keepAlive: u64 = 0;
  /** Time between such questions. */
  keepAliveInterval: u64 = 75 * SECOND;
  /** Unanswered questions before giving up. */
  keepAliveProbes: i32 = 9;
  /** Twice the maximum segment lifetime: how long TIME-WAIT lasts. */
  timeWait: u64 = 60 * SECOND;
  /** Connections in TIME-WAIT; the oldest makes room. */
  timeWaitLimit: i32 = 4096;
  /** How long a closed connection waits for the peer's end. */
  finWait: u64 = 60 * SECOND;
}
