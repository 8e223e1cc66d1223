import {
  type Constant,
  type DataSegment,
  type DefinedFunction,
  type FunctionType,
  type Global,
  type ImportedFunction,
  type Memory,
  type ValueType,
  valueType,
  type WasmModule,
} from "./module.ts";
import { Malformed, Reader } from "./reader.ts";

/** What `decodeModule` gives when the bytes are not a module that native images can be made from. */
export interface Rejection {
  readonly reason: string;
}

/** Decodes a module; a Rejection says what stands in the way, without guessing further. */
export function decodeModule(bytes: Uint8Array): WasmModule | Rejection {
  try {
    return new Decoder(bytes).decode();
  } catch (error) {
    if (error instanceof Malformed) return { reason: error.message };
    throw error;
  }
}

class Decoder {
  readonly #bytes: Uint8Array;
  #types: FunctionType[] = [];
  #imports: ImportedFunction[] = [];
  #declared: number[] = [];
  #functions: DefinedFunction[] = [];
  #table: (number | null)[] = [];
  #memory: Memory | null = null;
  #globals: Global[] = [];
  readonly #exports = new Map<string, number>();
  #start: number | null = null;
  #data: DataSegment[] = [];
  readonly #names = new Map<number, string>();

  constructor(bytes: Uint8Array) {
    this.#bytes = bytes;
  }

  decode(): WasmModule {
    const reader = new Reader(this.#bytes);
    if (reader.bits32() !== 0x6d736100) throw new Malformed(0, "not a WebAssembly module");
    if (reader.bits32() !== 1) throw new Malformed(4, "unknown WebAssembly version");
    while (!reader.done) {
      const id = reader.u8();
      const length = reader.u32();
      const section = new Reader(this.#bytes, reader.at, reader.at + length);
      if (section.end > this.#bytes.length) throw new Malformed(reader.at, "section too long");
      reader.at = section.end;
      this.#section(id, section);
    }
    if (this.#functions.length !== this.#declared.length) {
      throw new Malformed(0, "functions without bodies");
    }
    return {
      bytes: this.#bytes,
      types: this.#types,
      imports: this.#imports,
      functions: this.#functions,
      table: this.#table,
      memory: this.#memory,
      globals: this.#globals,
      exports: this.#exports,
      start: this.#start,
      data: this.#data,
      names: this.#names,
    };
  }

  #section(id: number, reader: Reader): void {
    switch (id) {
      case 0:
        this.#custom(reader);
        return;
      case 1:
        this.#types = reader.list(() => this.#functionType(reader));
        return;
      case 2:
        this.#imports = reader.list(() => this.#import(reader));
        return;
      case 3:
        this.#declared = reader.list(() => reader.u32());
        return;
      case 4:
        reader.list((index) => this.#tableType(reader, index));
        return;
      case 5:
        reader.list((index) => this.#memoryType(reader, index));
        return;
      case 6:
        this.#globals = reader.list(() => this.#global(reader));
        return;
      case 7:
        reader.list(() => this.#export(reader));
        return;
      case 8:
        this.#start = reader.u32();
        return;
      case 9:
        reader.list(() => this.#element(reader));
        return;
      case 10:
        this.#functions = reader.list((index) => this.#code(reader, index));
        return;
      case 11:
        this.#data = reader.list(() => this.#segment(reader));
        return;
      case 12:
        return; // The data count serves validators that read once.
      default:
        throw new Malformed(reader.at, `unsupported section ${id}`);
    }
  }

  #functionType(reader: Reader): FunctionType {
    if (reader.u8() !== 0x60) throw new Malformed(reader.at - 1, "unsupported type");
    const parameters = reader.list(() => valueType(reader.u8(), reader.at - 1));
    const results = reader.list(() => valueType(reader.u8(), reader.at - 1));
    if (results.length > 1) throw new Malformed(reader.at, "unsupported: several results");
    return { parameters, result: results[0] ?? null };
  }

  #import(reader: Reader): ImportedFunction {
    const module = reader.name();
    const name = reader.name();
    if (reader.u8() !== 0) {
      throw new Malformed(reader.at - 1, `unsupported import ${module}.${name}: not a function`);
    }
    return { module, name, type: reader.u32() };
  }

  #tableType(reader: Reader, index: number): void {
    if (index > 0) throw new Malformed(reader.at, "unsupported: several tables");
    if (reader.u8() !== 0x70) throw new Malformed(reader.at - 1, "unsupported table type");
    const { minimum } = this.#limits(reader);
    this.#table = new Array<number | null>(minimum).fill(null);
  }

  #memoryType(reader: Reader, index: number): void {
    if (index > 0) throw new Malformed(reader.at, "unsupported: several memories");
    const { minimum, maximum } = this.#limits(reader);
    this.#memory = { minimum, maximum: Math.min(maximum ?? 65536, 65536) };
  }

  #limits(reader: Reader): { minimum: number; maximum: number | null } {
    const flags = reader.u8();
    if (flags > 1) throw new Malformed(reader.at - 1, "unsupported: shared or 64-bit limits");
    const minimum = reader.u32();
    return { minimum, maximum: flags === 1 ? reader.u32() : null };
  }

  #global(reader: Reader): Global {
    const type = valueType(reader.u8(), reader.at - 1);
    const mutable = reader.u8() === 1;
    return { type, mutable, initial: this.#constant(reader) };
  }

  #export(reader: Reader): void {
    const name = reader.name();
    const kind = reader.u8();
    const index = reader.u32();
    if (kind === 0) this.#exports.set(name, index);
  }

