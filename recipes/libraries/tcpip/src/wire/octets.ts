/**
 * Reading and writing of memory in network byte order. The views of this folder check the length of what they are made
 * over once; from then on they read through these functions, without a check on each octet. All raw access of the
 * package to memory is here, in `checksum.ts` and in `window.ts`.
 */

/** Address of the first octet. Valid for as long as `bytes` is referenced: objects do not move. */
export function addressOf(bytes: Uint8Array): usize {
  return bytes.dataStart;
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

/** An Ethernet address, in the low 48 bits. */
export function get48(at: usize): u64 {
  return ((<u64>get16(at)) << 32) | get32(at + 2);
}

export function get64(at: usize): u64 {
  return bswap<u64>(load<u64>(at));
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

export function put64(at: usize, value: u64): void {
  store<u64>(at, bswap<u64>(value));
}

export function put48(at: usize, value: u64): void {
  put16(at, <u32>(value >> 32));
  put32(at + 2, <u32>value);
}

/** Copies octets; the two places may overlap. */
export function copy(to: usize, from: usize, length: i32): void {
  memory.copy(to, from, <usize>length);
}

/** Sets octets to zero. */
export function clear(at: usize, length: i32): void {
  memory.fill(at, 0, <usize>length);
}
