/** A whole WebAssembly module as one C file, to be compiled with a target's runtime. */

import { decodeModule } from "./decode.ts";
import { entryMark, functionHeader, type ProgramContext, translateFunction } from "./function.ts";
import { hostCalls } from "./host.ts";
import { constant } from "./literal.ts";
import type { FunctionType, WasmModule } from "./module.ts";
import { typeInC } from "./operator.ts";
import { packData, unpackData } from "./packed-data.ts";
import { floatPrelude, prelude } from "./prelude.ts";
import { Malformed } from "./reader.ts";
import { recursiveFunctions } from "./recursion.ts";
import { SourceMap } from "./source-map.ts";
import { type ProgramSymbol, programSymbols } from "./symbol.ts";
import { generatedFile } from "./symbolize.ts";

/** What the image's memory is made of besides the module. */
export interface ImageMemory {
  /** Where the blob is, and its length in bytes; data must not overlap it. */
  readonly blobAddress: number;
  readonly blobLength: number;
  /** Limit in pages of 64 KiB; the module's own limit counts as well. */
  readonly maximumPages: number;
}

/** Files, as the source map names them, that say how often their code is run (docs/package.md): what is made small, and what fast. */
export type Frequencies = ReadonlyMap<string, "often" | "seldom">;

export interface Translation {
  readonly c: string;
  /** All functions, to find what a symbol of the image belongs to. */
  readonly symbols: readonly ProgramSymbol[];
}

/** Why a module cannot be made native. */
export type Refusal =
  /** It is not what the linker makes: a defect of the linker or a foreign module. */
  | { readonly kind: "unsupported"; readonly reason: string }
  /** It calls what no native runtime has. */
  | { readonly kind: "host"; readonly call: string };

/** The exports of docs/abi.md that the runtime calls, C name -> wasm name and type. */
const entries: readonly { c: string; wasm: string; type: FunctionType; optional?: true }[] = [
  { c: "image_run_initialize", wasm: "_initialize", type: signature([], null), optional: true },
  { c: "image_start", wasm: "start", type: signature(["i64"], "i64") },
  { c: "image_poll", wasm: "poll", type: signature(["i64", "i32"], "i64") },
  { c: "image_records", wasm: "records", type: signature([], "i32") },
];

/** Translates a module, or says what stands in the way. */
export function translate(
  wasm: Uint8Array,
  sourceMap: string,
  memory: ImageMemory,
  frequencies: Frequencies = new Map(),
): Translation | Refusal {
  const module = decodeModule(wasm);
  if ("reason" in module) return { kind: "unsupported", reason: module.reason };
  for (const { module: from, name, type } of module.imports) {
    const call = hostCalls.get(`${from}.${name}`);
    if (call === undefined || !sameType(call, module.types[type])) {
      return { kind: "host", call: `${from}.${name}` };
    }
  }
  try {
    return translateModule(module, new SourceMap(sourceMap), memory, frequencies);
  } catch (error) {
    if (error instanceof Malformed) return { kind: "unsupported", reason: error.message };
    throw error;
  }
}

function translateModule(
  module: WasmModule,
  map: SourceMap,
  memory: ImageMemory,
  frequencies: Frequencies,
): Translation {
  const symbols = programSymbols(module, map);
  const numbers = typeNumbers(module);
  const context: ProgramContext = {
    module,
    map,
    symbols,
    typeNumber: (type) => numbers[type]!,
    usesFloat: [...module.types.flatMap((type) => [...type.parameters, type.result])].some(
      (type) => type === "f32" || type === "f64",
    ),
    calls: new Map(),
  };
  const indices = [...symbols.keys()];
  const texts = indices.map((index) => translateFunction(context, index));
  const recursive = recursiveFunctions(context.calls, tableByType(context));
  const functions = texts.map((text, at) =>
    text.replace(entryMark, recursive.has(indices[at]!) ? "ENTER REPEAT;" : "ENTER"),
  );
  const text = [
    `#line 1 "${generatedFile}"`,
    prelude,
    context.usesFloat ? floatPrelude : "",
    ...memoryParts(module, memory),
    ...module.globals.map(
      ({ type, mutable, initial }, index) =>
        `static ${mutable ? "" : "const "}${typeInC(type)} g${index} = ${staticConstant(type, initial.bits)};`,
    ),
    ...indices.map((index) => {
      const frequency = frequencies.get(symbols.get(index)!.file ?? "");
      const mark = frequency === undefined ? "" : `${frequency.toUpperCase()} `;
      return `${mark}${functionHeader(context, index)};`;
    }),
    tablePart(context),
    ...functions,
    `#line 1 "${generatedFile}"`,
    entryPart(context),
  ];
  // The compiler may put an exported function into the entry that calls it.
  const called = entries.flatMap(({ c, wasm }) => {
    const symbol = symbols.get(module.exports.get(wasm) ?? -1);
    return symbol === undefined ? [] : [{ ...symbol, c }];
  });
  return {
    c: `${text.filter((part) => part !== "").join("\n")}\n`,
    symbols: [...symbols.values(), ...called],
  };
}

/** A constant that C accepts as an initialiser of static data. */
function staticConstant(type: "i32" | "i64" | "f32" | "f64", bits: bigint): string {
  if (bits === 0n) return "0";
  if (type === "i32" || type === "i64") return constant(type, bits);
  throw new Malformed(0, "unsupported: global variable of a float that does not begin with 0");
}

