/** Names, pages 24 to 33: a short one of 8 and 3 letters, and for most a long one in entries before it. */

/** Bytes of a directory entry. */
export const ENTRY: i32 = 32;

/** Whether a long name can be: 1 to 255 characters, none of which means something else. */
export function isName(name: string): bool {
  if (name.length == 0 || name.length > 255) return false;
  for (let place = 0; place < name.length; place++) {
    const letter = name.charCodeAt(place);
    if (letter < 0x20 || FORBIDDEN.includes(name.charAt(place))) return false;
    // Halves of a character alone.
    const isHigh = (letter & 0xfc00) == 0xd800;
    const isLow = (letter & 0xfc00) == 0xdc00;
    if (isHigh && (place + 1 == name.length || (name.charCodeAt(place + 1) & 0xfc00) != 0xdc00)) {
      return false;
    }
    if (isLow && (place == 0 || (name.charCodeAt(place - 1) & 0xfc00) != 0xd800)) return false;
  }
  const last = name.charCodeAt(name.length - 1);
  return last != 0x2e && last != 0x20;
}

/** Whether two names are one: the case of ASCII letters does not count. */
export function isSameName(a: string, b: string): bool {
  if (a.length != b.length) return false;
  for (let place = 0; place < a.length; place++) {
    if (upper(a.charCodeAt(place)) != upper(b.charCodeAt(place))) return false;
  }
  return true;
}

/** The text of a short name, with the lower case that byte 12 asks for, as Windows NT and Linux have it. */
export function shortText(bytes: Uint8Array, start: i32): string {
  const marks = bytes[start + 12];
  const base = shortPart(bytes, start, 8, (marks & 0x08) != 0);
  const extension = shortPart(bytes, start + 8, 3, (marks & 0x10) != 0);
  return extension.length > 0 ? `${base}.${extension}` : base;
}

/** Whether a name can be stored as a short one alone. */
export function isShort(name: string): bool {
  const dot = name.indexOf(".");
  const base = dot < 0 ? name : name.slice(0, dot);
  const extension = dot < 0 ? "" : name.slice(dot + 1);
  if (base.length == 0 || base.length > 8 || extension.length > 3) return false;
  if (dot >= 0 && extension.length == 0) return false;
  return isShortPart(base) && isShortPart(extension);
}

/** The 11 bytes of a name that `isShort`. */
export function shortBytes(name: string): Uint8Array {
  const bytes = new Uint8Array(11).fill(0x20);
  const dot = name.indexOf(".");
  const base = dot < 0 ? name : name.slice(0, dot);
  for (let place = 0; place < base.length; place++) bytes[place] = <u8>base.charCodeAt(place);
  for (let place = dot + 1; dot >= 0 && place < name.length; place++) {
    bytes[8 + place - dot - 1] = <u8>name.charCodeAt(place);
  }
  return bytes;
}

/** The short name for a long one with a number, `LONGNA~1.TXT`, pages 30 and 31. */
export function numberedBytes(name: string, number: i32): Uint8Array {
  const tail = `~${number}`;
  const dot = name.lastIndexOf(".");
  const base = shortLetters(dot > 0 ? name.slice(0, dot) : name, 8 - tail.length);
  const extension = shortLetters(dot > 0 ? name.slice(dot + 1) : "", 3);
  return shortBytes(extension.length > 0 ? `${base}${tail}.${extension}` : `${base}${tail}`);
}

/** What entries of a long name keep of their short one, page 32. */
export function checksum(bytes: Uint8Array, start: i32): u8 {
  let sum: u8 = 0;
  for (let place = 0; place < 11; place++) {
    sum = <u8>(((sum & 1) << 7) + (sum >> 1) + bytes[start + place]);
  }
  return sum;
}

/** Entries that a long name takes, 13 characters each. */
export function longEntries(name: string): i32 {
  return (name.length + 12) / 13;
}

