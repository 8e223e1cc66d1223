/**
 * One block of a tar archive in the POSIX.1-2017 ustar form (pax, "ustar Interchange Format"):
 *
 *     0    100  108  116  124   136    148     156  157    257    263 265                    345    500
 *     name mode uid  gid  size  mtime  chksum  type link   magic  ver user group major minor prefix
 *
 * Numbers are octal texts. The checksum is the sum of all bytes, its own taken as spaces.
 */

export const blockBytes = 512;

/** What a block says, its texts with everything that stands in their fields. */
export interface TarHeader {
  readonly name: string;
  readonly mode: number;
  readonly size: number;
  /** `0` file, `5` folder, `1` and `2` links, `x` pax header of the next entry, `g` of all. */
  readonly type: string;
  readonly linkName: string;
}

/** npm's time for every entry, 1985-10-26T08:15:00Z: some file systems know no earlier one than 1980. */
const fixedTime = 499162500;

export function writeHeader(name: Buffer, size: number, type: "0" | "x"): Buffer {
  const block = Buffer.alloc(blockBytes);
  const { prefix, rest } = splitName(name);
  rest.copy(block, 0);
  block.write("0000644\0", 100, "latin1");
  block.write("0000000\0", 108, "latin1");
  block.write("0000000\0", 116, "latin1");
  block.write(`${size.toString(8).padStart(11, "0")}\0`, 124, "latin1");
  block.write(`${fixedTime.toString(8).padStart(11, "0")}\0`, 136, "latin1");
  block.write("        ", 148, "latin1");
  block.write(type, 156, "latin1");
  block.write("ustar\u000000", 257, "latin1");
  prefix.copy(block, 345);
  block.write(`${checksumOf(block).toString(8).padStart(6, "0")}\0 `, 148, "latin1");
  return block;
}

/** True when the name cannot stand in a block: not ASCII, or too long for its two fields. */
export function needsPax(name: Buffer): boolean {
  return name.some((byte) => byte >= 0x80) || splitName(name).rest.length > 100;
}

function splitName(name: Buffer): { readonly prefix: Buffer; readonly rest: Buffer } {
  const whole = { prefix: Buffer.alloc(0), rest: name };
  if (name.length <= 100) return whole;
  // The first slash behind which the rest fits into its field.
  const slash = name.indexOf("/", name.length - 101);
  return slash > 0 && slash <= 155
    ? { prefix: name.subarray(0, slash), rest: name.subarray(slash + 1) }
    : whole;
}

/** Reads a block; a sentence when it is none. */
export function readHeader(block: Buffer): TarHeader | string {
  const magic = block.toString("latin1", 257, 263);
  if (magic !== "ustar\0" && magic !== "ustar ") return "is not in the ustar form";
  const sum = octal(block, 148, 8);
  if (sum === null || sum !== checksumOf(block)) return "has a header with a wrong checksum";
  const size = octal(block, 124, 12);
  const mode = octal(block, 100, 8);
  if (size === null || mode === null) return "has a header with a wrong number";
  // GNU tar has other things in the place of the prefix.
  const prefix = magic === "ustar\0" ? text(block, 345, 155) : "";
  const name = text(block, 0, 100);
  if (name === null || prefix === null) return "has a name with something behind its NUL";
  const linkName = text(block, 157, 100) ?? "?";
  const type = String.fromCharCode(block[156]!).replace("\0", "0");
  return { name: prefix === "" ? name : `${prefix}/${name}`, mode, size, type, linkName };
}

function checksumOf(block: Buffer): number {
  let sum = 8 * 0x20;
  for (let at = 0; at < blockBytes; at++) if (at < 148 || at >= 156) sum += block[at]!;
  return sum;
}

function octal(block: Buffer, offset: number, length: number): number | null {
  const field = block.toString("latin1", offset, offset + length);
  const digits = /^ *([0-7]*)[ \0]*$/.exec(field)?.[1];
  return digits === undefined ? null : digits === "" ? 0 : Number.parseInt(digits, 8);
}

/** A field's text up to its NUL; null when anything else than NULs follows that. */
function text(block: Buffer, offset: number, length: number): string | null {
  const field = block.subarray(offset, offset + length);
  const end = field.indexOf(0);
  if (end === -1) return field.toString("utf8");
  return field.subarray(end).every((byte) => byte === 0) ? field.toString("utf8", 0, end) : null;
}
