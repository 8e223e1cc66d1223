/**
 * The numeric and memory instructions of WebAssembly as C. Every operand and result of type i32 is a C
 * `u32`, of i64 a `u64`, of f32 a `float`, of f64 a `double`: unsigned, so that wraparound is defined.
 * Names that are not C's own (`i32_rotl`, `f64_min`) are of `prelude.ts`.
 */
import type { ValueType } from "./module.ts";

/** An instruction that takes values and gives one. */
export interface Operator {
  readonly operands: readonly ValueType[];
  readonly result: ValueType;
  /**
   * C expression over operand expressions that need no parentheses. What may trap takes one more: a
   * string that says where.
   */
  readonly c: (...operands: readonly string[]) => string;
  /** False when it may trap: then it must happen where it stands. */
  readonly pure: boolean;
}

/** A load or store: C type in memory, and type of the value. */
export interface Access {
  readonly type: ValueType;
  /** Type of `prelude.ts` for unaligned access. */
  readonly memory: string;
  /** Loads: casts after reading, the outermost first. */
  readonly casts: string;
}

export const operators = new Map<number, Operator>();
export const loads = new Map<number, Access>();
export const stores = new Map<number, Access>();

/** Saturating conversions: the second byte after the prefix 0xfc. */
export const saturating = new Map<number, Operator>();

const cType = { i32: "u32", i64: "u64", f32: "f32", f64: "f64" } as const;
const signedType = { i32: "s32", i64: "s64" } as const;

/** C's type of a value. */
export function typeInC(type: ValueType): string {
  return cType[type];
}

function unary(
  code: number,
  operand: ValueType,
  result: ValueType,
  c: (a: string, where: string) => string,
  pure = true,
): void {
  operators.set(code, { operands: [operand], result, c: (a, where) => c(a!, where!), pure });
}

function binary(
  code: number,
  operand: ValueType,
  result: ValueType,
  c: (a: string, b: string, where: string) => string,
  pure = true,
): void {
  operators.set(code, {
    operands: [operand, operand],
    result,
    c: (a, b, where) => c(a!, b!, where!),
    pure,
  });
}

/** Consecutive codes from `first`: infix operators, `s` in front for signed operands. */
function comparisons(first: number, type: ValueType, list: string): void {
  list.split(" ").forEach((symbol, index) => {
    const signed = symbol.startsWith("s");
    const infix = signed ? symbol.slice(1) : symbol;
    const cast = signed ? `(${signedType[type as "i32" | "i64"]})` : "";
    binary(first + index, type, "i32", (a, b) => `(u32)(${cast}${a} ${infix} ${cast}${b})`);
  });
}

function integers(type: "i32" | "i64", equalsZero: number, bits: number): void {
  const signed = signedType[type];
  const mask = type === "i32" ? "31" : "63";
  unary(equalsZero, type, "i32", (a) => `(u32)(${a} == 0)`);
  comparisons(equalsZero + 1, type, "== != s< < s> > s<= <= s>= >=");
  ["clz", "ctz", "popcnt"].forEach((name, index) => {
    unary(bits + index, type, type, (a) => `${type}_${name}(${a})`);
  });
  ["+", "-", "*"].forEach((infix, index) => {
    binary(bits + 3 + index, type, type, (a, b) => `(${a} ${infix} ${b})`);
  });
  ["div_s", "div_u", "rem_s", "rem_u"].forEach((name, index) => {
    binary(
      bits + 6 + index,
      type,
      type,
      (a, b, where) => `${type}_${name}(${a}, ${b}, ${where})`,
      false,
    );
  });
  ["&", "|", "^"].forEach((infix, index) => {
    binary(bits + 10 + index, type, type, (a, b) => `(${a} ${infix} ${b})`);
  });
  // The distance counts modulo the width, as x86 and the mask have it.
  binary(bits + 13, type, type, (a, b) => `(${a} << (${b} & ${mask}))`);
  binary(bits + 14, type, type, (a, b) => `(${cType[type]})((${signed})${a} >> (${b} & ${mask}))`);
  binary(bits + 15, type, type, (a, b) => `(${a} >> (${b} & ${mask}))`);
  binary(bits + 16, type, type, (a, b) => `${type}_rotl(${a}, ${b})`);
  binary(bits + 17, type, type, (a, b) => `${type}_rotr(${a}, ${b})`);
}

function floats(type: "f32" | "f64", compare: number, first: number): void {
  comparisons(compare, type, "== != < > <= >=");
  ["abs", "neg", "ceil", "floor", "trunc", "nearest", "sqrt"].forEach((name, index) => {
    unary(first + index, type, type, (a) => `${type}_${name}(${a})`);
  });
  ["+", "-", "*", "/"].forEach((infix, index) => {
    binary(first + 7 + index, type, type, (a, b) => `(${a} ${infix} ${b})`);
  });
  ["min", "max", "copysign"].forEach((name, index) => {
    binary(first + 11 + index, type, type, (a, b) => `${type}_${name}(${a}, ${b})`);
  });
}

