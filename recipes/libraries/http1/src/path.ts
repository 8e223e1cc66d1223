import { headerBytes } from "config";
import { DOT, hexValue, PERCENT, SLASH, textOf } from "./ascii";

/**
 * The path of a target with escapes decoded and dot segments removed (RFC 3986, 2.4 and 5.2.4; decoded first, so
 * that `%2e` counts as a dot); empty when it is not valid UTF-8, has a broken escape or climbs above the root.
 */
export function decodePath(bytes: Uint8Array, start: i32, end: i32): string {
  if (start == end) return "/";
  let length = 0;
  let position = start;
  while (position < end) {
    let octet = bytes[position++];
    if (octet == PERCENT) {
      if (position + 2 > end) return "";
      const high = hexValue(bytes[position]);
      const low = hexValue(bytes[position + 1]);
      if (high < 0 || low < 0) return "";
      octet = <u8>((high << 4) | low);
      position += 2;
    }
    if (octet == SLASH) {
      length = closeSegment(length);
      if (length < 0) return "";
    }
    decoded[length++] = octet;
  }
  const kept = closeSegment(length);
  if (kept < 0) return "";
  // A dot segment at the end leaves the folder that it names.
  if (kept < length) decoded[kept] = SLASH;
  length = kept < length ? kept + 1 : length;
  return isUtf8(length) ? textOf(decoded, 0, length) : "";
}

/** Where decoded octets are put; a path is never longer than the head that it stands in. */
const decoded: Uint8Array = new Uint8Array(headerBytes + 1);

/** Length without the last segment if that is a dot segment; -1 when it climbs above the root. */
function closeSegment(length: i32): i32 {
  if (length < 2 || decoded[length - 1] != DOT) return length;
  if (decoded[length - 2] == SLASH) return length - 2;
  if (length < 3 || decoded[length - 2] != DOT || decoded[length - 3] != SLASH) return length;
  if (length == 3) return -1;
  let parent = length - 4;
  while (decoded[parent] != SLASH) parent--;
  return parent;
}

/** RFC 3629, 4: no overlong forms, no surrogates, nothing above U+10FFFF. */
function isUtf8(length: i32): bool {
  let position = 0;
  while (position < length) {
    const first = decoded[position++];
    if (first < 0x80) continue;
    if (first < 0xc2 || first > 0xf4) return false;
    const follow = first < 0xe0 ? 1 : first < 0xf0 ? 2 : 3;
    if (position + follow > length) return false;
    const second = decoded[position];
    if (first == 0xe0 && second < 0xa0) return false;
    if (first == 0xed && second > 0x9f) return false;
    if (first == 0xf0 && second < 0x90) return false;
    if (first == 0xf4 && second > 0x8f) return false;
    for (let index = 0; index < follow; index++) {
      if ((decoded[position++] & 0xc0) != 0x80) return false;
    }
  }
  return true;
}
