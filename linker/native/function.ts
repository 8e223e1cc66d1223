/**
 * One function's instructions as C.
 *
 * The operand stack exists only here: an entry is a C expression without effects that is written where
 * it is consumed. Everything with an effect, or that could be affected (loads, calls, what may trap),
 * is computed where it stands into a name of its own, assigned once. Blocks become labels.
 */
import { hostSymbol } from "./host.ts";
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
import type { SourceLine, SourceMap } from "./source-map.ts";
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
}

/** `static u32 add_3(u32 l0, u32 l1)`. */
export function functionHeader(context: ProgramContext, index: number): string {
  const { parameters, result } = typeOfFunction(context.module, index);
  const list = parameters.map((type, at) => `${typeInC(type)} l${at}`).join(", ");
  const type = result === null ? "void" : typeInC(result);
  return `static ${type} ${context.symbols.get(index)!.c}(${list === "" ? "void" : list})`;
}

/** The C definition of a function that the module defines. Throws Malformed for what is not supported. */
export function translateFunction(context: ProgramContext, index: number): string {
  return new Translation(context, index).text();
}

/** A C string literal. */
export function literal(text: string): string {
  return JSON.stringify(text).replaceAll("\\u", "\\\\u");
}

/** C constants of the exact value. */
export function constant(type: ValueType, bits: bigint): string {
  switch (type) {
    case "i32":
      return `${bits}u`;
    case "i64":
      return `${bits}ull`;
    case "f32":
      return `f32_reinterpret(0x${bits.toString(16)}u)`;
    case "f64":
      return `f64_reinterpret(0x${bits.toString(16)}ull)`;
  }
}

/** An entry of the operand stack. */
interface Operand {
  readonly c: string;
  readonly type: ValueType;
  /** Locals that it reads: it must be computed before one of them changes. */
  readonly locals: readonly number[];
  /** A name or a number, that may be written twice. */
  readonly simple: boolean;
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

/** Expressions longer than this get a name, so that C's nesting stays shallow. */
const longestExpression = 400;

class Translation {
  readonly #context: ProgramContext;
  readonly #index: number;
  readonly #type: FunctionType;
  readonly #locals: readonly ValueType[];
  readonly #reader: Reader;
  readonly #stack: Operand[] = [];
  readonly #frames: Frame[] = [];
  #lines: string[] = [];
  #statements: string[] = [];
  #line: SourceLine | null = null;
  #temporaries = 0;
  #labels = 0;
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
    const { file } = context.symbols.get(index)!;
    this.#line = map.first(body.start, body.end, file) ?? map.first(body.start, body.end, null);
  }

