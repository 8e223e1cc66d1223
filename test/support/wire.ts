import { type ChildProcessByStdio, execFileSync, spawn } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import type { Readable, Writable } from "node:stream";
import { Capture } from "../../linker/simulator/capture.ts";
import { Channel, type Path } from "../../linker/simulator/channel.ts";
import { Random } from "../../linker/simulator/random.ts";
import { Schedule } from "../../linker/simulator/schedule.ts";
import { projectRoot } from "./unipkg.ts";

/** Octets of frames that are kept for a capture. */
const captureLimit = 256 << 20;
const header = 4;

/** Compiles the program that reaches the interfaces; answers with its file. */
export function compileWire(folder: string): string {
  const file = join(folder, "wire");
  const source = join(projectRoot, "test/e2e/net/wire.c");
  execFileSync("cc", ["-O2", "-Wall", "-Wextra", "-o", file, source]);
  return file;
}

/**
 * The simulator's link between two real interfaces, in real time: `ends` are as test/e2e/net/wire.c has them. It stands in
 * for netem, which not every kernel has.
 */
export class Wire {
  /** What the first end sent, as interface 0, and the second, as interface 1. */
  readonly capture = new Capture(captureLimit);
  /** Whether `capture` is filled. */
  record = false;
  readonly #schedule = new Schedule();
  readonly #channels: readonly [Channel, Channel];
  readonly #child: ChildProcessByStdio<Writable, Readable, Readable>;
  readonly #begun = process.hrtime.bigint();
  #received: Buffer = Buffer.alloc(0);
  #out: Uint8Array[] = [];
  #timer: NodeJS.Timeout | undefined;

  private constructor(child: ChildProcessByStdio<Writable, Readable, Readable>, seed: number) {
    this.#child = child;
    for (const name of ["first", "second"]) this.capture.interface(name);
    const random = new Random(seed);
    // What one end sends comes out at the other.
    this.#channels = [1, 0].map(
      (to) => new Channel(this.#schedule, random, {}, (frame) => this.#send(to, frame)),
    ) as [Channel, Channel];
    child.stdout.on("data", (data: Buffer) => this.#receive(data));
  }

  /** @param before the words that run a program where the interfaces are */
  static async open(
    program: string,
    before: readonly string[],
    ends: readonly [string, string],
    seed: number,
  ): Promise<Wire> {
    const [command, ...words] = [...before, program, ...ends];
    const child = spawn(command!, words, { stdio: ["pipe", "pipe", "pipe"] });
    const [ready] = (await once(child.stderr, "data")) as [Buffer];
    if (!ready.includes("ready")) throw new Error(`wire: ${ready.toString()}`);
    return new Wire(child, seed);
  }

  /** What both directions do to frames from now on. */
  set path(path: Path) {
    for (const channel of this.#channels) channel.path = path;
  }

  /** Frames that were lost, doubled, late, in both directions. */
  get tally(): Readonly<Record<string, number>> {
    const [a, b] = this.#channels.map(({ tally }) => tally);
    const keys = Object.keys(a!) as (keyof NonNullable<typeof a>)[];
    return Object.fromEntries(keys.map((key) => [key, a![key] + b![key]]));
  }

  async close(): Promise<void> {
    clearTimeout(this.#timer);
    const ended = once(this.#child, "close");
    this.#child.kill();
    await ended;
  }

  #receive(data: Buffer): void {
    const bytes = this.#received.length === 0 ? data : Buffer.concat([this.#received, data]);
    this.#advance();
    let at = 0;
    while (bytes.length - at >= header) {
      const length = bytes.readUInt16LE(at + 2);
      if (bytes.length - at < header + length) break;
      const from = bytes[at]! & 1;
      const frame = bytes.subarray(at + header, at + header + length);
      if (this.record) this.capture.add(this.#schedule.now, from, "out", frame);
      this.#channels[from]!.send(frame);
      at += header + length;
    }
    this.#received = bytes.subarray(at);
    this.#advance();
  }

  /** Lets happen what is due, and comes back for the rest. */
  #advance(): void {
    const now = Number(process.hrtime.bigint() - this.#begun);
    for (let happen = this.#schedule.take(now); happen !== null; ) {
      happen();
      happen = this.#schedule.take(now);
    }
    this.#schedule.now = Math.max(now, this.#schedule.now);
    if (this.#out.length > 0) this.#child.stdin.write(Buffer.concat(this.#out));
    this.#out = [];
    clearTimeout(this.#timer);
    const { next } = this.#schedule;
    if (next === Number.POSITIVE_INFINITY) return;
    this.#timer = setTimeout(() => this.#advance(), (next - now) / 1e6);
  }

  #send(to: number, frame: Uint8Array): void {
    this.#out.push(Uint8Array.of(to, 0, frame.length & 255, frame.length >> 8), frame);
  }
}
