/** Values as zone files write them. */

/** Seconds of a text such as `3600` or `1h30m` (weeks, days, hours, minutes, seconds); -1 when it is none, or beyond 2^31 - 1 (RFC 2181, 8). */
export function seconds(text: string): i64 {
  if (text.length == 0) return -1;
  let total: i64 = 0;
  let number: i64 = -1;
  let units = 0;
  for (let index = 0; index < text.length; index++) {
    const unit = text.charCodeAt(index);
    if (unit >= 0x30 && unit <= 0x39) {
      number = max<i64>(number, 0) * 10 + (unit - 0x30);
    } else {
      const factor = unitOf(unit | 0x20);
      if (factor == 0 || number < 0) return -1;
      total += number * factor;
      number = -1;
      units++;
    }
    if (number > i32.MAX_VALUE || total > i32.MAX_VALUE) return -1;
  }
  // A number without a unit behind others would be read in two ways.
  if (number >= 0 && units > 0) return -1;
  total += max<i64>(number, 0);
  return total <= i32.MAX_VALUE ? total : -1;
}

function unitOf(letter: i32): i64 {
  switch (letter) {
    case 0x77: // w
      return 604800;
    case 0x64: // d
      return 86400;
    case 0x68: // h
      return 3600;
    case 0x6d: // m
      return 60;
    case 0x73: // s
      return 1;
    default:
      return 0;
  }
}

/** A decimal number up to `most`; -1 when it is none. */
export function number(text: string, most: i64): i64 {
  if (text.length == 0 || text.length > 10) return -1;
  let value: i64 = 0;
  for (let index = 0; index < text.length; index++) {
    const unit = text.charCodeAt(index);
    if (unit < 0x30 || unit > 0x39) return -1;
    value = value * 10 + (unit - 0x30);
  }
  return value <= most ? value : -1;
}

/** Octets of a text in hexadecimal; null when it is none. */
export function hex(text: string): Uint8Array | null {
  if (text.length % 2 != 0) return null;
  const octets = new Uint8Array(text.length >> 1);
  for (let index = 0; index < octets.length; index++) {
    const high = hexDigit(text.charCodeAt(2 * index));
    const low = hexDigit(text.charCodeAt(2 * index + 1));
    if (high < 0 || low < 0) return null;
    octets[index] = <u8>((high << 4) | low);
  }
  return octets;
}

/** Octets of a text in Base64 (RFC 4648, 4), padded; null when it is none. */
export function base64(text: string): Uint8Array | null {
  if (text.length % 4 != 0) return null;
  let padding = 0;
  while (padding < 2 && text.length > padding && text.charCodeAt(text.length - 1 - padding) == 0x3d)
    padding++;
  const octets = new Uint8Array((text.length >> 2) * 3 - padding);
  let end = 0;
  let bits: u32 = 0;
  for (let index = 0; index < text.length - padding; index++) {
    const value = digit64(text.charCodeAt(index));
    if (value < 0) return null;
    bits = (bits << 6) | <u32>value;
    if ((index & 3) != 0 && end < octets.length)
      octets[end++] = <u8>(bits >> (6 - 2 * (index & 3)));
  }
  return octets;
}

function digit64(unit: i32): i32 {
  if (unit >= 0x41 && unit <= 0x5a) return unit - 0x41;
  if (unit >= 0x61 && unit <= 0x7a) return unit - 0x61 + 26;
  if (unit >= 0x30 && unit <= 0x39) return unit - 0x30 + 52;
  if (unit == 0x2b) return 62;
  return unit == 0x2f ? 63 : -1;
}

function hexDigit(unit: i32): i32 {
  if (unit >= 0x30 && unit <= 0x39) return unit - 0x30;
  const letter = unit | 0x20;
  return letter >= 0x61 && letter <= 0x66 ? letter - 0x61 + 10 : -1;
}

/** A text (RFC 1035, 5.1) with its escapes undone; null when one is broken. */
export function characters(text: string): Uint8Array | null {
  const octets = new Uint8Array(text.length);
  let end = 0;
  for (let index = 0; index < text.length; index++) {
    let unit = text.charCodeAt(index);
    if (unit == 0x5c) {
      index++;
      if (index >= text.length) return null;
      unit = text.charCodeAt(index);
      if (unit >= 0x30 && unit <= 0x39) {
        const code = index + 3 <= text.length ? number(text.slice(index, index + 3), 255) : -1;
        if (code < 0) return null;
        unit = <i32>code;
        index += 2;
      }
    }
    octets[end++] = <u8>unit;
  }
  return octets.slice(0, end);
}
