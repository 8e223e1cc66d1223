import { Capture } from "../../../linker/simulator/capture.ts";
import { Channel, type Path } from "../../../linker/simulator/channel.ts";
import { Random } from "../../../linker/simulator/random.ts";
import { Schedule } from "../../../linker/simulator/schedule.ts";
import { Stack, type StackOptions } from "./stack.ts";
import type { WasmModule } from "./webassembly.ts";

export type { Path } from "../../../linker/simulator/channel.ts";

export const millisecond = 1e6;
export const second = 1e9;

/** Octets of frames that are kept for a capture. */
const captureLimit = 16 << 20;

/** Stacks on links under virtual time, by the parts that `unipkg sim` is made of. Equal seeds give equal runs. */
export class Simulation {
  readonly random: Random;
  /** The last frames that were sent; `writeCapture` writes them to a file. */
  readonly capture = new Capture(captureLimit);
  /** Whether `capture` is filled. */
  record = false;
  private readonly module: WasmModule;
  private readonly schedule = new Schedule();
  private readonly stacks: Stack[] = [];
  private readonly wakeAt = new Map<Stack, number>();

  constructor(module: WasmModule, seed: number) {
    this.module = module;
    this.random = new Random(seed);
  }

  get now(): number {
    return this.schedule.now;
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
    this.join(a, b, there);
    this.join(b, a, back);
  }

  /** Runs `body` at a time. */
  at(time: number, body: () => void): void {
    this.schedule.at(time, body);
  }

  /** Runs until nothing is left to do before `until`, or `done` says so. */
  run(until: number, done: () => boolean = () => false): void {
    while (!done()) {
      for (const stack of this.stacks) this.arm(stack);
      const happen = this.schedule.take(until);
      if (happen === null)
        this.schedule.now = Math.max(this.now, Math.min(until, this.schedule.next));
      for (const stack of this.stacks) stack.setTime(this.now);
      if (happen === null) return;
      happen();
    }
  }

  private arm(stack: Stack): void {
    const deadline = Math.max(stack.deadline, this.now);
    const wake = this.wakeAt.get(stack) ?? Number.POSITIVE_INFINITY;
    if (deadline === Number.POSITIVE_INFINITY || wake <= deadline) return;
    this.wakeAt.set(stack, deadline);
    this.schedule.at(deadline, () => {
      if (this.wakeAt.get(stack) !== deadline) return;
      this.wakeAt.delete(stack);
      stack.advance(this.now);
    });
  }

  private join(from: Stack, to: Stack, path: Path): void {
    const channel = new Channel(this.schedule, this.random, path, (frame) => to.deliver(frame));
    channel.onRoom = () => from.sendable();
    const number = this.capture.interface(`${this.stacks.indexOf(from) + 1}`);
    from.transmit = (frame) => {
      const taken = channel.send(frame);
      if (taken && this.record) this.capture.add(this.now, number, "out", frame);
      return taken;
    };
  }
}
