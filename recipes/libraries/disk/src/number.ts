/** Numbers as disks have them: little endian, at any place of their sectors. */

export function get16(bytes: Uint8Array, place: i32): u32 {
  return load<u16>(addressOf(bytes, place, 2));
}

export function get32(bytes: Uint8Array, place: i32): u32 {
  return load<u32>(addressOf(bytes, place, 4));
}

export function get64(bytes: Uint8Array, place: i32): u64 {
  return load<u64>(addressOf(bytes, place, 8));
}

export function put16(bytes: Uint8Array, place: i32, value: u32): void {
  store<u16>(addressOf(bytes, place, 2), <u16>value);
}

export function put32(bytes: Uint8Array, place: i32, value: u32): void {
  store<u32>(addressOf(bytes, place, 4), value);
}

export function put64(bytes: Uint8Array, place: i32, value: u64): void {
  store<u64>(addressOf(bytes, place, 8), value);
}

/** Checked once for the whole number. */
function addressOf(bytes: Uint8Array, place: i32, size: i32): usize {
  if (place < 0 || place > bytes.length - size) throw new RangeError("no number there");
  return bytes.dataStart + <usize>place;
}