/** Data segments with an address are packed together, and placed by `image_place_data`. */
function memoryParts(module: WasmModule, memory: ImageMemory): string[] {
  const minimum = module.memory?.minimum ?? 0;
  const maximum = Math.min(module.memory?.maximum ?? 0, memory.maximumPages);
  const size = minimum * 65536;
  const blobEnd = memory.blobAddress + memory.blobLength;
  const active = module.data.filter(({ offset, bytes }) => offset !== null && bytes.length > 0);
  for (const { offset, bytes } of active) {
    if (offset! + bytes.length > size) throw new Malformed(0, "data beyond the memory");
    if (offset! < blobEnd) throw new Malformed(0, `data at ${offset}, within the blob`);
  }
  if (blobEnd > size && memory.blobLength > 0) throw new Malformed(0, "blob beyond the memory");
  if (maximum < minimum) {
    throw new Malformed(0, `${minimum} pages at least, but ${maximum} are the limit`);
  }
  const packed = packData(active.map(({ offset, bytes }) => ({ offset: offset!, bytes })));
  const parts = [
    `const u32 image_minimum_pages = ${minimum}, image_maximum_pages = ${maximum};`,
    `const u32 image_blob_address = ${memory.blobAddress}, image_blob_length = ${memory.blobLength};`,
    `#define IMAGE_DATA_START ${packed.start}ull`,
    `#define IMAGE_DATA_LENGTH ${packed.length}ull`,
    `static const u8 image_data[] = ${bytesLiteral(packed.bytes)};`,
  ];
  module.data.forEach(({ offset, bytes }, index) => {
    const passive = offset === null;
    parts.push(
      `static u32 data${index}_size __attribute__((unused)) = ${passive ? bytes.length : 0};`,
    );
    parts.push(
      `static const u8 data${index}[] __attribute__((unused)) = ${bytesLiteral(passive ? bytes : new Uint8Array())};`,
    );
  });
  return parts;
}

/** Bytes as a C string literal: octal escapes end after three digits, whatever follows. */
function bytesLiteral(bytes: Uint8Array): string {
  const lines: string[] = [];
  for (let start = 0; start < bytes.length; start += 64) {
    let line = "";
    for (const byte of bytes.subarray(start, start + 64)) {
      const plain = byte >= 0x20 && byte < 0x7f && byte !== 0x22 && byte !== 0x5c && byte !== 0x3f;
      line += plain ? String.fromCharCode(byte) : `\\${byte.toString(8).padStart(3, "0")}`;
    }
    lines.push(`"${line}"`);
  }
  return lines.length === 0 ? '""' : lines.join("\n");
}

/** Equal types have equal numbers; 0 stands for an empty place of the table. */
function typeNumbers(module: WasmModule): number[] {
  const seen = new Map<string, number>();
  return module.types.map(({ parameters, result }) => {
    const key = `${parameters.join(" ")}:${result}`;
    const number = seen.get(key) ?? seen.size + 1;
    seen.set(key, number);
    return number;
  });
}

/** Number of a type -> the table's functions of that type. */
function tableByType({ module, typeNumber }: ProgramContext): ReadonlyMap<number, number[]> {
  const byType = new Map<number, number[]>();
  for (const index of module.table) {
    const type = index === null ? undefined : module.functions[index - module.imports.length]?.type;
    if (index === null || type === undefined) continue;
    const number = typeNumber(type);
    byType.set(number, [...(byType.get(number) ?? []), index]);
  }
  return byType;
}

function tablePart({ module, symbols, typeNumber }: ProgramContext): string {
  const elements = module.table.map((index) => {
    if (index === null) return "{0, 0}";
    const type = module.functions[index - module.imports.length]?.type;
    if (type === undefined) throw new Malformed(0, "unsupported: host call in the table");
    return `{${typeNumber(type)}, (void *)${symbols.get(index)!.c}}`;
  });
  return `
static const struct { u32 type; void *function; } table[] = {${[...elements, "{0, 0}"].join(", ")}};
INLINE void *table_at(u32 index, u32 type, const char *where) {
  if (UNLIKELY(index >= ${module.table.length}u)) TRAP("table index out of bounds", where);
  if (UNLIKELY(table[index].type != type)) TRAP("indirect call to null or to another type", where);
  return table[index].function;
}`;
}

function entryPart({ module, symbols }: ProgramContext): string {
  const wrappers = entries.map(({ c, wasm, type, optional }) => {
    const index = module.exports.get(wasm);
    const symbol = index === undefined ? undefined : symbols.get(index);
    const own = module.functions[(index ?? 0) - module.imports.length];
    if (symbol !== undefined && !sameType(type, module.types[own?.type ?? -1])) {
      throw new Malformed(0, `export ${wasm} has another type than docs/abi.md says`);
    }
    if (symbol === undefined && optional === undefined) throw new Malformed(0, `no export ${wasm}`);
    const list = type.parameters.map((parameter, at) => `${typeInC(parameter)} a${at}`).join(", ");
    const passed = type.parameters.map((_, at) => `a${at}`).join(", ");
    const call = symbol === undefined ? "" : `${symbol.c}(${passed});`;
    return type.result === null
      ? `static void ${c}(void) { ${call} }`
      : `${typeInC(type.result)} ${c}(${list === "" ? "void" : list}) { return ${call} }`;
  });
  const start = module.start === null ? "" : `${symbols.get(module.start)?.c}();`;
  return `${wrappers.join("\n")}
${unpackData}void image_initialize(void) { ${start} image_run_initialize(); }
`;
}

function signature(
  parameters: FunctionType["parameters"],
  result: FunctionType["result"],
): FunctionType {
  return { parameters, result };
}

function sameType(a: FunctionType, b: FunctionType | undefined): boolean {
  return b !== undefined && a.result === b.result && a.parameters.join() === b.parameters.join();
}
