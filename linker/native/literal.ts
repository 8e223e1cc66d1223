import type { ValueType } from "./module.ts";

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