integers("i32", 0x45, 0x67);
integers("i64", 0x50, 0x79);
floats("f32", 0x5b, 0x8b);
floats("f64", 0x61, 0x99);

/** Truncations of a float; the saturating ones have codes of their own. */
function truncations(first: number, type: "i32" | "i64"): void {
  (["f32", "f64"] as const).forEach((from, index) => {
    for (const sign of ["s", "u"]) {
      const name = `${type}_trunc_${from}_${sign}`;
      const offset = index * 2 + (sign === "u" ? 1 : 0);
      unary(first + offset, from, type, (a, where) => `${name}(${a}, ${where})`, false);
      saturating.set((type === "i32" ? 0 : 4) + offset, {
        operands: [from],
        result: type,
        c: (a) => `${type}_trunc_sat_${from}_${sign}(${a})`,
        pure: true,
      });
    }
  });
}

unary(0xa7, "i64", "i32", (a) => `(u32)${a}`);
truncations(0xa8, "i32");
unary(0xac, "i32", "i64", (a) => `(u64)(s64)(s32)${a}`);
unary(0xad, "i32", "i64", (a) => `(u64)${a}`);
truncations(0xae, "i64");
unary(0xb2, "i32", "f32", (a) => `(f32)(s32)${a}`);
unary(0xb3, "i32", "f32", (a) => `(f32)${a}`);
unary(0xb4, "i64", "f32", (a) => `(f32)(s64)${a}`);
unary(0xb5, "i64", "f32", (a) => `(f32)${a}`);
unary(0xb6, "f64", "f32", (a) => `(f32)${a}`);
unary(0xb7, "i32", "f64", (a) => `(f64)(s32)${a}`);
unary(0xb8, "i32", "f64", (a) => `(f64)${a}`);
unary(0xb9, "i64", "f64", (a) => `(f64)(s64)${a}`);
unary(0xba, "i64", "f64", (a) => `(f64)${a}`);
unary(0xbb, "f32", "f64", (a) => `(f64)${a}`);
unary(0xbc, "f32", "i32", (a) => `i32_reinterpret(${a})`);
unary(0xbd, "f64", "i64", (a) => `i64_reinterpret(${a})`);
unary(0xbe, "i32", "f32", (a) => `f32_reinterpret(${a})`);
unary(0xbf, "i64", "f64", (a) => `f64_reinterpret(${a})`);
unary(0xc0, "i32", "i32", (a) => `(u32)(s32)(s8)${a}`);
unary(0xc1, "i32", "i32", (a) => `(u32)(s32)(s16)${a}`);
unary(0xc2, "i64", "i64", (a) => `(u64)(s64)(s8)${a}`);
unary(0xc3, "i64", "i64", (a) => `(u64)(s64)(s16)${a}`);
unary(0xc4, "i64", "i64", (a) => `(u64)(s64)(s32)${a}`);

const i32 = { type: "i32" } as const;
const i64 = { type: "i64" } as const;
const loadList: readonly Access[] = [
  { ...i32, memory: "u32m", casts: "" },
  { ...i64, memory: "u64m", casts: "" },
  { type: "f32", memory: "f32m", casts: "" },
  { type: "f64", memory: "f64m", casts: "" },
  { ...i32, memory: "s8m", casts: "(u32)(s32)" },
  { ...i32, memory: "u8m", casts: "(u32)" },
  { ...i32, memory: "s16m", casts: "(u32)(s32)" },
  { ...i32, memory: "u16m", casts: "(u32)" },
  { ...i64, memory: "s8m", casts: "(u64)(s64)" },
  { ...i64, memory: "u8m", casts: "(u64)" },
  { ...i64, memory: "s16m", casts: "(u64)(s64)" },
  { ...i64, memory: "u16m", casts: "(u64)" },
  { ...i64, memory: "s32m", casts: "(u64)(s64)" },
  { ...i64, memory: "u32m", casts: "(u64)" },
];
loadList.forEach((access, index) => {
  loads.set(0x28 + index, access);
});

const storeList: readonly Access[] = [
  { ...i32, memory: "u32m", casts: "" },
  { ...i64, memory: "u64m", casts: "" },
  { type: "f32", memory: "f32m", casts: "" },
  { type: "f64", memory: "f64m", casts: "" },
  { ...i32, memory: "u8m", casts: "(u8)" },
  { ...i32, memory: "u16m", casts: "(u16)" },
  { ...i64, memory: "u8m", casts: "(u8)" },
  { ...i64, memory: "u16m", casts: "(u16)" },
  { ...i64, memory: "u32m", casts: "(u32)" },
];
storeList.forEach((access, index) => {
  stores.set(0x36 + index, access);
});
