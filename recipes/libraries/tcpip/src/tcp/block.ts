/** The state of one connection: RFC 9293's transmission control block (section 3.3.1). */
import { Neighbour } from "../ip/neighbours";
import { Ranges } from "../ranges";
import { NEVER, SECOND } from "../time";
import { Ends } from "../wire/ends";
import { Cubic } from "./cubic";
import { Listening } from "./listening";
import { Pool } from "./pool";
import { Ring } from "./ring";
import { CLOSED } from "./state";

/** What is told of a connection. Any call may be made in return, on this connection and on others. */
export interface User {
  onOpen(block: Block): void;
  /** `data` is valid during the call only. */
  onData(block: Block, data: Uint8Array): void;
  onWritable(block: Block): void;
  onEnd(block: Block): void;
  onClose(block: Block, reason: i32): void;
}

/** Nothing is known to be lost. */
export const OPEN: u8 = 0;
/** Fast recovery after duplicate acknowledgments (RFC 6582, RFC 6675). */
export const RECOVERY: u8 = 1;
/** All that was under way at a retransmission timeout is sent again (RFC 6298, RFC 5681). */
export const LOSS: u8 = 2;

/** Ranges above the acknowledgment that are remembered, in each direction. */
const RANGES = 128;

export class Block {
  /** Our address is not set until there is one. */
  readonly ends: Ends = new Ends();
  remotePort: u16 = 0;
  localPort: u16 = 0;
  state: u8 = CLOSED;
  user: User | null = null;
  /** Whose backlog it counts in, while it is not open. */
  listening: Listening | null = null;
  neighbour: Neighbour | null = null;

  // Sending: SND.UNA and the others of RFC 9293, figure 4.
  iss: u32 = 0;
  una: u32 = 0;
  nxt: u32 = 0;
  /** Our SYN is acknowledged. */
  synchronized: bool = false;
  /** SND.WND, scaled. */
  window: u32 = 0;
  windowSequence: u32 = 0;
  windowAcknowledgment: u32 = 0;
  /** Max.SND.WND: the largest window the peer ever offered. */
  largestWindow: u32 = 0;
  windowShift: u32 = 0;
  /** Most data octets of a segment without SACK blocks. */
  segment: i32 = 536;
  /** The peer's MSS option. */
  peerSegment: i32 = 536;
  /** Octets that `sending` holds; its first one has the number `una`, or `iss` + 1 until `synchronized`. */
  queued: i32 = 0;
  readonly sending: Ring;
  /** Our FIN follows the queued octets. */
  finQueued: bool = false;
  finSent: bool = false;
  /** A SYN, or a SYN that answers one, is to be sent. */
  synDue: bool = false;
  /** `write` took less than offered. */
  wantsRoom: bool = false;
  /** … since there was no memory. */
  starving: bool = false;
  /** Number after the last segment that was smaller than it might have been, for Nagle's algorithm. */
  smallEnd: u32 = 0;
  /** One octet at `nxt` was sent as a probe of a window that is closed. */
  probed: bool = false;
  /** Sends less than a good segment once, since waiting did not help (RFC 9293, section 3.8.6.2.1). */
  sendSmall: bool = false;

  // Receiving: RCV.NXT and the others.
  irs: u32 = 0;
  receiveNext: u32 = 0;
  /** Right edge of the window that was offered: RCV.NXT + RCV.WND. */
  receiveEdge: u32 = 0;
  receiveShift: u32 = 0;
  receiveLimit: i32 = 0;
  /** Octets in order that the user has not been told, the first of `receiving`. */
  unread: i32 = 0;
  readonly receiving: Ring;
  /** Numbers after `receiveNext` that are in `receiving`. */
  readonly early: Ranges = new Ranges(RANGES);
  /** A number in the range that came last, which is reported first (RFC 2018, section 4). */
  earlyLast: u32 = 0;
  finReceived: bool = false;
  /** A FIN with the number `finAt` came before data that is missing. */
  finHeld: bool = false;
  finAt: u32 = 0;
  endTold: bool = false;
  paused: bool = false;
  /** The user wants no more data. */
  deaf: bool = false;
  /** The user is in the midst of being told data of `receiving`. */
  telling: bool = false;
  /** The connection is gone, but for data that the user has not been told. */
  finished: bool = false;

