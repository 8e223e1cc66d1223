// @often
// Octets of ASCII, as messages are made of.
export const HTAB: u8 = 0x09;
export const LF: u8 = 0x0a;
export const CR: u8 = 0x0d;
export const SP: u8 = 0x20;
export const QUOTE: u8 = 0x22;
export const HASH: u8 = 0x23;
export const PERCENT: u8 = 0x25;
export const ASTERISK: u8 = 0x2a;
export const COMMA: u8 = 0x2c;
export const DOT: u8 = 0x2e;
export const SLASH: u8 = 0x2f;
export const ZERO: u8 = 0x30;
export const COLON: u8 = 0x3a;
export const SEMICOLON: u8 = 0x3b;
export const QUESTION: u8 = 0x3f;

/** Kind of octet: `tchar` (RFC 9110, 5.6.2). */
export const TOKEN: u8 = 1;

/** Kind: what a field value may hold: HTAB, SP, VCHAR, obs-text (RFC 9110, 5.5). */
export const TEXT: u8 = 2;

/** Kind: what `uri-host [":" port]` may hold (RFC 3986, 3.2.2). */
export const HOST: u8 = 4;

/** Kind: VCHAR (RFC 5234, B.1). */
export const VISIBLE: u8 = 8;

/** Whether an octet is of a kind; it may be of several. */
export function isOf(octet: u8, kind: u8): bool {
  // The table has a place for every octet.
  return (unchecked(kinds[octet]) & kind) != 0;
}

/** Whether `bytes` from `start` to `end` are `text`, which is in lower case, in any case. */
export function equalsIgnoringCase(bytes: Uint8Array, start: i32, end: i32, text: string): bool {
  if (end - start != text.length) return false;
  for (let index = 0; index < text.length; index++) {
    if (lowerCase(bytes[start + index]) != <u8>text.charCodeAt(index)) return false;
  }
  return true;
}

/** Whether `bytes` from `start` to `end` are `text`. */
export function equals(bytes: Uint8Array, start: i32, end: i32, text: string): bool {
  if (end - start != text.length) return false;
  for (let index = 0; index < text.length; index++) {
    if (bytes[start + index] != <u8>text.charCodeAt(index)) return false;
  }
  return true;
}

export function lowerCase(octet: u8): u8 {
  return octet >= 0x41 && octet <= 0x5a ? octet | 0x20 : octet;
}

export function isDigit(octet: u8): bool {
  return octet >= ZERO && octet <= 0x39;
}

/** Value of a hexadecimal digit, -1 for another octet. */
export function hexValue(octet: u8): i32 {
  if (isDigit(octet)) return octet - ZERO;
  const letter = lowerCase(octet);
  return letter >= 0x61 && letter <= 0x66 ? letter - 0x61 + 10 : -1;
}

/** Start of what follows optional white space. */
export function skipSpace(bytes: Uint8Array, start: i32, end: i32): i32 {
  let position = start;
  while (position < end && isSpace(bytes[position])) position++;
  return position;
}

/** End of what optional white space follows. */
export function trimSpace(bytes: Uint8Array, start: i32, end: i32): i32 {
  let position = end;
  while (position > start && isSpace(bytes[position - 1])) position--;
  return position;
}

/** Text of octets, as UTF-8; what is not becomes U+FFFD. */
export function textOf(bytes: Uint8Array, start: i32, end: i32): string {
  return start == end ? "" : String.UTF8.decode(bytes.slice(start, end).buffer);
}

function isSpace(octet: u8): bool {
  return octet == SP || octet == HTAB;
}

/** Kinds by octet. */
const kinds: StaticArray<u8> = makeKinds();

function makeKinds(): StaticArray<u8> {
  const table = new StaticArray<u8>(256);
  for (let octet = 0; octet < 256; octet++) {
    const isVisible = octet > 0x20 && octet < 0x7f;
    const isLetter = (octet | 0x20) >= 0x61 && (octet | 0x20) <= 0x7a && octet < 0x80;
    const isAlphanumeric = isLetter || isDigit(<u8>octet);
    const character = String.fromCharCode(octet);
    let kind: u8 = 0;
    if (isVisible) kind |= VISIBLE;
    if (isVisible || octet == HTAB || octet == 0x20 || octet >= 0x80) kind |= TEXT;
    if (isAlphanumeric || "!#$%&'*+-.^_`|~".includes(character)) kind |= TOKEN;
    if (isAlphanumeric || "-._~!$&'()*+,;=%:[]".includes(character)) kind |= HOST;
    table[octet] = kind;
  }
  return table;
}