/** Writes entry `order` (1 for the first 13 characters) of a long name. */
export function writeLong(bytes: Uint8Array, start: i32, name: string, order: i32, sum: u8): void {
  const isLast = order == longEntries(name);
  bytes.fill(0, start, start + ENTRY);
  bytes[start] = <u8>(isLast ? order | LAST_LONG : order);
  bytes[start + 11] = LONG_NAME;
  bytes[start + 13] = sum;
  for (let place = 0; place < 13; place++) {
    const from = (order - 1) * 13 + place;
    // One 0 after the end, then all ones.
    const letter = from < name.length ? name.charCodeAt(from) : from == name.length ? 0 : 0xffff;
    const at = start + letterPlace(place);
    bytes[at] = <u8>letter;
    bytes[at + 1] = <u8>(letter >> 8);
  }
}

/** The characters of one entry of a long name. */
export function longPart(bytes: Uint8Array, start: i32): string {
  let text = "";
  for (let place = 0; place < 13; place++) {
    const at = start + letterPlace(place);
    const letter = <i32>bytes[at] | ((<i32>bytes[at + 1]) << 8);
    if (letter == 0) break;
    text += String.fromCharCode(letter);
  }
  return text;
}

/** The attribute byte of entries of long names, and the mark of the one with the name's end. */
export const LONG_NAME: u8 = 0x0f;
export const LAST_LONG: u8 = 0x40;

const FORBIDDEN: string = '"*/:<>?\\|\x7f';
const SHORT_SIGNS: string = "$%'-_@~`!(){}^#&";

/** Code page 437 from 128 on, in which short names of other systems usually are. */
const HIGH: string =
  "ÇüéâäàåçêëèïîìÄÅÉæÆôöòûùÿÖÜ¢£¥₧ƒáíóúñÑªº¿⌐¬½¼¡«»░▒▓│┤╡╢╖╕╣║╗╝╜╛┐└┴┬├─┼╞╟╚╔╩╦╠═╬╧╨╤╥╙╘╒╓╫╪┘┌█▄▌▐▀αßΓπΣσµτΦΘΩδ∞φε∩≡±≥≤⌠⌡÷≈°∙·√ⁿ²■\u00a0";

function letterPlace(place: i32): i32 {
  if (place < 5) return 1 + 2 * place;
  return place < 11 ? 14 + 2 * (place - 5) : 28 + 2 * (place - 11);
}

function upper(letter: i32): i32 {
  return letter >= 0x61 && letter <= 0x7a ? letter - 32 : letter;
}

function shortPart(bytes: Uint8Array, start: i32, length: i32, isLower: bool): string {
  let end = start + length;
  while (end > start && bytes[end - 1] == 0x20) end--;
  let text = "";
  for (let place = start; place < end; place++) {
    let letter = <i32>bytes[place];
    // Page 24: the first byte 0xe5 would say that the entry is free.
    if (place == start && letter == 0x05) letter = 0xe5;
    if (isLower && letter >= 0x41 && letter <= 0x5a) letter += 32;
    text += letter < 128 ? String.fromCharCode(letter) : HIGH.charAt(letter - 128);
  }
  return text;
}

function isShortPart(part: string): bool {
  for (let place = 0; place < part.length; place++) {
    if (!isShortLetter(part.charCodeAt(place), part.charAt(place))) return false;
  }
  return true;
}

function isShortLetter(letter: i32, text: string): bool {
  if (letter >= 0x30 && letter <= 0x39) return true;
  return (letter >= 0x41 && letter <= 0x5a) || SHORT_SIGNS.includes(text);
}

/** The first letters of a part of a long name, as a short one can have them. */
function shortLetters(part: string, most: i32): string {
  let text = "";
  for (let place = 0; place < part.length && text.length < most; place++) {
    const letter = upper(part.charCodeAt(place));
    if (letter == 0x20 || letter == 0x2e) continue;
    const sign = String.fromCharCode(letter);
    text += isShortLetter(letter, sign) ? sign : "_";
  }
  return text;
}
