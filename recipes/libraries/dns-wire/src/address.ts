/** Addresses as text. */

/** The octets of an IPv4 or IPv6 address: 4 or 16; null when it is none. */
export function addressFromText(text: string): Uint8Array | null {
  return text.includes(":") ? ipv6FromText(text) : ipv4FromText(text);
}

/** The four octets of an address; null when it is none. */
export function ipv4FromText(text: string): Uint8Array | null {
  const parts = text.split(".");
  if (parts.length != 4) return null;
  const octets = new Uint8Array(4);
  for (let index = 0; index < 4; index++) {
    const octet = octetOf(parts[index]);
    if (octet < 0) return null;
    octets[index] = <u8>octet;
  }
  return octets;
}

/** The sixteen octets of an address (RFC 4291, 2.2); null when it is none. */
export function ipv6FromText(text: string): Uint8Array | null {
  const octets = new Uint8Array(16);
  const gap = text.indexOf("::");
  if (gap < 0) return groups(text, octets, 0) == 16 ? octets : null;
  const front = text.slice(0, gap);
  const back = text.slice(gap + 2);
  const before = front.length == 0 ? 0 : groups(front, octets, 0);
  const tail = new Uint8Array(16);
  const after = back.length == 0 ? 0 : groups(back, tail, 0);
  // The gap stands for one group at least.
  if (before < 0 || after < 0 || before + after > 14) return null;
  for (let index = 0; index < after; index++) octets[16 - after + index] = tail[index];
  return octets;
}

/** Octets of groups separated by `:`, the last one perhaps an IPv4 address; -1 when they are none. */
function groups(text: string, to: Uint8Array, start: i32): i32 {
  const parts = text.split(":");
  let end = start;
  for (let index = 0; index < parts.length; index++) {
    const part = parts[index];
    if (index == parts.length - 1 && part.includes(".")) {
      const address = ipv4FromText(part);
      if (address === null || end > 12) return -1;
      for (let octet = 0; octet < 4; octet++) to[end++] = address[octet];
      return end;
    }
    if (part.length == 0 || part.length > 4 || end > 14) return -1;
    let group = 0;
    for (let digit = 0; digit < part.length; digit++) {
      const value = hexDigit(part.charCodeAt(digit));
      if (value < 0) return -1;
      group = (group << 4) | value;
    }
    to[end++] = <u8>(group >> 8);
    to[end++] = <u8>group;
  }
  return end;
}

/** A decimal number up to 255; -1 when it is none. RFC 6943, 3.1.1: a leading zero means octal to some. */
function octetOf(text: string): i32 {
  if (text.length == 0 || text.length > 3 || (text.length > 1 && text.charCodeAt(0) == 0x30))
    return -1;
  let value = 0;
  for (let index = 0; index < text.length; index++) {
    const unit = text.charCodeAt(index);
    if (unit < 0x30 || unit > 0x39) return -1;
    value = value * 10 + (unit - 0x30);
  }
  return value <= 255 ? value : -1;
}

function hexDigit(unit: i32): i32 {
  if (unit >= 0x30 && unit <= 0x39) return unit - 0x30;
  const letter = unit | 0x20;
  return letter >= 0x61 && letter <= 0x66 ? letter - 0x61 + 10 : -1;
}
