/**
 * TCP (RFC 9293): what all connections share, and which one a segment is for. What users call is in `calls.ts` and
 * `listening.ts`, what segments do in `arrive.ts`, what is sent in `transmit.ts`, what times bring in `expiry.ts`.
 */
import { Host } from "../host";
import { Rate } from "../ip/rate";
import { Options } from "../options";
import { SipHash } from "../siphash";
import { Ends } from "../wire/ends";
import { HEADER, Segment } from "../wire/tcp";
import { Window } from "../wire/window";
import { arrive } from "./arrive";
import { sendReset } from "./bare";
import { Block } from "./block";
import { acknowledge } from "./emit";
import { expire } from "./expiry";
import { Listeners } from "./listening";
import { Numbers } from "./numbers";
import { arriveAnew } from "./opening";
import { Pool } from "./pool";
import { Queue } from "./queue";
import { Schedule } from "./schedule";
import { CLOSED } from "./state";
import { Table } from "./table";
import { settle } from "./telling";
import { TimeWaits } from "./time-waits";
import { output } from "./transmit";

export class Tcp {
  readonly schedule: Schedule = new Schedule();
  readonly numbers: Numbers;
  /** Rcv.Wind.Shift (RFC 7323, section 2.3). */
  readonly receiveShift: u32;
  readonly options: Options;
  readonly pool: Pool;
  readonly table: Table;
  readonly listeners: Listeners = new Listeners();
  readonly timeWaits: TimeWaits = new TimeWaits();
  /** What data is told by. */
  readonly window: Window = new Window();
  /** Those of the segment that is dealt with. */
  ends: Ends = new Ends();
  private readonly segment: Segment = new Segment();
  private readonly queue: Queue = new Queue();
  private readonly challenges: Rate;
  private readonly resets: Rate;
  /** Connections whose `write` found no memory. */
  private readonly starved: Block[] = [];
  /** What was in use when that last happened: only with less is it worth while to try again. */
  private usedWhenStarved: i32 = 0;

  constructor(
    readonly host: Host,
    hash: SipHash,
  ) {
    const options = host.options;
    this.options = options;
    this.numbers = new Numbers(hash);
    let shift: u32 = 0;
    while (options.receiveBuffer >> shift > 0xffff) shift++;
    this.receiveShift = shift;
    this.pool = new Pool(options.bufferMemory);
    this.table = new Table(hash.of(2, 2));
    this.challenges = new Rate(options.errorRate);
    this.resets = new Rate(options.resetRate);
  }

  /** A packet for us came; its `length` octets at `at` are in `owner`. */
  receive(ends: Ends, at: usize, length: i32, owner: ArrayBuffer): void {
    const segment = this.segment;
    this.ends = ends;
    if (!segment.read(at, length, ends) || segment.sourcePort == 0) return;
    const block = this.table.find(ends, segment.sourcePort, segment.destinationPort);
    if (block == null) arriveAnew(this, segment, owner);
    else arrive(this, block, segment, owner);
  }

  pollAt(): u64 {
    return this.schedule.nextAt();
  }

  /** Deals with all timeouts that are due (3.10.8). */
  poll(): void {
    let block = this.schedule.due(this.host.now);
    while (block != null) {
      expire(this, block);
      if (block.state != CLOSED) this.schedule.update(block);
      block = this.schedule.due(this.host.now);
    }
  }

  /** Sends and tells what there is, until the device is full. */
  flush(): void {
    this.feedStarved();
    let block = this.queue.shift();
    while (block != null) {
      settle(this, block);
      if (block.state != CLOSED && !output(this, block)) {
        // It stays the first, so that no connection is starved by others.
        this.queue.unshift(block);
        return;
      }
      block = this.queue.shift();
    }
  }

  /** How many connections there are, in any state. */
  get connectionCount(): i32 {
    return this.table.count;
  }

  get full(): bool {
    return this.table.count - this.timeWaits.count >= this.options.connectionLimit;
  }

  /** To be called when a connection may have something to send or to tell. */
  enqueue(block: Block): void {
    this.queue.push(block);
  }

  /** To be called when `write` found no memory: it is told when there is some. */
  starve(block: Block): void {
    this.usedWhenStarved = this.pool.used;
    if (!block.starving) this.starved.push(block);
    block.starving = true;
  }

  /** Answers a segment by a reset. */
  refuse(segment: Segment): void {
    if (this.takeBareAnswer()) sendReset(this.host, this.ends, segment);
  }

  /** Whether one more segment of no connection may be answered now. */
  takeBareAnswer(): bool {
    return this.resets.take(this.host.now);
  }

  /** RFC 5961, section 7: challenge acknowledgments, within a limit. */
  challenge(block: Block): void {
    if (this.challenges.take(this.host.now)) acknowledge(this, block);
  }

  /** What is not acceptable is acknowledged again; empty segments within a limit, so that two peers cannot do so for ever. */
  duplicateArrived(block: Block, segment: Segment): void {
    if (segment.length > 0) acknowledge(this, block);
    else this.challenge(block);
  }

  /** The MSS option that we send (RFC 9293, section 3.7.1; RFC 6691). */
  ownSegment(ends: Ends): i32 {
    return min<i32>(this.host.most(ends) - HEADER, 65495);
  }

  /** To be called when a connection has its addresses: its timestamps depend on them. */
  bindTimestamps(block: Block): void {
    block.timestampOffset = this.numbers.timestampOffset(block.ends);
  }

  private feedStarved(): void {
    if (this.starved.length == 0 || this.pool.used >= this.usedWhenStarved) return;
    const starved = this.starved.splice(0);
    for (let i = 0; i < starved.length; i++) {
      starved[i].starving = false;
      this.enqueue(starved[i]);
    }
  }
}
