import { type HostModule, trapStatus } from "../node-host/abi.ts";
import { clockModule } from "../node-host/clock.ts";
import { consoleModule } from "../node-host/console.ts";
import { eventModule } from "../node-host/event.ts";
import { type CompiledImage, Image, type Wish } from "../node-host/image.ts";
import { randomModule } from "../node-host/random.ts";
import { Ready } from "../node-host/ready.ts";
import { type Device, netModule } from "./device.ts";
import type { Random } from "./random.ts";
import type { Schedule } from "./schedule.ts";

/** What happens on a machine that others want to know. */
export interface MachineListener {
  /** A line that it printed, without its end. */
  onLine(machine: Machine, line: string): void;
  /** Its image ended by itself. */
  onEnd(machine: Machine): void;
}

/** How an image ended. */
export interface End {
  readonly status: number;
  /** Why, when it trapped. */
  readonly message: string | null;
  /** Nanoseconds. */
  readonly at: number;
}

/** Lines of its console that a machine keeps. */
const linesKept = 1000;

/** More polls at one moment than any program needs that comes to rest. */
const pollLimit = 1_000_000;

/** 2000-01-01T00:00:00Z in nanoseconds since 1970: the time of day when a simulation begins. */
const epoch = 946_684_800_000_000_000n;

/** A simulated machine that runs an image under virtual time. Its computing takes no time. */
export class Machine {
  readonly name: string;
  /** The name that the scenario has for it and its like. */
  readonly group: string;
  readonly devices: Device[] = [];
  /** The last lines of its console, of all its starts. */
  readonly lines: string[] = [];
  /** Null while it runs, and before it was started. */
  end: End | null = null;
  readonly #program: CompiledImage;
  readonly #schedule: Schedule;
  readonly #random: Random;
  readonly #listener: MachineListener;
  #run: Run | null = null;
  #lastMemory = 0;

  /** @param random the source of its random numbers */
  constructor(
    name: string,
    group: string,
    program: CompiledImage,
    schedule: Schedule,
    random: Random,
    listener: MachineListener,
  ) {
    this.name = name;
    this.group = group;
    this.#program = program;
    this.#schedule = schedule;
    this.#random = random;
    this.#listener = listener;
  }

  get isRunning(): boolean {
    return this.#run !== null;
  }

  /** Octets of linear memory that its image has, or had at its end. */
  get memorySize(): number {
    return this.#run?.memorySize ?? this.#lastMemory;
  }

  /** Turns it on; a machine that runs begins anew. */
  start(): void {
    this.stop();
    this.end = null;
    const run = new Run(this.#program, this.devices, this.#schedule, this.#random, {
      onLine: (line) => this.#print(line),
      onEnd: (status, message) => {
        this.#off();
        this.end = { status, message, at: this.#schedule.now };
        this.#listener.onEnd(this);
      },
    });
    this.#run = run;
    run.start();
  }

  /** Turns it off, as by its switch. */
  stop(): void {
    this.#run?.kill();
    this.#off();
  }

  #off(): void {
    this.#lastMemory = this.memorySize;
    this.#run = null;
    for (const device of this.devices) device.close();
  }

  #print(line: string): void {
    this.lines.push(line);
    if (this.lines.length > linesKept) this.lines.shift();
    this.#listener.onLine(this, line);
  }
}

interface RunListener {
  onLine(line: string): void;
  onEnd(status: number, message: string | null): void;
}

/** One life of an image, from its start to its end. */
class Run {
  readonly #schedule: Schedule;
  readonly #listener: RunListener;
  readonly #ready = new Ready(() => {});
  readonly #image: Image | null;
  #wish: Wish;
  #isAlive = true;
  /** Time of the next poll that is scheduled. */
  #alarm = Number.POSITIVE_INFINITY;
  #partOfLine = "";
  #busySince = -1;
  #polls = 0;

  constructor(
    program: CompiledImage,
    devices: readonly Device[],
    schedule: Schedule,
    random: Random,
    listener: RunListener,
  ) {
    this.#schedule = schedule;
    this.#listener = listener;
    const decoder = new TextDecoder();
    const { image, wish } = Image.instantiate(
      program,
      (memory): Record<string, HostModule> => ({
        clock: clockModule({
          monotonic: () => BigInt(schedule.now),
          wall: () => epoch + BigInt(schedule.now),
        }),
        console: consoleModule(memory, (_stream, bytes) =>
          this.#write(decoder.decode(bytes, { stream: true })),
        ),
        event: eventModule(),
        net: netModule(memory, devices, this.#ready, () => this.#settle()),
        random: randomModule(memory, (bytes) => {
          for (let index = 0; index < bytes.length; index++) bytes[index] = random.below(256);
        }),
      }),
    );
    this.#image = image;
    this.#wish = wish;
  }

  get memorySize(): number {
    return this.#image?.memorySize ?? 0;
  }

  start(): void {
    if (this.#image !== null) this.#wish = this.#image.start(BigInt(this.#schedule.now));
    this.#settle();
  }

  kill(): void {
    this.#isAlive = false;
    this.#flush();
  }

  /** Polls for as long as something is to be told or due now, and sees to the next deadline. */
  #settle(): void {
    const { now } = this.#schedule;
    while (this.#isAlive && this.#image !== null && this.#wish.kind !== "end") {
      const isDue = this.#wish.kind === "poll" && this.#wish.deadline <= now;
      if (this.#ready.isEmpty && !isDue) break;
      if (this.#busySince !== now) this.#polls = 0;
      this.#busySince = now;
      if (++this.#polls > pollLimit) {
        const message = `it does not come to rest: ${pollLimit} polls at one moment`;
        this.#wish = { kind: "end", status: trapStatus, message, cause: null };
        break;
      }
      this.#wish = this.#image.poll(BigInt(now), this.#ready.take());
    }
    if (!this.#isAlive) return;
    if (this.#wish.kind === "end") {
      const { status, message } = this.#wish;
      this.kill();
      this.#listener.onEnd(status, message);
    } else if (this.#wish.kind === "poll") {
      this.#wakeAt(Number(this.#wish.deadline));
    }
  }

  #wakeAt(deadline: number): void {
    if (deadline >= this.#alarm) return;
    this.#alarm = deadline;
    this.#schedule.at(deadline, () => {
      if (this.#alarm !== deadline) return;
      this.#alarm = Number.POSITIVE_INFINITY;
      this.#settle();
    });
  }

  #write(text: string): void {
    const lines = (this.#partOfLine + text).split("\n");
    this.#partOfLine = lines.pop()!;
    for (const line of lines) this.#listener.onLine(line);
  }

  /** The last line may have no end. */
  #flush(): void {
    if (this.#partOfLine !== "") this.#listener.onLine(this.#partOfLine);
    this.#partOfLine = "";
  }
}