  // Acknowledging.
  /** An acknowledgment is sent at the next flush. */
  acknowledgmentDue: bool = false;
  /** Octets received since the last acknowledgment. */
  unacknowledged: i32 = 0;
  lastAcknowledgment: u32 = 0;
  /** Segments that are still acknowledged at once, while the peer's window is small. */
  quick: i32 = 16;

  // Options agreed on (RFC 7323, RFC 2018).
  timestamps: bool = false;
  timestampOffset: u32 = 0;
  recentTimestamp: u32 = 0;
  recentAt: u64 = 0;
  sack: bool = false;

  // Retransmission (RFC 6298) and recovery.
  smoothed: u64 = 0;
  variation: u64 = 0;
  timeout: u64 = SECOND;
  retries: i32 = 0;
  /** The segment that ends before `timedEnd` is timed since `timedAt` (RFC 6298, section 3). */
  timing: bool = false;
  timedEnd: u32 = 0;
  timedAt: u64 = 0;
  readonly congestion: Cubic = new Cubic();
  /** The congestion window was what kept us from sending. */
  limited: bool = false;
  recovery: u8 = OPEN;
  /** Recovery ends when this is acknowledged. */
  recoverAt: u32 = 0;
  /** HighRxt: all below that was lost has been sent again. */
  repaired: u32 = 0;
  /** The first lost segment goes out whatever the window says. */
  repairNow: bool = false;
  /** What follows `una` is lost once more. */
  repairAgain: bool = false;
  /** SND.NXT when what follows `una` was last sent again: numbers from here on were sent after it. */
  repairMark: u32 = 0;
  /** Our timestamp when this recovery sent its first segment; what was sent before it has an earlier one. */
  repairStamp: u32 = 0;
  /** Whether that has been sent, and nothing has been acknowledged since. */
  repairStamped: bool = false;
  /** DupThresh: grows when the path is found to reorder. */
  reordering: i32 = 3;
  duplicates: i32 = 0;
  /** ICMP said that there is no way, which may pass (RFC 9293, section 3.9.2.2). */
  unreachable: bool = false;
  readonly sacked: Ranges = new Ranges(RANGES);
  lastSent: u64 = 0;

  // Times.
  retransmitAt: u64 = NEVER;
  /** When what was sent again is taken for lost once more; sooner than the retransmission timeout. */
  repairAt: u64 = NEVER;
  /** It was, and nothing has been acknowledged since: now the retransmission timer rules. */
  repairTried: bool = false;
  persistAt: u64 = NEVER;
  persistTries: i32 = 0;
  acknowledgeAt: u64 = NEVER;
  /** TIME-WAIT's end, or that of our patience in FIN-WAIT-2. */
  lingerAt: u64 = NEVER;
  keepAliveAt: u64 = NEVER;
  keepAliveTries: i32 = 0;

  // Places in `Table`, `Schedule` and the queue of `Tcp`.
  chain: Block | null = null;
  scheduleIndex: i32 = -1;
  scheduledAt: u64 = NEVER;
  waiting: bool = false;
  next: Block | null = null;

  constructor(pool: Pool) {
    this.sending = new Ring(pool);
    this.receiving = new Ring(pool);
  }

  /** When something is due, whatever else happens. */
  get deadline(): u64 {
    return min<u64>(
      min<u64>(min<u64>(this.retransmitAt, this.repairAt), this.persistAt),
      min<u64>(min<u64>(this.acknowledgeAt, this.lingerAt), this.keepAliveAt),
    );
  }

  /** Sequence numbers that are sent and not acknowledged. */
  get flight(): u32 {
    return this.nxt - this.una;
  }

  /** The number after the last octet that the user wrote. */
  get dataEnd(): u32 {
    return (this.synchronized ? this.una : this.iss + 1) + <u32>this.queued;
  }

  /** RCV.WND */
  get receiveWindow(): u32 {
    return this.receiveEdge - this.receiveNext;
  }

  stopTimers(): void {
    this.retransmitAt = NEVER;
    this.repairAt = NEVER;
    this.persistAt = NEVER;
    this.acknowledgeAt = NEVER;
    this.lingerAt = NEVER;
    this.keepAliveAt = NEVER;
  }
}
