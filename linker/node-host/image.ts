import { Exit, ended, type HostModule, type Memory, never, recordLimit } from "./abi.ts";
import { describeTrap, textAt } from "./trap.ts";
import { type CompiledModule, type LinearMemory, webAssembly } from "./webassembly.ts";

/** What is run: a linked program and the files that lie beside it. */
export interface ImageParts {
  readonly wasm: Uint8Array;
  readonly blob: Uint8Array;
  readonly blobAddress: number;
  /** Source map (version 3) of `wasm`, so that traps name lines. */
  readonly sourceMap?: string;
}

/** The same with its code compiled, which many instances share. */
export interface CompiledImage extends Omit<ImageParts, "wasm"> {
  readonly module: CompiledModule;
}

export async function compileImage({ wasm, ...rest }: ImageParts): Promise<CompiledImage> {
  return { ...rest, module: await webAssembly.compile(wasm) };
}

type MakeModules = (memory: Memory) => Readonly<Record<string, HostModule>>;

export interface LoadedImage {
  /** Null when it ended before it began. */
  readonly image: Image | null;
  readonly wish: Wish;
}

/** What an image wants after a call. */
export type Wish =
  /** To be polled at a monotonic time at the latest. */
  | { readonly kind: "poll"; readonly deadline: bigint }
  /** To be polled when something happens only. */
  | { readonly kind: "wait" }
  /** Nothing more: it has ended. */
  | {
      readonly kind: "end";
      readonly status: number;
      readonly message: string | null;
      /** What was thrown, for `describeTrap` with more symbols; null when it ended by itself. */
      readonly cause: unknown;
    };

interface Exports {
  readonly memory: LinearMemory;
  _initialize?(): void;
  start(now: bigint): bigint;
  poll(now: bigint, ready: number): bigint;
  records(): number;
}

/** A loaded image, driven by its host: exactly docs/abi.md. */
export class Image {
  readonly #exports: Exports;
  readonly #records: number;
  readonly #sourceMap: string | undefined;

  private constructor(exports: Exports, sourceMap: string | undefined) {
    this.#exports = exports;
    this.#sourceMap = sourceMap;
    this.#records = exports.records() >>> 0;
  }

  /**
   * Loads an image and runs its initialisers.
   *
   * @param modules makes the host's modules, by name, over the image's memory
   */
  static async load(parts: ImageParts, modules: MakeModules): Promise<LoadedImage> {
    return Image.instantiate(await compileImage(parts), modules);
  }

  /** The same with a program that is compiled already; several images may be of one. */
  static instantiate(
    { module, blob, blobAddress, sourceMap }: CompiledImage,
    modules: MakeModules,
  ): LoadedImage {
    let exports: Exports | null = null;
    const memory = () => new Uint8Array(exports!.memory.buffer);
    const abort = (message: number, file: number, line: number, column: number): never => {
      const place = `${textAt(memory(), file)}:${line}:${column}`;
      throw new Exit(-1, textAt(memory(), message) || "assertion failed", place);
    };
    const imports = { ...modules(memory), env: { abort } };
    try {
      exports = new webAssembly.Instance(module, imports).exports as unknown as Exports;
      memory().set(blob, blobAddress);
      exports._initialize?.();
      return { image: new Image(exports, sourceMap), wish: { kind: "wait" } };
    } catch (error) {
      return { image: null, wish: endOf(error, sourceMap) };
    }
  }

  /** Bytes of linear memory that it has now. */
  get memorySize(): number {
    return this.#exports.memory.buffer.byteLength;
  }

  start(now: bigint): Wish {
    return this.#call(() => this.#exports.start(now));
  }

  /** @param records pairs of handle and flags, at most 256 */
  poll(now: bigint, records: readonly (readonly [handle: number, flags: number])[]): Wish {
    if (records.length > recordLimit) throw new Error("too many event records for one poll");
    const view = new DataView(this.#exports.memory.buffer, this.#records);
    for (const [index, [handle, flags]] of records.entries()) {
      view.setInt32(8 * index, handle, true);
      view.setUint32(8 * index + 4, flags, true);
    }
    return this.#call(() => this.#exports.poll(now, records.length));
  }

  #call(run: () => bigint): Wish {
    try {
      const deadline = run();
      if (deadline === ended) return { kind: "end", status: 0, message: null, cause: null };
      return deadline === never ? { kind: "wait" } : { kind: "poll", deadline };
    } catch (error) {
      return endOf(error, this.#sourceMap);
    }
  }
}

function endOf(error: unknown, sourceMap: string | undefined): Wish {
  if (error instanceof Exit && error.status >= 0) {
    return { kind: "end", status: error.status, message: null, cause: null };
  }
  return { kind: "end", ...describeTrap(error, { sourceMap }), cause: error };
}
