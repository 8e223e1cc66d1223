/**
 * Names (RFC 1035, 3.1 and 4.1.4): labels of a length octet and as many octets, ended by the empty label of the root.
 *
 *     3 w w w 7 e x a m p l e 3 o r g 0
 *
 * In a message the rest of a name may be a pointer to an earlier place. Case is kept, and means nothing (RFC 4343).
 */
import { copy, get8, put8 } from "./octets";

/** Most octets of a name, the root's included (RFC 1035, 2.3.4). */
export const NAME_LIMIT: i32 = 255;

/** Most octets of a label (RFC 1035, 2.3.4). */
export const LABEL_LIMIT: i32 = 63;

/** A name that was read from a message. */
export class NameView {
  /** Octets of the name, written out. */
  length: i32 = 0;
  /** Where the message goes on after the name. */
  after: usize = 0;
  /** Whether it had a pointer. */
  compressed: bool = false;

  /**
   * Reads the name at `at` of the message from `message` to `end`, and writes it out at `to`, where there is room for
   * `NAME_LIMIT` octets. False when it is not whole, too long, or points anywhere but to an earlier place.
   */
  read(message: usize, at: usize, end: usize, to: usize): bool {
    let position = at;
    // RFC 1035, 4.1.4: a pointer is to a prior occurrence. Each must lead before all that was read, so that there are no loops.
    let bound = at;
    let length = 0;
    this.compressed = false;
    while (position < end) {
      const octet = <i32>get8(position);
      if (octet == 0) {
        if (!this.compressed) this.after = position + 1;
        put8(to + length, 0);
        this.length = length + 1;
        return true;
      }
      if (octet <= LABEL_LIMIT) {
        if (length + octet + 2 > NAME_LIMIT) return false;
        if (position + 1 + octet >= end) return false;
        copy(to + length, position, octet + 1);
        length += octet + 1;
        position += octet + 1;
        continue;
      }
      // RFC 6891, 5: the other two kinds of label are not in use.
      if (octet < 0xc0 || position + 1 >= end) return false;
      const target = message + (((octet & 0x3f) << 8) | <i32>get8(position + 1));
      if (target >= bound) return false;
      if (!this.compressed) this.after = position + 2;
      this.compressed = true;
      bound = target;
      position = target;
    }
    return false;
  }
}

/** Octets of a name in wire form that is known to be well-formed and not compressed. */
export function nameLength(at: usize): i32 {
  let length = 0;
  for (let octet = get8(at); octet != 0; octet = get8(at + length)) length += <i32>octet + 1;
  return length + 1;
}

/** RFC 4343, 3: only the letters of ASCII have a case. Lengths of labels are below all letters. */
export function lowerCase(octet: u32): u32 {
  return octet - 0x41 < 26 ? octet | 0x20 : octet;
}

/** Whether two names in wire form, neither compressed, are the same in any case. */
export function sameName(a: usize, b: usize): bool {
  const length = nameLength(a);
  for (let index = 0; index < length; index++) {
    if (lowerCase(get8(a + index)) != lowerCase(get8(b + index))) return false;
  }
  return true;
}

/**
 * A name of text in wire form: `www.example.org`, with or without a final dot; `.` is the root. `\.` and `\DDD` stand
 * for octets (RFC 1035, 5.1). Null when it is no name.
 */
export function nameFromText(text: string): Uint8Array | null {
  if (text.length == 0) return null;
  const octets = new Uint8Array(NAME_LIMIT);
  if (text == ".") return octets.slice(0, 1);
  let start = 0;
  let end = 1;
  let index = 0;
  while (index < text.length) {
    let unit = text.charCodeAt(index++);
    if (unit == DOT) {
      if (end - start < 2) return null;
      octets[start] = <u8>(end - start - 1);
      start = end++;
      if (index == text.length) break;
      continue;
    }
    if (unit == BACKSLASH) {
      if (index == text.length) return null;
      unit = text.charCodeAt(index++);
      if (isDigit(unit)) {
        if (index + 2 > text.length) return null;
        const second = text.charCodeAt(index++);
        const third = text.charCodeAt(index++);
        if (!isDigit(second) || !isDigit(third)) return null;
        unit = (unit - 48) * 100 + (second - 48) * 10 + (third - 48);
        if (unit > 255) return null;
      } else if (unit > 0x7e) {
        return null;
      }
    } else if (unit < 0x21 || unit > 0x7e) {
      return null;
    }
    // Room for this octet and the root's.
    if (end - start > LABEL_LIMIT || end >= NAME_LIMIT - 1) return null;
    octets[end++] = <u8>unit;
  }
  if (end - start > 1) {
    octets[start] = <u8>(end - start - 1);
    start = end++;
  }
  octets[start] = 0;
  return octets.slice(0, end);
}

/** A name in wire form as text with a final dot; octets that would be taken for something else are escaped. */
export function nameToText(name: Uint8Array): string {
  if (name.length < 2) return ".";
  let text = "";
  let index = 0;
  while (index < name.length && name[index] != 0) {
    const end = index + 1 + name[index];
    for (index++; index < end; index++) text += octetToText(name[index]);
    text += ".";
  }
  return text;
}

function octetToText(octet: u8): string {
  if (octet < 0x21 || octet > 0x7e) return `\\${octet.toString().padStart(3, "0")}`;
  const character = String.fromCharCode(octet);
  return SPECIAL.includes(character) ? `\\${character}` : character;
}

/** What means something in a zone file (RFC 1035, 5.1). */
const SPECIAL: string = '.\\"();@$';
const DOT: i32 = 0x2e;
const BACKSLASH: i32 = 0x5c;

function isDigit(unit: i32): bool {
  return unit >= 0x30 && unit <= 0x39;
}
