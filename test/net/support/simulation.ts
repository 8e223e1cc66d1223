import { Random } from "./random.ts";
import { Stack, type StackOptions } from "./stack.ts";
import type { WasmModule } from "./webassembly.ts";

/** What a link does to frames, in one direction. Times are nanoseconds. */
export interface Path {
  readonly delay?: number;
  /** Bits a second; unlimited when absent. */
  readonly bandwidth?: number;
  /** Octets that wait for the bandwidth at most; what comes then is lost. */
  readonly queue?: number;
  readonly loss?: number;
  readonly duplicate?: number;
  /** Share of frames that arrive later than others sent after them. */
  readonly reorder?: number;
  /** Share of frames that the sender's device has no room for; it has again a while later. */
  readonly busy?: number;
  /** Share of frames with an octet changed. */
  readonly corrupt?: number;
}

export const millisecond = 1e6;
export const second = 1e9;

interface Event {
  readonly at: number;
  readonly order: number;
  readonly run: () => void;
}

/** Stacks on links under virtual time. Equal seeds give equal runs. */
export class Simulation {
  now = 0;
  readonly random: Random;
  /** Every frame that was sent, in order. */
  readonly frames: { readonly at: number; readonly frame: Uint8Array }[] = [];
  /** Whether `frames` is kept. */
  record = false;
  private readonly module: WasmModule;
  private readonly queue: Event[] = [];
  private order = 0;
  private readonly stacks: Stack[] = [];
  private readonly wakeAt = new Map<Stack, number>();

  constructor(module: WasmModule, seed: number) {
    this.module = module;
    this.random = new Random(seed);
  }

  host(options: Partial<StackOptions> = {}): Stack {
    const number = this.stacks.length + 1;
    const stack = new Stack(this.module, {
      hardware: 0x020000000000n + BigInt(number),
      seed: this.random.below(1e9),
      now: this.now,
      ...options,
    });
    stack.begin();
    this.stacks.push(stack);
    return stack;
  }

  /** Joins two stacks; `there` is how frames of `a` fare. */
  link(a: Stack, b: Stack, there: Path = {}, back: Path = there): void {
    a.transmit = this.sender(a, b, there);
    b.transmit = this.sender(b, a, back);
  }

  /** Runs `body` at a time. */
  at(time: number, body: () => void): void {
    this.push(Math.round(time), body);
  }

  /** Runs until nothing is left to do before `until`, or `done` says so. */
  run(until: number, done: () => boolean = () => false): void {
    while (!done()) {
      for (const stack of this.stacks) this.schedule(stack);
      const event = this.queue[0];
      if (event === undefined || event.at > until) {
        this.now = Math.max(this.now, Math.min(until, event?.at ?? until));
        for (const stack of this.stacks) stack.setTime(this.now);
        return;
      }
      this.pop();
      this.now = event.at;
      for (const stack of this.stacks) stack.setTime(this.now);
      event.run();
    }
  }

  private schedule(stack: Stack): void {
    const deadline = Math.max(stack.deadline, this.now);
    if (
      deadline === Number.POSITIVE_INFINITY ||
      (this.wakeAt.get(stack) ?? Number.POSITIVE_INFINITY) <= deadline
    )
      return;
    this.wakeAt.set(stack, deadline);
    this.push(deadline, () => {
      if (this.wakeAt.get(stack) !== deadline) return;
      this.wakeAt.delete(stack);
      stack.advance(this.now);
    });
  }

  private sender(from: Stack, to: Stack, path: Path): (frame: Uint8Array) => boolean {
    const random = this.random;
    let freeAt = 0;
    const delay = path.delay ?? 0;
    let full = false;
    return (frame) => {
      if (full) return false;
      if (path.busy !== undefined && random.chance(path.busy)) {
        full = true;
        this.push(this.now + random.below(2 * millisecond), () => {
          full = false;
          from.sendable();
        });
        return false;
      }
      if (this.record) this.frames.push({ at: this.now, frame });
      if (random.chance(path.loss ?? 0)) return true;
      if (path.bandwidth !== undefined) {
        const start = Math.max(freeAt, this.now);
        const waiting = ((start - this.now) * path.bandwidth) / 8e9;
        if (waiting > (path.queue ?? 256 * 1024)) return true;
        freeAt = start + Math.ceil((frame.length * 8e9) / path.bandwidth);
      }
      const sentAt = Math.max(freeAt, this.now);
      const copies = random.chance(path.duplicate ?? 0) ? 2 : 1;
      for (let i = 0; i < copies; i++) {
        const late = random.chance(path.reorder ?? 0)
          ? Math.round((delay + millisecond) * random.next())
          : 0;
        let arriving = frame;
        if (random.chance(path.corrupt ?? 0)) {
          arriving = frame.slice();
          const index = random.below(frame.length);
          arriving[index] = (arriving[index] ?? 0) ^ (1 << random.below(8));
        }
        this.push(sentAt + delay + late, () => to.deliver(arriving));
      }
      return true;
    };
  }

  private push(at: number, run: () => void): void {
    const queue = this.queue;
    const event = { at: Math.max(at, this.now), order: this.order++, run };
    let index = queue.length;
    queue.push(event);
    while (index > 0) {
      const parent = (index - 1) >> 1;
      if (!earlier(event, queue[parent]!)) break;
      queue[index] = queue[parent]!;
      index = parent;
    }
    queue[index] = event;
  }

  private pop(): void {
    const queue = this.queue;
    const last = queue.pop()!;
    if (queue.length === 0) return;
    let index = 0;
    while (true) {
      let child = 2 * index + 1;
      if (child >= queue.length) break;
      if (child + 1 < queue.length && earlier(queue[child + 1]!, queue[child]!)) child++;
      if (!earlier(queue[child]!, last)) break;
      queue[index] = queue[child]!;
      index = child;
    }
    queue[index] = last;
  }
}

function earlier(a: Event, b: Event): boolean {
  return a.at < b.at || (a.at === b.at && a.order < b.order);
}
