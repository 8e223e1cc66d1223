import { type WasmModule, webAssembly } from "../../net/support/webassembly.ts";

/** A zone file that was refused: what `abort` was told. */
export class Refused extends Error {}

interface Exports {
  readonly memory: { readonly buffer: ArrayBuffer };
  _initialize(): void;
  room(): number;
  answers(): number;
  ask(length: number, overTcp: number): number;
  collect(): void;
}

/** Zones that were read, to be asked. */
export class LoadedZones {
  readonly #exports: Exports;

  /** @param files name -> text, as octets of Latin-1 */
  constructor(module: WasmModule, files: Readonly<Record<string, string>>) {
    let memory: { readonly buffer: ArrayBuffer } | null = null;
    const text = (address: number) => {
      if (address === 0) return "";
      const length = new DataView(memory!.buffer).getUint32(address - 4, true);
      return Buffer.from(memory!.buffer, address, length).toString("utf16le");
    };
    const abort = (message: number, file: number, line: number, column: number) => {
      throw new Refused(`${text(file)}:${line}:${column}: ${text(message)}`);
    };
    const instance = new webAssembly.Instance(module, { env: { abort } });
    this.#exports = instance.exports as unknown as Exports;
    memory = this.#exports.memory;
    // The address is a constant: it may be asked for before the initialisers run.
    const bytes: Buffer[] = [];
    for (const [name, content] of Object.entries(files)) {
      const lengths = Buffer.alloc(8);
      lengths.writeUInt32LE(Buffer.byteLength(name));
      lengths.writeUInt32LE(content.length, 4);
      bytes.push(lengths, Buffer.from(name), Buffer.from(content, "latin1"));
    }
    const count = Buffer.alloc(4);
    count.writeUInt32LE(bytes.length / 3);
    this.#write(Buffer.concat([count, ...bytes]));
    this.#exports._initialize();
    this.#exports.collect();
  }

  /** The answers to a message; none when it is dropped. */
  ask(message: Uint8Array, overTcp = false): Buffer[] {
    this.#write(message);
    const count = this.#exports.ask(message.length, overTcp ? 1 : 0);
    const found: Buffer[] = [];
    const { buffer } = this.#exports.memory;
    const view = new DataView(buffer);
    let at = this.#exports.answers();
    for (let index = 0; index < count; index++) {
      const length = view.getUint16(at, true);
      found.push(Buffer.from(buffer.slice(at + 2, at + 2 + length)));
      at += 2 + length;
    }
    return found;
  }

  /** Bytes of linear memory. */
  get memory(): number {
    return this.#exports.memory.buffer.byteLength;
  }

  #write(bytes: Uint8Array): void {
    new Uint8Array(this.#exports.memory.buffer).set(bytes, this.#exports.room());
  }
}
