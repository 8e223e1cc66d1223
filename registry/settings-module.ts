import type { SettingDeclaration, SettingValue } from "../model/manifest.ts";
import { failed, ok, type Problem, type Result } from "../model/problem.ts";
import {
  parseIpv4,
  parseIpv4Cidr,
  parseIpv6,
  parseIpv6Cidr,
  settingFault,
} from "../model/setting.ts";

/** A file of a `file` or `folder` setting, as it lies in the image's memory. */
export interface SettingFile {
  /** Path inside the folder, with `/`; the file's own path for a `file` setting. */
  readonly path: string;
  readonly address: number;
  readonly length: number;
  /** The same for the same content. */
  readonly tag: string;
}

/**
 * Source of the module that a package imports as `config`: one typed constant for each setting that it
 * declares, sorted by name.
 *
 * - `bool`, `i32` … `u64`, `string`: a constant of that type;
 * - `ipv4`: a `u32`, the first octet highest;
 * - `ipv4-cidr`: the address, and `NAMEPrefix: u8`;
 * - `ipv6`: its halves, `NAMEHigh: u64` and `NAMELow: u64`; `ipv6-cidr`: with `NAMEPrefix: u8`;
 * - `file`: a `File`; `folder`: a `File[]`, and `NAMEPath: string`, the folder's path.
 *
 * A setting without a value (one that is optional to the package has a default) is 0, empty or false: that
 * is what extraction compiles against. Values that do not fit are UP104.
 *
 * A setting that is declared `runTime` is a function of that type in place of each constant: `port(): u16`.
 *
 * @param files setting -> its files, for the two file types
 * @param parameters setting -> the number by which the host is asked for it (docs/abi.md, parameter); without one a function
 * answers with the value here
 */
export function settingsModule(
  declarations: Readonly<Record<string, SettingDeclaration>>,
  values: Readonly<Record<string, SettingValue>>,
  files: Readonly<Record<string, readonly SettingFile[]>>,
  parameters: Readonly<Record<string, number>> = {},
): Result<string> {
  const problems: Problem[] = [];
  const lines: string[] = [];
  const names = Object.keys(declarations).sort();
  if (names.some((name) => hasFiles(declarations[name]!))) lines.push(fileClass);
  if (Object.keys(parameters).length > 0) lines.push(hostCalls);
  for (const name of names) {
    const declaration = declarations[name]!;
    const value = Object.hasOwn(values, name) ? values[name]! : (declaration.default ?? null);
    const fault = value === null ? null : settingFault(declaration.type, value);
    if (fault !== null) {
      problems.push({
        code: "UP104",
        message: `setting \`${name}\` ${fault}, it is ${JSON.stringify(value)}`,
        details: [declaration.doc],
      });
      continue;
    }
    const own = Object.hasOwn(files, name) ? files[name]! : [];
    const asked = Object.hasOwn(parameters, name) ? parameters[name]! : null;
    lines.push(
      ...constants(name, declaration, value, own).map((one) => source(one, declaration, asked)),
    );
  }
  return problems.length > 0 ? failed(...problems) : ok(`${lines.join("\n")}\n`);
}

const fileClass = `export class File {
  constructor(
    public readonly path: string,
    public readonly address: usize,
    public readonly length: i32,
    public readonly tag: string,
  ) {}
}`;

function hasFiles({ type }: SettingDeclaration): boolean {
  return type === "file" || type === "folder";
}

/** What a setting gives the source: a value of a type, under a name. */
interface Constant {
  readonly name: string;
  readonly type: string;
  /** Its value in AssemblyScript. */
  readonly expression: string;
  /** Which of the setting's numbers it is: docs/abi.md, parameter. */
  readonly part: number;
}

/** The constant, or of a `runTime` setting the function that is in its place. */
function source(
  { name, type, expression, part }: Constant,
  { runTime }: SettingDeclaration,
  parameter: number | null,
): string {
  if (runTime !== true) return `export const ${name}: ${type} = ${expression};`;
  const answer = (value: string) => `export function ${name}(): ${type} {\n  return ${value};\n}`;
  if (parameter === null) return answer(expression);
  if (type === "string") return answer(`host_string(${parameter})`);
  const number = `host_number(${parameter}, ${part})`;
  return answer(type === "bool" ? `${number} != 0` : `<${type}>${number}`);
}

/** Settings are in camelCase: none has these names. */
const hostCalls = `@external("parameter", "number")
declare function host_number(parameter: i32, part: i32): u64;
@external("parameter", "text")
declare function host_text(parameter: i32, address: usize, capacity: i32): i32;
function host_string(parameter: i32): string {
  const bytes = new Uint8Array(host_text(parameter, 0, 0));
  host_text(parameter, bytes.dataStart, bytes.length);
  return String.UTF8.decode(bytes.buffer);
}`;

function constants(
  name: string,
  { type }: SettingDeclaration,
  value: SettingValue | null,
  files: readonly SettingFile[],
): readonly Constant[] {
  const constant = (typeName: string, expression: string, of = name, part = 0): Constant => ({
    name: of,
    type: typeName,
    expression,
    part,
  });
  const halves = (address: bigint) => [
    constant("u64", String(address >> 64n), `${name}High`),
    constant("u64", String(address & 0xffff_ffff_ffff_ffffn), `${name}Low`, 1),
  ];
  switch (type) {
    case "bool":
      return [constant("bool", String(value ?? false))];
    case "i32":
    case "i64":
    case "u8":
    case "u16":
    case "u32":
    case "u64":
      return [constant(type, integer(BigInt(value ?? 0), type))];
    case "string":
      return [constant("string", literal(String(value ?? "")))];
    case "ipv4":
      return [constant("u32", String(value === null ? 0 : parseIpv4(String(value))))];
    case "ipv4-cidr": {
      const parsed = value === null ? null : parseIpv4Cidr(String(value));
      return [
        constant("u32", String(parsed?.address ?? 0)),
        constant("u8", String(parsed?.prefix ?? 0), `${name}Prefix`, 1),
      ];
    }
    case "ipv6":
      return halves(value === null ? 0n : (parseIpv6(String(value)) ?? 0n));
    case "ipv6-cidr": {
      const parsed = value === null ? null : parseIpv6Cidr(String(value));
      return [
        ...halves(parsed?.address ?? 0n),
        constant("u8", String(parsed?.prefix ?? 0), `${name}Prefix`, 2),
      ];
    }
    case "file":
      return [constant("File", newFile(files[0] ?? { path: "", address: 0, length: 0, tag: "" }))];
    case "folder":
      return [
        constant("File[]", `[${files.map((file) => `\n  ${newFile(file)},`).join("")}\n]`),
        constant("string", literal(String(value ?? "")), `${name}Path`),
      ];
  }
}

function newFile({ path, address, length, tag }: SettingFile): string {
  return `new File(${literal(path)}, ${address}, ${length}, ${literal(tag)})`;
}

/** AssemblyScript reads `-x` as a negation of x, which i64's least value has none of. */
function integer(value: bigint, type: string): string {
  if (type === "i64" && value === -(2n ** 63n)) return "i64.MIN_VALUE";
  if (type === "i32" && value === -(2n ** 31n)) return "i32.MIN_VALUE";
  return String(value);
}

/** A string literal of pure ASCII, so that no line separator or lone surrogate stands in source. */
function literal(text: string): string {
  return JSON.stringify(text).replaceAll(
    /[^\x20-\x7e]/g,
    (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, "0")}`,
  );
}
