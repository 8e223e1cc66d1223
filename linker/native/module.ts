/**
 * The decoded form of a WebAssembly module, as far as native images need it: version 1 with mutable
 * globals, sign extension, saturating float-to-int conversion and bulk memory. Function bodies stay
 * bytes; `function.ts` reads them. https://webassembly.github.io/spec/core/binary/
 */
import { Malformed } from "./reader.ts";

export type ValueType = "i32" | "i64" | "f32" | "f64";

export interface FunctionType {
  readonly parameters: readonly ValueType[];
  /** Null when it gives nothing. */
  readonly result: ValueType | null;
}

/** A constant: integers as unsigned numbers, floats as their bits. */
export interface Constant {
  readonly type: ValueType;
  readonly bits: bigint;
}

export interface ImportedFunction {
  readonly module: string;
  readonly name: string;
  readonly type: number;
}

export interface DefinedFunction {
  readonly type: number;
  readonly locals: readonly ValueType[];
  /** Where the instructions are, in the module's bytes; the final `end` included. */
  readonly start: number;
  readonly end: number;
}

export interface Global {
  readonly type: ValueType;
  readonly mutable: boolean;
  readonly initial: Constant;
}

export interface DataSegment {
  /** Null when it is passive: only `memory.init` places it. */
  readonly offset: number | null;
  readonly bytes: Uint8Array;
}

export interface Memory {
  readonly minimum: number;
  /** In pages of 64 KiB, as `minimum`. */
  readonly maximum: number;
}

export interface WasmModule {
  readonly bytes: Uint8Array;
  readonly types: readonly FunctionType[];
  readonly imports: readonly ImportedFunction[];
  readonly functions: readonly DefinedFunction[];
  /** Function index of each table element; null where nothing was placed. */
  readonly table: readonly (number | null)[];
  readonly memory: Memory | null;
  readonly globals: readonly Global[];
  /** Exported functions: name -> function index. */
  readonly exports: ReadonlyMap<string, number>;
  readonly start: number | null;
  readonly data: readonly DataSegment[];
  /** From the name section: function index -> name. */
  readonly names: ReadonlyMap<number, string>;
}

/** Functions are counted imports first; this finds the type of either. */
export function typeOfFunction(module: WasmModule, index: number): FunctionType {
  const imported = module.imports[index];
  const type =
    imported === undefined ? module.functions[index - module.imports.length]?.type : imported.type;
  const found = type === undefined ? undefined : module.types[type];
  if (found === undefined) throw new Malformed(0, `no function ${index}`);
  return found;
}

export function valueType(code: number, at: number): ValueType {
  switch (code) {
    case 0x7f:
      return "i32";
    case 0x7e:
      return "i64";
    case 0x7d:
      return "f32";
    case 0x7c:
      return "f64";
    default:
      throw new Malformed(at, `unsupported value type 0x${code.toString(16)}`);
  }
}
