/**
 * Reading and writing of memory in network byte order. The views of this package check the length of what they are made
 * over; from then on they read through these functions, without a check on each octet. All raw access of the package to
 * memory is here.
 */

/** Address of the first octet. Valid for as long as `bytes` is referenced: objects do not move. */
export function addressOf(bytes: Uint8Array): usize {
  return bytes.dataStart;
}

/** Makes `view`, one without memory of its own, show `length` octets at `at`. They must stay for as long as it is used. */
export function setView(view: Uint8Array, at: usize, length: i32): void {
  store<usize>(changetype<usize>(view), at, offsetof<Uint8Array>("dataStart"));
  store<i32>(changetype<usize>(view), length, offsetof<Uint8Array>("byteLength"));
}

export function get8(at: usize): u32 {
  return load<u8>(at);
}

export function get16(at: usize): u32 {
  return bswap<u16>(load<u16>(at));
}

export function get32(at: usize): u32 {
  return bswap<u32>(load<u32>(at));
}

export function put8(at: usize, value: u32): void {
  store<u8>(at, <u8>value);
}

export function put16(at: usize, value: u32): void {
  store<u16>(at, bswap<u16>(<u16>value));
}

export function put32(at: usize, value: u32): void {
  store<u32>(at, bswap<u32>(value));
}

/** Copies octets; the two places may overlap. */
export function copy(to: usize, from: usize, length: i32): void {
  memory.copy(to, from, <usize>length);
}

/** Sets octets to zero. */
export function clear(at: usize, length: i32): void {
  memory.fill(at, 0, <usize>length);
}
