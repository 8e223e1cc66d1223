import { type HostModule, READABLE } from "../../../linker/node-host/abi.ts";
import { type CompiledImage, Image, type Wish } from "../../../linker/node-host/image.ts";
import { Random } from "../../net/support/random.ts";
import { SimulatedDisk } from "./disk.ts";

/** The handle by which a driver app learns of commands (test/recipes/apps/*-driver). */
const commandHandle = 99;
const diskHandle = 0;

/** An answer of a driver app. */
export interface Answer {
  readonly kind: number;
  readonly id: number;
  readonly result: number;
  readonly bytes: Uint8Array;
}

export interface MachineOptions {
  readonly seed?: number;
  /** Called before the image runs. */
  readonly prepare?: (disk: SimulatedDisk) => void;
}

/** A driver app on a simulated disk, without time: it runs until nothing is left to do. */
export class Machine {
  readonly disk: SimulatedDisk;
  readonly answers: Answer[] = [];
  printed = "";
  readonly #image: Image;
  readonly #memory: () => Uint8Array;
  readonly #commands: Buffer[] = [];
  readonly #random: Random;
  #wish: Wish;
  #polls = 0;

  /** @param bytes the disk, which is written to */
  constructor(image: CompiledImage, bytes: Uint8Array, options: MachineOptions = {}) {
    const random = new Random(options.seed ?? 1);
    this.#random = random;
    this.disk = new SimulatedDisk(bytes, random);
    options.prepare?.(this.disk);
    let memory: () => Uint8Array = () => new Uint8Array(0);
    const loaded = Image.instantiate(image, (memoryOf): Record<string, HostModule> => {
      memory = memoryOf;
      return {
        block: this.disk.module(memoryOf),
        clock: { monotonic: () => 0n, wall: () => 1_795_262_400_000_000_000n },
        console: {
          write: (_stream: number, address: number, length: number) => {
            this.printed += Buffer.from(memoryOf().slice(address, address + length)).toString();
          },
        },
        event: {
          exit: () => {
            throw new Error("the driver exits");
          },
        },
        random: {
          fill: (address: number, length: number) => {
            for (let index = 0; index < length; index++)
              memoryOf()[address + index] = random.below(256);
          },
        },
        script: {
          next: (address: number, capacity: number) => {
            const command = this.#commands.shift();
            if (command === undefined) return -1;
            if (command.length > capacity) throw new Error("the command is too long");
            memoryOf().set(command, address);
            return command.length;
          },
          tell: (kind: number, id: number, result: number, address: number, length: number) => {
            this.answers.push({
              kind,
              id,
              result,
              bytes: memoryOf().slice(address, address + length),
            });
            this.disk.events.push({ kind: "told", text: `${kind} ${id} ${result}` });
          },
        },
      };
    });
    this.#memory = memory;
    if (loaded.image === null) throw new Error(JSON.stringify(loaded.wish));
    this.#image = loaded.image;
    this.#wish = this.#image.start(0n);
    this.run();
  }

  get memorySize(): number {
    return this.#image.memorySize;
  }

  /** Why it ended against its will. */
  get trap(): string | null {
    return this.#wish.kind === "end" ? (this.#wish.message ?? "ended") : null;
  }

  /** Gives commands, all at once, and runs until the image rests. */
  tell(...commands: string[]): void {
    this.#commands.push(...commands.map((command) => Buffer.from(command)));
    this.#poll([[commandHandle, READABLE]]);
    this.run();
  }

  /** The answers since the last call. */
  take(): Answer[] {
    return this.answers.splice(0);
  }

  run(): void {
    for (;;) {
      if (this.#wish.kind === "end") return;
      if (this.#wish.kind === "poll" && this.#wish.deadline <= 0n) {
        this.#poll([]);
      } else if (this.#random.chance(0.7) && this.disk.takeReadable()) {
        this.#poll([[diskHandle, READABLE]]);
      } else if (!this.disk.step(this.#memory)) {
        if (!this.disk.takeReadable()) return;
        this.#poll([[diskHandle, READABLE]]);
      }
    }
  }

  #poll(records: [number, number][]): void {
    if (++this.#polls > 5_000_000) throw new Error("the image does not come to rest");
    this.#wish = this.#image.poll(0n, records);
  }
}
