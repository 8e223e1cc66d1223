/**
 * One function's instructions as C.
 *
 * The operand stack exists only here (`code.ts`). Everything with an effect, or that could be affected
 * (loads, calls, what may trap), is computed where it stands, into a name of its own that is assigned
 * once. Blocks become labels.
 */
import { FunctionCode } from "./code.ts";
import { hostSymbol } from "./host.ts";
import { readBlockType, skipImmediates } from "./immediate.ts";
import { constant, literal } from "./literal.ts";
import {
  type FunctionType,
  typeOfFunction,
  type ValueType,
  valueType,
  type WasmModule,
} from "./module.ts";
import {
  type Access,
  loads,
  type Operator,
  operators,
  saturating,
  stores,
  typeInC,
} from "./operator.ts";
import { Malformed, Reader } from "./reader.ts";
import type { Calls } from "./recursion.ts";
import type { SourceMap } from "./source-map.ts";
import type { ProgramSymbol } from "./symbol.ts";

/** What all functions of a program share while they are translated. */
export interface ProgramContext {
  readonly module: WasmModule;
  readonly map: SourceMap;
  readonly symbols: ReadonlyMap<number, ProgramSymbol>;
  /** Number that stands for a function type in the table: equal types, equal numbers. */
  readonly typeNumber: (type: number) => number;
  /** Set when the program computes with floats. */
  usesFloat: boolean;
  /** Of the functions that have been translated. */
  readonly calls: Map<number, Calls>;
}

/** `static u32 add_3(u32 l0, u32 l1)`. */
export function functionHeader(context: ProgramContext, index: number): string {
  const { parameters, result } = typeOfFunction(context.module, index);
  const list = parameters.map((type, at) => `${typeInC(type)} l${at}`).join(", ");
  const type = result === null ? "void" : typeInC(result);
  return `static ${type} ${context.symbols.get(index)!.c}(${list === "" ? "void" : list})`;
}

/** Stands once in each function's text: for ENTER, and for REPEAT when it may call itself. */
export const entryMark = "/* entry */";

/** The C definition of a function that the module defines. Throws Malformed for what is not supported. */
export function translateFunction(context: ProgramContext, index: number): string {
  return new Translation(context, index).text();
}

interface Frame {
  readonly kind: "function" | "block" | "loop" | "if";
  readonly label: number;
  readonly result: ValueType | null;
  /** Operands below belong to the frames outside. */
  readonly height: number;
  /** Something jumps to its end. */
  branched: boolean;
  hasElse: boolean;
}

/** Whether a function's name or a file is of AssemblyScript's standard library. */
function isOfLibrary(name: string): boolean {
  return name.startsWith("~lib/");
}

class Translation {
  readonly #context: ProgramContext;
  readonly #index: number;
  readonly #type: FunctionType;
  readonly #locals: readonly ValueType[];
  readonly #reader: Reader;
  readonly #code: FunctionCode;
  readonly #frames: Frame[] = [];
  readonly #calls: Calls = { direct: new Set(), indirect: new Set() };
  #labels = 0;
  /** It is a function of AssemblyScript's standard library. */
  readonly #ofLibrary: boolean;
  /** What follows cannot be reached, up to the end of the innermost frame. */
  #dead = false;
  /** Frames opened in dead code. */
  #deadDepth = 0;

