import { type CompiledImage, compileImage } from "../../../linker/node-host/image.ts";
import { link } from "../../recipes/link.ts";
import { bytesOf } from "./bytes.ts";
import { Machine, type MachineOptions } from "./machine.ts";

/** Results of the interface `kv`. */
export const done = 0;
export const absent = 1;
export const invalid = 2;
export const full = 3;
export const busy = 4;
export const corrupt = 5;
export const foreign = 6;
export const failed = 7;

const opened = 0;
const written = 1;

/** A change: a value's length and the seed of its bytes, or null for a deletion. */
export type Change = readonly [key: string, value: readonly [length: number, seed: number] | null];

export function kvImage(settings: Record<string, string> = {}): Promise<CompiledImage> {
  return link("test/recipes/apps/kv-driver", { "kv-log": settings }).then(compileImage);
}

/** A store on a simulated disk. */
export class KvMachine {
  readonly machine: Machine;
  /** What the opening was told. */
  readonly result: number | null;
  #nextId = 1;

  constructor(image: CompiledImage, bytes: Uint8Array, options: MachineOptions = {}) {
    this.machine = new Machine(image, bytes, options);
    this.result = this.machine.take().find(({ kind }) => kind === opened)?.result ?? null;
  }

  /** Commits batches at the same time: the result of each. */
  commit(...batches: (readonly Change[])[]): number[] {
    const first = this.#nextId;
    this.machine.tell(...batches.map((changes) => this.command(changes)));
    const results = new Map(
      this.machine
        .take()
        .filter(({ kind }) => kind === written)
        .map(({ id, result }) => [id, result]),
    );
    return batches.map((_, index) => results.get(first + index) ?? -1);
  }

  /** The words for a batch, by the next number. */
  command(changes: readonly Change[]): string {
    const lines = changes.map(([key, value]) =>
      value === null ? `delete|${key}` : `set|${key}|${value[0]}|${value[1]}`,
    );
    return [`commit|${this.#nextId++}`, ...lines].join("\n");
  }

  keys(prefix = ""): string[] {
    this.machine.tell(`keys|0|${prefix}`);
    const text = Buffer.from(this.machine.take()[0]!.bytes).toString();
    return text === "" ? [] : text.split("\n");
  }

  get(...keys: string[]): { readonly result: number; readonly bytes: Uint8Array }[] {
    this.machine.tell(...keys.map((key, index) => `get|${index}|${key}`));
    const answers = this.machine.take().sort((a, b) => a.id - b.id);
    return answers.map(({ result, bytes }) => ({ result, bytes }));
  }

  /** All that is in the store. */
  contents(): Map<string, Uint8Array> {
    const keys = this.keys();
    const values = this.get(...keys);
    for (const { result } of values) if (result !== done) throw new Error(`get: ${result}`);
    return new Map(keys.map((key, index) => [key, values[index]!.bytes]));
  }
}

/** What a store should hold. */
export class KvModel {
  readonly values: ReadonlyMap<string, readonly [length: number, seed: number]>;

  constructor(values: ReadonlyMap<string, readonly [number, number]> = new Map()) {
    this.values = values;
  }

  with(changes: readonly Change[]): KvModel {
    const values = new Map(this.values);
    for (const [key, value] of changes) {
      if (value === null) values.delete(key);
      else values.set(key, value);
    }
    return new KvModel(values);
  }

  /** Why these contents are not the model's; null when they are. */
  differs(contents: ReadonlyMap<string, Uint8Array>): string | null {
    const keys = [...this.values.keys()].sort();
    const found = [...contents.keys()];
    if (keys.join("\n") !== found.join("\n")) return `keys ${found} instead of ${keys}`;
    for (const [key, [length, seed]] of this.values) {
      if (Buffer.compare(bytesOf(length, seed), contents.get(key)!) !== 0) return `value of ${key}`;
    }
    return null;
  }
}