  text(): string {
    this.#emit(`${functionHeader(this.#context, this.#index)} {`);
    for (let at = this.#type.parameters.length; at < this.#locals.length; at++) {
      this.#emit(`${typeInC(this.#locals[at]!)} l${at} = 0;`);
    }
    this.#open("function", this.#type.result);
    while (this.#frames.length > 0) this.#instruction();
    this.#emit("}");
    this.#flush();
    return this.#lines.join("\n");
  }

  #instruction(): void {
    const at = this.#reader.at;
    const opcode = this.#reader.u8();
    if (this.#dead && !this.#revives(opcode)) {
      this.#skip(opcode);
      return;
    }
    const line = this.#context.map.at(at);
    if (line !== null && (line.line !== this.#line?.line || line.file !== this.#line.file)) {
      this.#flush();
      this.#line = line;
    }
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
        this.#emit(`trap("unreachable", ${this.#where()});`);
        this.#die();
        return;
      case 0x01:
        return;
      case 0x02:
        this.#keepLocals();
        this.#open("block", this.#blockType());
        return;
      case 0x03: {
        this.#keepLocals();
        const frame = this.#open("loop", this.#blockType());
        this.#emit(`loop${frame.label}:;`);
        return;
      }
      case 0x04: {
        const result = this.#blockType();
        const condition = this.#pop();
        this.#keepLocals();
        const frame = this.#open("if", result);
        this.#emit(`if (!${condition.c}) goto else${frame.label};`);
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
        const condition = this.#pop();
        if (this.#carries(depth)) this.#makeSimple();
        this.#emit(`if (${condition.c}) {`);
        this.#branch(depth);
        this.#emit("}");
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
        this.#pop();
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
        this.#push({
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
        this.#push({
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
        this.#compute(global.type, `g${index}`);
        return;
      }
      case 0x24: {
        const index = reader.u32();
        this.#emit(`g${index} = ${this.#pop().c};`);
        return;
      }
      case 0x3f:
        reader.u8();
        this.#compute("i32", "memory_pages");
        return;
      case 0x40:
        reader.u8();
        this.#compute("i32", `memory_grow(${this.#pop().c})`);
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
        const [to, from, length] = this.#popMany(3);
        this.#emit(
          `memory_init(data${segment}, data${segment}_size, ${to}, ${from}, ${length}, ${this.#where()});`,
        );
        return;
      }
      case 9:
        this.#emit(`data${reader.u32()}_size = 0;`);
        return;
      case 10: {
        reader.u8();
        reader.u8();
        this.#emit(`memory_copy(${this.#popMany(3).join(", ")}, ${this.#where()});`);
        return;
      }
      case 11:
        reader.u8();
        this.#emit(`memory_fill(${this.#popMany(3).join(", ")}, ${this.#where()});`);
        return;
      default:
        throw new Malformed(at, `unsupported instruction 0xfc ${opcode}`);
    }
  }

  #operator(operator: Operator): void {
    const operands = operator.operands.map(() => this.#pop()).reverse();
    this.#noteFloat(operator.result, ...operator.operands);
    const texts = operands.map((operand) => operand.c);
    if (!operator.pure) {
      this.#compute(operator.result, operator.c(...texts, this.#where()));
      return;
    }
    this.#push({
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
    const address = this.#pop().c;
    this.#compute(type, `${casts}AT(${memory}, ${address}, ${offset})`);
    // It may fault, so it happens here, wanted or not.
    this.#emit(`KEEP_${type}(${this.#stack.at(-1)!.c});`);
  }

  #store({ type, memory, casts }: Access): void {
    this.#reader.u32();
    const offset = this.#reader.u32();
    this.#noteFloat(type);
    const value = this.#pop().c;
    this.#emit(`AT(${memory}, ${this.#pop().c}, ${offset}) = ${casts}${value};`);
  }

  #select(): void {
    const condition = this.#pop();
    const otherwise = this.#pop();
    const value = this.#pop();
    this.#push({
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
    const name =
      imported === undefined ? symbols.get(index)!.c : hostSymbol(imported.module, imported.name);
    this.#callResult(type, `${name}(${this.#popMany(type.parameters.length).join(", ")})`);
  }

  #callIndirect(): void {
    const { module, typeNumber } = this.#context;
    const index = this.#reader.u32();
    this.#reader.u8();
    const type = module.types[index];
    if (type === undefined) throw new Malformed(this.#reader.at, `no type ${index}`);
    const element = this.#pop().c;
    const list = type.parameters.map(typeInC).join(", ");
    const result = type.result === null ? "void" : typeInC(type.result);
    const pointer = `(${result} (*)(${list === "" ? "void" : list}))`;
    const callee = `(${pointer}table_at(${element}, ${typeNumber(index)}, ${this.#where()}))`;
    this.#callResult(type, `${callee}(${this.#popMany(type.parameters.length).join(", ")})`);
  }

  #callResult(type: FunctionType, call: string): void {
    if (type.result === null) this.#emit(`${call};`);
    else this.#compute(type.result, call);
  }

  #setLocal(local: number): void {
    const value = this.#pop();
    for (let at = 0; at < this.#stack.length; at++) {
      if (this.#stack[at]!.locals.includes(local)) this.#nameOperand(at);
    }
    this.#emit(`l${local} = ${value.c};`);
  }

  #blockType(): ValueType | null {
    const at = this.#reader.at;
    const code = this.#reader.bytes[at];
    if (code === 0x40) {
      this.#reader.at++;
      return null;
    }
    if (code !== undefined && code < 0x40) {
      throw new Malformed(at, "unsupported: block with parameters or several results");
    }
    return valueType(this.#reader.u8(), at);
  }

  #open(kind: Frame["kind"], result: ValueType | null): Frame {
    const label = this.#labels++;
    const height = this.#stack.length;
    const frame = { kind, label, result, height, branched: false, hasElse: false };
    this.#frames.push(frame);
    if (result !== null && kind !== "function") this.#emit(`${typeInC(result)} r${label};`);
    return frame;
  }

  #else(): void {
    const frame = this.#frames.at(-1)!;
    if (!this.#dead) {
      this.#leave(frame);
      frame.branched = true;
      this.#emit(`goto end${frame.label};`);
    }
    frame.hasElse = true;
    this.#revive(frame);
    this.#emit(`else${frame.label}:;`);
  }

  #end(): void {
    const frame = this.#frames.pop()!;
    if (frame.kind === "function") {
      if (!this.#dead && frame.result !== null) this.#emit(`return ${this.#pop().c};`);
      this.#revive(frame);
      return;
    }
    if (!this.#dead) this.#leave(frame);
    // A loop that nothing falls out of, or a block that nothing leaves, has no code after it.
    const reached = !this.#dead || frame.branched || (frame.kind === "if" && !frame.hasElse);
    this.#revive(frame);
    if (frame.kind === "if" && !frame.hasElse) this.#emit(`else${frame.label}:;`);
    if (frame.branched && frame.kind !== "loop") this.#emit(`end${frame.label}:;`);
    if (!reached) this.#dead = true;
    else if (frame.result !== null) {
      this.#push({ c: `r${frame.label}`, type: frame.result, locals: [], simple: true });
    }
  }

  /** Hands the frame's result over where control falls out of it. */
  #leave(frame: Frame): void {
    if (frame.result !== null) this.#emit(`r${frame.label} = ${this.#pop().c};`);
  }

  #carries(depth: number): boolean {
    const frame = this.#frames.at(-1 - depth);
    return frame !== undefined && frame.kind !== "loop" && frame.result !== null;
  }

  /** A jump; the value that it carries stays on the stack, for `br_if`. */
  #branch(depth: number): void {
    const frame = this.#frames.at(-1 - depth);
    if (frame === undefined) throw new Malformed(this.#reader.at, "branch out of the function");
    const value = this.#carries(depth) ? this.#stack.at(-1)!.c : null;
    if (frame.kind === "function") {
      this.#emit(value === null ? "return;" : `return ${value};`);
    } else if (frame.kind === "loop") {
      this.#emit(`goto loop${frame.label};`);
    } else {
      frame.branched = true;
      this.#emit(`${value === null ? "" : `r${frame.label} = ${value}; `}goto end${frame.label};`);
    }
  }

  #branchTable(): void {
    const depths = this.#reader.list(() => this.#reader.u32());
    const otherwise = this.#reader.u32();
    const index = this.#pop();
    if (this.#carries(otherwise)) this.#makeSimple();
    this.#emit(`switch (${index.c}) {`);
    depths.forEach((depth, value) => {
      this.#emit(`case ${value}:`);
      if (depths[value + 1] !== depth) this.#branch(depth);
    });
    this.#emit("default:");
    this.#branch(otherwise);
    this.#emit("}");
    this.#die();
  }

  #die(): void {
    this.#dead = true;
    this.#deadDepth = 0;
  }

  #revive(frame: Frame): void {
    this.#dead = false;
    this.#stack.length = frame.height;
  }

  /** In dead code: whether the instruction ends it, `else` and `end` of a frame that was alive. */
  #revives(opcode: number): boolean {
    return this.#deadDepth === 0 && (opcode === 0x05 || opcode === 0x0b);
  }

  /** Reads over an instruction of dead code. */
  #skip(opcode: number): void {
    const reader = this.#reader;
    if (opcode === 0x0b) this.#deadDepth--;
    else if (opcode >= 0x02 && opcode <= 0x04) {
      this.#deadDepth++;
      this.#blockType();
    } else if (opcode === 0x0e) {
      reader.list(() => reader.u32());
      reader.u32();
    } else if (opcode === 0x1c) reader.list(() => reader.u8());
    else if (opcode === 0x0c || opcode === 0x0d || opcode === 0x10) reader.u32();
    else if (opcode === 0x11 || (opcode >= 0x28 && opcode <= 0x3e)) {
      reader.u32();
      reader.u32();
    } else if (opcode >= 0x20 && opcode <= 0x24) reader.u32();
    else if (opcode === 0x3f || opcode === 0x40) reader.u8();
    else if (opcode === 0x41) reader.signed(32);
    else if (opcode === 0x42) reader.signed(64);
    else if (opcode === 0x43) reader.bits32();
    else if (opcode === 0x44) reader.bits64();
    else if (opcode === 0xfc) {
      const second = reader.u32();
      if (second === 8 || second === 10) reader.u32();
      if (second >= 8) reader.u32();
    }
  }

  #constant(type: ValueType, bits: bigint): void {
    this.#noteFloat(type);
    this.#push({ c: constant(type, bits), type, locals: [], simple: true });
  }

  #push(operand: Operand): void {
    this.#stack.push(operand);
    if (operand.c.length > longestExpression) this.#nameOperand(this.#stack.length - 1);
  }

  #pop(): Operand {
    const operand = this.#stack.pop();
    if (operand === undefined) throw new Malformed(this.#reader.at, "operand missing");
    return operand;
  }

  #popMany(count: number): string[] {
    const operands = Array.from({ length: count }, () => this.#pop().c);
    return operands.reverse();
  }

  /** Computes now, into a name of its own, and pushes that. */
  #compute(type: ValueType, c: string): void {
    const name = `t${this.#temporaries++}`;
    this.#emit(`${typeInC(type)} ${name} = ${c};`);
    this.#stack.push({ c: name, type, locals: [], simple: true });
  }

  #nameOperand(at: number): void {
    const { c, type } = this.#stack[at]!;
    const name = `t${this.#temporaries++}`;
    this.#emit(`${typeInC(type)} ${name} = ${c};`);
    this.#stack[at] = { c: name, type, locals: [], simple: true };
  }

  #makeSimple(): void {
    const top = this.#stack.length - 1;
    if (top >= 0 && !this.#stack[top]!.simple) this.#nameOperand(top);
  }

  /** Before code that may run never or often: what reads locals is computed outside of it. */
  #keepLocals(): void {
    this.#stack.forEach((operand, at) => {
      if (operand.locals.length > 0) this.#nameOperand(at);
    });
  }

  #noteFloat(...types: readonly ValueType[]): void {
    if (types.some((type) => type === "f32" || type === "f64")) this.#context.usesFloat = true;
  }

  /** `"http1/src/server/Server#parse (http1/src/server.ts:12)"`. */
  #where(): string {
    const { name } = this.#context.symbols.get(this.#index)!;
    const line = this.#line === null ? "" : ` (${this.#line.file}:${this.#line.line})`;
    return literal(`${name}${line}`);
  }

  #emit(statement: string): void {
    this.#statements.push(statement);
  }

  /** Statements of one source line are one line of C: `#line` counts on from there. */
  #flush(): void {
    if (this.#statements.length === 0) return;
    const { file, line } = this.#line ?? {
      file: `wasm:${this.#context.symbols.get(this.#index)!.name}`,
      line: 1,
    };
    this.#lines.push(`#line ${line} ${literal(file)}`, this.#statements.join(" "));
    this.#statements = [];
  }
}