  constructor(context: ProgramContext, index: number) {
    const { module, map } = context;
    const body = module.functions[index - module.imports.length]!;
    this.#context = context;
    this.#index = index;
    this.#type = typeOfFunction(module, index);
    this.#locals = [...this.#type.parameters, ...body.locals];
    this.#reader = new Reader(module.bytes, body.start, body.end);
    const { file, name } = context.symbols.get(index)!;
    this.#ofLibrary = isOfLibrary(name);
    this.#code = new FunctionCode(
      map.first(body.start, body.end, file) ??
        map.first(body.start, body.end, null) ?? { file: `wasm:${name}`, line: 1 },
    );
  }

  text(): string {
    this.#code.emit(`${functionHeader(this.#context, this.#index)} {`);
    this.#code.emit(entryMark);
    this.#context.calls.set(this.#index, this.#calls);
    for (let at = this.#type.parameters.length; at < this.#locals.length; at++) {
      this.#code.emit(`${typeInC(this.#locals[at]!)} l${at} = 0;`);
    }
    this.#open("function", this.#type.result);
    while (this.#frames.length > 0) this.#instruction();
    this.#code.emit("}");
    return this.#code.text();
  }

  #instruction(): void {
    const at = this.#reader.at;
    const opcode = this.#reader.u8();
    if (this.#dead && !this.#revives(opcode)) {
      if (opcode >= 0x02 && opcode <= 0x04) this.#deadDepth++;
      if (opcode === 0x0b) this.#deadDepth--;
      skipImmediates(this.#reader, opcode);
      return;
    }
    const line = this.#context.map.at(at);
    // What was inlined of the standard library counts for the line that uses it, which says more.
    if (line !== null && (this.#ofLibrary || !isOfLibrary(line.file))) this.#code.line = line;
    this.#translate(opcode, at);
  }

  #translate(opcode: number, at: number): void {
    const reader = this.#reader;
    const operator = operators.get(opcode);
    if (operator !== undefined) {
      this.#operator(operator);
      return;
    }
    const load = loads.get(opcode);
    if (load !== undefined) {
      this.#load(load);
      return;
    }
    const store = stores.get(opcode);
    if (store !== undefined) {
      this.#store(store);
      return;
    }
    switch (opcode) {
      case 0x00:
        this.#code.emit(`UNREACHABLE(${this.#where()});`);
        this.#die();
        return;
      case 0x01:
        return;
      case 0x02:
        this.#code.keepLocals(null);
        this.#open("block", readBlockType(this.#reader));
        return;
      case 0x03: {
        this.#code.keepLocals(null);
        const frame = this.#open("loop", readBlockType(this.#reader));
        this.#code.emit(`loop${frame.label}: REPEAT;`);
        return;
      }
      case 0x04: {
        const result = readBlockType(this.#reader);
        const condition = this.#code.pop();
        this.#code.keepLocals(null);
        const frame = this.#open("if", result);
        this.#code.emit(`if (!${condition.c}) goto else${frame.label};`);
        return;
      }
      case 0x05:
        this.#else();
        return;
      case 0x0b:
        this.#end();
        return;
      case 0x0c:
        this.#branch(reader.u32());
        this.#die();
        return;
      case 0x0d: {
        const depth = reader.u32();
        const condition = this.#code.pop();
        if (this.#carries(depth)) this.#code.makeSimple();
        this.#code.emit(`if (${condition.c}) {`);
        this.#branch(depth);
        this.#code.emit("}");
        return;
      }
      case 0x0e:
        this.#branchTable();
        return;
      case 0x0f:
        this.#branch(this.#frames.length - 1);
        this.#die();
        return;
      case 0x10:
        this.#call();
        return;
      case 0x11:
        this.#callIndirect();
        return;
      case 0x1a:
        this.#code.pop();
        return;
      case 0x1c:
        reader.list(() => valueType(reader.u8(), reader.at - 1));
        this.#select();
        return;
      case 0x1b:
        this.#select();
        return;
      case 0x20: {
        const local = reader.u32();
        this.#code.push({
          c: `l${local}`,
          type: this.#locals[local]!,
          locals: [local],
          simple: false,
        });
        return;
      }
      case 0x21:
        this.#setLocal(reader.u32());
        return;
      case 0x22: {
        const local = reader.u32();
        this.#setLocal(local);
        this.#code.push({
          c: `l${local}`,
          type: this.#locals[local]!,
          locals: [local],
          simple: false,
        });
        return;
      }
      case 0x23: {
        const index = reader.u32();
        const global = this.#context.module.globals[index];
        if (global === undefined) throw new Malformed(at, `no global ${index}`);
        if (!global.mutable) {
          this.#constant(global.type, global.initial.bits);
          return;
        }
        this.#code.compute(global.type, `g${index}`);
        return;
      }
      case 0x24: {
        const index = reader.u32();
        this.#code.emit(`g${index} = ${this.#code.pop().c};`);
        return;
      }
      case 0x3f:
        reader.u8();
        this.#code.compute("i32", "memory_pages");
        return;
      case 0x40:
        reader.u8();
        this.#code.compute("i32", `memory_grow(${this.#code.pop().c})`);
        return;
      case 0x41:
        this.#constant("i32", BigInt.asUintN(32, reader.signed(32)));
        return;
      case 0x42:
        this.#constant("i64", BigInt.asUintN(64, reader.signed(64)));
        return;
      case 0x43:
        this.#constant("f32", BigInt(reader.bits32()));
        return;
      case 0x44:
        this.#constant("f64", reader.bits64());
        return;
      case 0xfc:
        this.#prefixed(reader.u32(), at);
        return;
      default:
        throw new Malformed(at, `unsupported instruction 0x${opcode.toString(16)}`);
    }
  }

  #prefixed(opcode: number, at: number): void {
    const reader = this.#reader;
    const conversion = saturating.get(opcode);
    if (conversion !== undefined) {
      this.#operator(conversion);
      return;
    }
    switch (opcode) {
      case 8: {
        const segment = reader.u32();
        reader.u8();
        const [to, from, length] = this.#code.popMany(3);
        this.#code.emit(
          `memory_init(data${segment}, data${segment}_size, ${to}, ${from}, ${length}, ${this.#where()});`,
        );
        return;
      }
      case 9:
        this.#code.emit(`data${reader.u32()}_size = 0;`);
        return;
      case 10: {
        reader.u8();
        reader.u8();
        this.#code.emit(`memory_copy(${this.#code.popMany(3).join(", ")}, ${this.#where()});`);
        return;
      }
      case 11:
        reader.u8();
        this.#code.emit(`memory_fill(${this.#code.popMany(3).join(", ")}, ${this.#where()});`);
        return;
      default:
        throw new Malformed(at, `unsupported instruction 0xfc ${opcode}`);
    }
  }

  #operator(operator: Operator): void {
    const operands = operator.operands.map(() => this.#code.pop()).reverse();
    this.#noteFloat(operator.result, ...operator.operands);
    const texts = operands.map((operand) => operand.c);
    if (!operator.pure) {
      this.#code.compute(operator.result, operator.c(...texts, this.#where()));
      return;
    }
    this.#code.push({
      c: operator.c(...texts),
      type: operator.result,
      locals: operands.flatMap((operand) => operand.locals),
      simple: false,
    });
  }

  #load({ type, memory, casts }: Access): void {
    this.#reader.u32();
    const offset = this.#reader.u32();
    this.#noteFloat(type);
    const address = this.#code.pop().c;
    // It may fault, so it happens here, wanted or not: the C compiler is told (backends/c-compiler.ts).
    this.#code.compute(type, `${casts}AT(${memory}, ${address}, ${offset})`);
  }

  #store({ type, memory, casts }: Access): void {
    this.#reader.u32();
    const offset = this.#reader.u32();
    this.#noteFloat(type);
    const value = this.#code.pop().c;
    this.#code.emit(`AT(${memory}, ${this.#code.pop().c}, ${offset}) = ${casts}${value};`);
  }

  #select(): void {
    const condition = this.#code.pop();
    const otherwise = this.#code.pop();
    const value = this.#code.pop();
    this.#code.push({
      c: `(${condition.c} ? ${value.c} : ${otherwise.c})`,
      type: value.type,
      locals: [...condition.locals, ...otherwise.locals, ...value.locals],
      simple: false,
    });
  }

  #call(): void {
    const { module, symbols } = this.#context;
    const index = this.#reader.u32();
    const type = typeOfFunction(module, index);
    const imported = module.imports[index];
    this.#calls.direct.add(index);
    const name =
      imported === undefined ? symbols.get(index)!.c : hostSymbol(imported.module, imported.name);
    this.#callResult(type, `${name}(${this.#code.popMany(type.parameters.length).join(", ")})`);
  }

  #callIndirect(): void {
    const { module, typeNumber } = this.#context;
    const index = this.#reader.u32();
    this.#reader.u8();
    const type = module.types[index];
    if (type === undefined) throw new Malformed(this.#reader.at, `no type ${index}`);
    this.#calls.indirect.add(typeNumber(index));
    const element = this.#code.pop().c;
    const list = type.parameters.map(typeInC).join(", ");
    const result = type.result === null ? "void" : typeInC(type.result);
    const pointer = `(${result} (*)(${list === "" ? "void" : list}))`;
    const callee = `(${pointer}table_at(${element}, ${typeNumber(index)}, ${this.#where()}))`;
    this.#callResult(type, `${callee}(${this.#code.popMany(type.parameters.length).join(", ")})`);
  }

  #callResult(type: FunctionType, call: string): void {
    if (type.result === null) this.#code.emit(`${call};`);
    else this.#code.compute(type.result, call);
  }

  #setLocal(local: number): void {
    const value = this.#code.pop();
    this.#code.keepLocals(local);
    this.#code.emit(`l${local} = ${value.c};`);
  }

  #open(kind: Frame["kind"], result: ValueType | null): Frame {
    const label = this.#labels++;
    const { height } = this.#code;
    const frame = { kind, label, result, height, branched: false, hasElse: false };
    this.#frames.push(frame);
    if (result !== null && kind !== "function") this.#code.emit(`${typeInC(result)} r${label};`);
    return frame;
  }

  #else(): void {
    const frame = this.#frames.at(-1)!;
    if (!this.#dead) {
      this.#leave(frame);
      frame.branched = true;
      this.#code.emit(`goto end${frame.label};`);
    }
    frame.hasElse = true;
    this.#revive(frame);
    this.#code.emit(`else${frame.label}:;`);
  }

  #end(): void {
    const frame = this.#frames.pop()!;
    if (frame.kind === "function") {
      if (!this.#dead && frame.result !== null) this.#code.emit(`return ${this.#code.pop().c};`);
      this.#revive(frame);
      return;
    }
    if (!this.#dead) this.#leave(frame);
    // A loop that nothing falls out of, or a block that nothing leaves, has no code after it.
    const reached = !this.#dead || frame.branched || (frame.kind === "if" && !frame.hasElse);
    this.#revive(frame);
    if (frame.kind === "if" && !frame.hasElse) this.#code.emit(`else${frame.label}:;`);
    if (frame.branched && frame.kind !== "loop") this.#code.emit(`end${frame.label}:;`);
    if (!reached) this.#dead = true;
    else if (frame.result !== null) {
      this.#code.push({ c: `r${frame.label}`, type: frame.result, locals: [], simple: true });
    }
  }

  /** Hands the frame's result over where control falls out of it. */
  #leave(frame: Frame): void {
    if (frame.result !== null) this.#code.emit(`r${frame.label} = ${this.#code.pop().c};`);
  }

  #carries(depth: number): boolean {
    const frame = this.#frames.at(-1 - depth);
    return frame !== undefined && frame.kind !== "loop" && frame.result !== null;
  }

  /** A jump; the value that it carries stays on the stack, for `br_if`. */
  #branch(depth: number): void {
    const frame = this.#frames.at(-1 - depth);
    if (frame === undefined) throw new Malformed(this.#reader.at, "branch out of the function");
    const value = this.#carries(depth) ? this.#code.top.c : null;
    if (frame.kind === "function") {
      this.#code.emit(value === null ? "return;" : `return ${value};`);
    } else if (frame.kind === "loop") {
      this.#code.emit(`goto loop${frame.label};`);
    } else {
      frame.branched = true;
      this.#code.emit(
        `${value === null ? "" : `r${frame.label} = ${value}; `}goto end${frame.label};`,
      );
    }
  }

  #branchTable(): void {
    const depths = this.#reader.list(() => this.#reader.u32());
    const otherwise = this.#reader.u32();
    const index = this.#code.pop();
    if (this.#carries(otherwise)) this.#code.makeSimple();
    this.#code.emit(`switch (${index.c}) {`);
    depths.forEach((depth, value) => {
      this.#code.emit(`case ${value}:`);
      if (depths[value + 1] !== depth) this.#branch(depth);
    });
    this.#code.emit("default:");
    this.#branch(otherwise);
    this.#code.emit("}");
    this.#die();
  }

  #die(): void {
    this.#dead = true;
    this.#deadDepth = 0;
  }

  #revive(frame: Frame): void {
    this.#dead = false;
    this.#code.cut(frame.height);
  }

  /** In dead code: whether the instruction ends it, `else` and `end` of a frame that was alive. */
  #revives(opcode: number): boolean {
    return this.#deadDepth === 0 && (opcode === 0x05 || opcode === 0x0b);
  }

  #constant(type: ValueType, bits: bigint): void {
    this.#noteFloat(type);
    this.#code.push({ c: constant(type, bits), type, locals: [], simple: true });
  }

  #noteFloat(...types: readonly ValueType[]): void {
    if (types.some((type) => type === "f32" || type === "f64")) this.#context.usesFloat = true;
  }

  /** `"http1/src/server/Server#parse (http1/src/server.ts:12)"`. */
  #where(): string {
    const { name } = this.#context.symbols.get(this.#index)!;
    const { file, line } = this.#code.line;
    return `WHERE(${literal(`${name} (${file}:${line})`)})`;
  }
}
