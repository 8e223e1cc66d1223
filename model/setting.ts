import type { SettingType, SettingValue } from "./manifest.ts";

/** Every type that a setting can have, sorted: for messages and suggestions. */
export const settingTypes: readonly SettingType[] = [
  "bool",
  "file",
  "folder",
  "i32",
  "i64",
  "ipv4",
  "ipv4-cidr",
  "ipv6",
  "ipv6-cidr",
  "string",
  "u16",
  "u32",
  "u64",
  "u8",
];

/** Constants that a setting of the type makes: what is put behind its name. One of its own name when absent. */
export const settingSuffix: Readonly<Partial<Record<SettingType, readonly string[]>>> = {
  folder: ["", "Path"],
  "ipv4-cidr": ["", "Prefix"],
  ipv6: ["High", "Low"],
  "ipv6-cidr": ["High", "Low", "Prefix"],
};

/**
 * What is wrong with a value for a setting of this type, as the end of a sentence that begins with the
 * setting's name ("must be …"); null when it fits.
 *
 * 64-bit numbers beyond 2^53 are given as text, because JSON has no exact form for them.
 */
export function settingFault(type: SettingType, value: SettingValue): string | null {
  switch (type) {
    case "bool":
      return typeof value === "boolean" ? null : "must be true or false";
    case "u8":
    case "u16":
    case "u32":
    case "u64":
    case "i32":
    case "i64":
      return integerFault(type, value);
    case "string":
      return typeof value === "string" ? null : "must be a text";
    case "ipv4":
      return typeof value === "string" && parseIpv4(value) !== null
        ? null
        : 'must be an IPv4 address such as "10.0.0.2"';
    case "ipv4-cidr":
      return typeof value === "string" && parseIpv4Cidr(value) !== null
        ? null
        : 'must be an IPv4 address with its prefix length, such as "10.0.0.2/24"';
    case "ipv6":
      return typeof value === "string" && parseIpv6(value) !== null
        ? null
        : 'must be an IPv6 address such as "2001:db8::2"';
    case "ipv6-cidr":
      return typeof value === "string" && parseIpv6Cidr(value) !== null
        ? null
        : 'must be an IPv6 address with its prefix length, such as "2001:db8::2/64"';
    case "file":
    case "folder":
      return typeof value === "string" && value !== "" && !value.includes("\0")
        ? null
        : `must be the path of a ${type}`;
  }
}

/** Four octets, the first one highest; null when the text is not an address (no leading zeros, RFC 6943, 3.1.1). */
export function parseIpv4(text: string): number | null {
  const parts = /^(\d{1,3})\.(\d{1,3})\.(\d{1,3})\.(\d{1,3})$/.exec(text)?.slice(1);
  if (parts === undefined) return null;
  let address = 0;
  for (const part of parts) {
    if (String(Number(part)) !== part || Number(part) > 255) return null;
    address = address * 256 + Number(part);
  }
  return address;
}

/** An address and the length of its network's prefix, 0 to 32 (RFC 4632, 3.1). */
export function parseIpv4Cidr(text: string): { address: number; prefix: number } | null {
  const [addressText, prefixText, ...rest] = text.split("/");
  const address = parseIpv4(addressText ?? "");
  if (address === null || rest.length > 0 || !/^(\d|[12]\d|3[0-2])$/.test(prefixText ?? "")) {
    return null;
  }
  return { address, prefix: Number(prefixText) };
}

/** The 128 bits of an address, the first octet highest; null when the text is none (RFC 4291, 2.2). */
export function parseIpv6(text: string): bigint | null {
  const halves = text.split("::");
  if (halves.length > 2) return null;
  const [head, tail] = halves.map((half) => (half === "" ? [] : half.split(":")));
  const last = (tail ?? head)?.at(-1);
  if (last?.includes(".")) {
    // 2.2, form 3: the last 32 bits as an IPv4 address.
    const low = parseIpv4(last);
    if (low === null) return null;
    (tail ?? head)?.splice(-1, 1, (low >>> 16).toString(16), (low & 0xffff).toString(16));
  }
  const given = [...(head ?? []), ...(tail ?? [])];
  const missing = 8 - given.length;
  if (tail === undefined ? missing !== 0 : missing < 1) return null;
  const parts = [...(head ?? []), ...Array<string>(missing).fill("0"), ...(tail ?? [])];
  let address = 0n;
  for (const part of parts) {
    if (!/^[\da-f]{1,4}$/i.test(part)) return null;
    address = (address << 16n) | BigInt(`0x${part}`);
  }
  return address;
}

/** An address and the length of its network's prefix, 0 to 128 (RFC 4291, 2.3). */
export function parseIpv6Cidr(text: string): { address: bigint; prefix: number } | null {
  const [addressText, prefixText, ...rest] = text.split("/");
  const address = parseIpv6(addressText ?? "");
  const prefix = /^(0|[1-9]\d{0,2})$/.test(prefixText ?? "") ? Number(prefixText) : 129;
  return address === null || rest.length > 0 || prefix > 128 ? null : { address, prefix };
}

function integerFault(type: IntegerType, value: SettingValue): string | null {
  const [least, most] = bounds[type];
  const fault = `must be a whole number from ${least} to ${most}`;
  if (typeof value === "number") {
    if (!Number.isInteger(value)) return fault;
    if (!Number.isSafeInteger(value)) return `${fault}, as a text when it is beyond 2^53`;
  } else if (typeof value !== "string" || !type.endsWith("64") || !/^-?\d{1,20}$/.test(value)) {
    return fault;
  }
  const exact = BigInt(value);
  return exact >= least && exact <= most ? null : fault;
}

/** Least and greatest value of a type of whole numbers; null for other types. */
export function integerBounds(type: SettingType): readonly [bigint, bigint] | null {
  return type in bounds ? bounds[type as IntegerType] : null;
}

type IntegerType = Extract<SettingType, `${"i" | "u"}${number}`>;

const bounds: Readonly<Record<IntegerType, readonly [bigint, bigint]>> = {
  u8: [0n, 255n],
  u16: [0n, 65535n],
  u32: [0n, 4294967295n],
  u64: [0n, 18446744073709551615n],
  i32: [-2147483648n, 2147483647n],
  i64: [-9223372036854775808n, 9223372036854775807n],
};
