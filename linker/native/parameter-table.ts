/** The parameters of an image as C: what `unipkg.h` declares of them. */
import type { SettingType, SettingValue } from "../../model/manifest.ts";
import {
  integerBounds,
  parseIpv4,
  parseIpv4Cidr,
  parseIpv6,
  parseIpv6Cidr,
} from "../../model/setting.ts";
import type { Parameter } from "../parameters.ts";

/** Source of `image_parameters`. */
export function parameterTable(parameters: readonly Parameter[]): string {
  const rows = parameters.map(({ name, type, doc, value }) => {
    const [least, most] = boundsOf(type);
    const texts = [name, type, doc, String(value)].map(stringOfC).join(", ");
    const numbers = numbersOf(type, value).map((number) => `${BigInt.asUintN(64, number)}ull`);
    return `  {${texts}, ${kinds[type]}, ${least}ull, ${most}ull, {${numbers.join(", ")}}},`;
  });
  return [
    '#include "unipkg.h"',
    `const u32 image_parameter_count = ${parameters.length};`,
    `struct image_parameter image_parameters[${parameters.length + 1}] = {`,
    ...rows,
    "};",
    "",
  ].join("\n");
}

/** A string of C; a character that no line of text has becomes a space. */
export function stringOfC(text: string): string {
  const bytes = Buffer.from(text.replace(/\p{Cc}/gu, " "));
  // Octal escapes end after three digits, whatever follows. `??` would begin a trigraph.
  const letters = [...bytes].map((byte) =>
    byte < 0x20 || byte > 0x7e || byte === 0x22 || byte === 0x5c || byte === 0x3f
      ? `\\${byte.toString(8).padStart(3, "0")}`
      : String.fromCharCode(byte),
  );
  return `"${letters.join("")}"`;
}

const kinds: Readonly<Record<Parameter["type"], string>> = {
  bool: "PARAMETER_BOOL",
  i32: "PARAMETER_SIGNED",
  i64: "PARAMETER_SIGNED",
  u8: "PARAMETER_UNSIGNED",
  u16: "PARAMETER_UNSIGNED",
  u32: "PARAMETER_UNSIGNED",
  u64: "PARAMETER_UNSIGNED",
  string: "PARAMETER_TEXT",
  ipv4: "PARAMETER_IPV4",
  "ipv4-cidr": "PARAMETER_IPV4_CIDR",
  ipv6: "PARAMETER_IPV6",
  "ipv6-cidr": "PARAMETER_IPV6_CIDR",
};

/** The parts of a value: docs/abi.md, parameter. */
function numbersOf(type: Parameter["type"], value: SettingValue): readonly bigint[] {
  const text = String(value);
  switch (type) {
    case "bool":
      return [value === true ? 1n : 0n];
    case "string":
      return [0n];
    case "ipv4":
      return [BigInt(parseIpv4(text) ?? 0)];
    case "ipv4-cidr": {
      const { address, prefix } = parseIpv4Cidr(text) ?? { address: 0, prefix: 0 };
      return [BigInt(address), BigInt(prefix)];
    }
    case "ipv6":
      return halves(parseIpv6(text) ?? 0n);
    case "ipv6-cidr": {
      const { address, prefix } = parseIpv6Cidr(text) ?? { address: 0n, prefix: 0 };
      return [...halves(address), BigInt(prefix)];
    }
    case "i32":
    case "i64":
    case "u8":
    case "u16":
    case "u32":
    case "u64":
      return [BigInt(value)];
  }
}

function halves(address: bigint): readonly bigint[] {
  return [address >> 64n, address & 0xffff_ffff_ffff_ffffn];
}

/** As 64 bits, of which a signed number's are two's complement. */
function boundsOf(type: SettingType): readonly bigint[] {
  return (integerBounds(type) ?? [0n, 0n]).map((bound) => BigInt.asUintN(64, bound));
}