  #element(reader: Reader): void {
    const flags = reader.u32();
    if (flags !== 0) throw new Malformed(reader.at, "unsupported element segment");
    const offset = Number(this.#constant(reader).bits);
    reader.list((index) => {
      if (offset + index >= this.#table.length) throw new Malformed(reader.at, "table overflow");
      this.#table[offset + index] = reader.u32();
    });
  }

  #code(reader: Reader, index: number): DefinedFunction {
    const size = reader.u32();
    const end = reader.at + size;
    const locals: ValueType[] = [];
    reader.list(() => {
      const count = reader.u32();
      const type = valueType(reader.u8(), reader.at - 1);
      if (locals.length + count > 50_000) throw new Malformed(reader.at, "too many locals");
      for (let i = 0; i < count; i++) locals.push(type);
    });
    const start = reader.at;
    const type = this.#declared[index];
    if (type === undefined || end > reader.end) throw new Malformed(start, "misplaced body");
    reader.at = end;
    return { type, locals, start, end };
  }

  #segment(reader: Reader): DataSegment {
    const flags = reader.u32();
    if (flags > 1) throw new Malformed(reader.at, "unsupported data segment");
    const offset = flags === 0 ? Number(this.#constant(reader).bits) : null;
    return { offset, bytes: reader.block() };
  }

  #constant(reader: Reader): Constant {
    const constant = this.#constantInstruction(reader);
    if (reader.u8() !== 0x0b) throw new Malformed(reader.at - 1, "unsupported initialiser");
    return constant;
  }

  #constantInstruction(reader: Reader): Constant {
    const opcode = reader.u8();
    switch (opcode) {
      case 0x23: {
        const global = this.#globals[reader.u32()];
        if (global === undefined) throw new Malformed(reader.at, "unsupported initialiser");
        return global.initial;
      }
      case 0x41:
        return { type: "i32", bits: BigInt.asUintN(32, reader.signed(32)) };
      case 0x42:
        return { type: "i64", bits: BigInt.asUintN(64, reader.signed(64)) };
      case 0x43:
        return { type: "f32", bits: BigInt(reader.bits32()) };
      case 0x44:
        return { type: "f64", bits: reader.bits64() };
      default:
        throw new Malformed(reader.at - 1, `unsupported initialiser 0x${opcode.toString(16)}`);
    }
  }

  /** A broken or foreign custom section is no reason to refuse: names are for people. */
  #custom(reader: Reader): void {
    if (reader.name() !== "name") return;
    while (!reader.done) {
      const kind = reader.u8();
      const end = reader.u32() + reader.at;
      if (kind === 1) reader.list(() => this.#names.set(reader.u32(), reader.name()));
      reader.at = end;
    }
  }
}
